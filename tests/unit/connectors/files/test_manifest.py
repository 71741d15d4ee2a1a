import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.connectors.files.manifest import Manifest, load_manifest, parse_manifest, write_manifest_text
from andon.errors import ConfigError

WHOLE = """
version: 1
title: Checkout is slow
timezone: Europe/Berlin
symptom: p99 above 800 ms
incident: {from: 2026-06-19 12:25:00, to: "2026-06-19T11:00:00Z"}
baseline: {from: 2026-06-19T09:00:00Z, to: 2026-06-19T10:00:00Z}
files:
  - {path: metrics.csv, signal: metrics, format: csv-long, columns: {time: when}, unit: ms}
  - {path: app.log, signal: logs, format: text, timezone: "+02:00", service: pay}
ignore: [README.md]
"""


def test_a_whole_manifest():
    manifest = parse_manifest(WHOLE.encode(), "incident.yaml")
    assert manifest.window_of("incident").start == 1_781_864_700
    assert manifest.window_of("incident").seconds == 35 * 60
    assert manifest.files[1].service == "pay"
    assert parse_manifest(write_manifest_text(manifest).encode(), "again") == manifest


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("- 1", "holds no mapping", "version: 1"),
        ("a: [", "not valid YAML", ""),
        ("version: 2", "version: ", "version: 1"),
        ("colour: red", "colour: ", "known keys: version, title"),
        ("timezone: Mars/Olympus", "timezone: unknown time zone 'Mars/Olympus'", ""),
        ("files: [{path: a, signal: smells, format: csv}]", "files.0.signal: ", "metrics, logs, traces"),
        (
            "files: [{path: a, signal: logs, format: parquet}]",
            "format 'parquet' is unknown for logs: one of jsonl, csv",
            "",
        ),
        ("files: [{signal: logs, format: csv}]", "files.0.path: ", "add this key"),
        (
            "files: [{path: a, signal: logs, format: csv, columns: {metric: x}}]",
            "columns metric mean nothing to csv: one of time",
            "",
        ),
        ("incident: {from: soon, to: later}", "incident: 'soon' is not a time", ""),
        ("incident: {from: 2026-06-19, to: 2026-06-18}", "ends", ""),
        ("incident: {from: 2026-06-19}", "incident.to: ", "add this key"),
    ],
)
def test_mistakes_name_the_key_and_a_way_out(text, message, hint):
    with pytest.raises(ConfigError) as caught:
        parse_manifest(text.encode(), "x/incident.yaml")
    assert caught.value.message.startswith("x/incident.yaml")
    assert message in caught.value.message
    assert hint in caught.value.hint


def test_a_missing_file(tmp_path):
    with pytest.raises(ConfigError, match="cannot be read"):
        load_manifest(tmp_path / "incident.yaml")


@given(st.binary() | st.text().map(str.encode))
def test_any_bytes_give_a_manifest_or_a_config_error(content):
    try:
        assert isinstance(parse_manifest(content, "x"), Manifest)
    except ConfigError:
        return
