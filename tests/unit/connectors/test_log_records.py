"""A line means the same from a log store as from a file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.connectors.files import FilesSource
from andon.connectors.log_records import DROPPED, LONGEST_TEXT, bounded, log_record
from andon.telemetry import ERROR, FATAL, INFO, WARN, Window

TIME = 1_781_864_400.0  # 2026-06-19T10:20:00Z
TEXT_LINES = [
    "2026-06-19T10:20:00.000Z ERROR [pool-1] connection refused",
    "2026-06-19 10:20:00,000 WARN slow answer",
    "2026-06-19T10:20:00Z level=info msg=started",
    "Jun 19 10:20:00 host7 sshd[311]: Failed password for root",
    '10.0.0.1 - - [19/Jun/2026:10:20:00 +0000] "GET / HTTP/1.1" 503 12',
    "1781864400 E0619 something broke",
]
JSON_LINES = [
    '{"time":"2026-06-19T10:20:00Z","level":"error","msg":"no door","service":"bff","trace_id":"4bf92f35"}',
    '{"ts":1781864400,"severity":"WARNING","message":"slow","user":"u-1"}',
    '{"@timestamp":"2026-06-19T10:20:00Z","log.level":"INFO","message":"ok","service.name":"pay"}',
    '{"time":"2026-06-19T10:20:00Z","level":50,"msg":"pino says error"}',
]


@pytest.mark.parametrize("line", [*TEXT_LINES, *JSON_LINES])
def test_a_line_means_the_same_as_in_a_file(line: str, tmp_path: Path) -> None:
    name = "app.jsonl" if line in JSON_LINES else "app.log"
    (tmp_path / name).write_text(f"{line}\n", encoding="utf-8")
    (of_file,) = FilesSource.open(tmp_path).logs(Window(TIME - 1, TIME + 1)).value
    found = log_record(TIME, line, {})
    assert (found.body, found.severity, found.trace_id) == (
        of_file.body,
        of_file.severity,
        of_file.trace_id,
    )
    assert found.service in ("", of_file.service)
    assert dict(found.attributes) == dict(of_file.attributes)


@pytest.mark.parametrize(
    ("fields", "line", "severity"),
    [
        ({"detected_level": "warn"}, "all is well", WARN),
        ({"level": "error", "detected_level": "info"}, "x", ERROR),
        ({"severity_text": "Fatal"}, "x", FATAL),
        ({"severity_number": "18"}, "x", 18),
        ({"detected_level": "unknown"}, "level=error msg=x", ERROR),
        ({}, '{"level":"warn","msg":"x"}', WARN),
        ({}, "INFO started", INFO),
        ({}, "nothing said", 0),
    ],
)
def test_the_level_is_found_where_it_is_said(fields: dict[str, str], line: str, severity: int) -> None:
    assert log_record(TIME, line, fields).severity == severity


def test_what_the_store_states_goes_before_all_else() -> None:
    found = log_record(TIME, "ERROR x", {"level": "warn", "app": "a"}, severity=INFO, service="b")
    assert (found.severity, found.service) == (INFO, "b")


def test_labels_name_the_service_before_the_line_does() -> None:
    line = '{"msg":"x","service":"inner"}'
    assert log_record(TIME, line, {"app": "outer"}).service == "outer"
    assert log_record(TIME, line, {"service_name": "unknown_service"}).service == "inner"


def test_a_trace_id_is_taken_from_metadata_or_from_the_text() -> None:
    number = "4bf92f3577b34da6a3ce929d0e0e4736"
    assert log_record(TIME, "x", {"trace_id": number}).trace_id == number
    assert log_record(TIME, f"level=info traceID={number} msg=x", {}).trace_id == number
    assert log_record(TIME, f'trace_id="{number}" done', {}).trace_id == number


def test_a_time_that_is_not_the_records_stays_in_the_text() -> None:
    assert log_record(TIME, "1234567890 items sold", {}).body == "1234567890 items sold"


def test_attributes_are_bounded_and_what_was_left_out_is_counted() -> None:
    found = bounded({f"k{i}": "v" for i in range(100)}, {"long": "x" * 5000})
    assert found[DROPPED] == 101 - (len(found) - 1)
    assert len(str(found["long"])) < 1100


def test_a_long_line_is_cut() -> None:
    assert len(log_record(TIME, "x" * (LONGEST_TEXT + 9), {}).body) == LONGEST_TEXT


@settings(deadline=None)
@given(
    st.text() | st.dictionaries(st.text(), st.none() | st.text() | st.integers()).map(repr),
    st.dictionaries(st.sampled_from(["level", "app", "trace_id", "x"]), st.text()),
)
def test_no_line_breaks_it(line: str, fields: dict[str, str]) -> None:
    found = log_record(TIME, line, fields)
    assert 0 <= found.severity <= 24 and isinstance(found.body, str)
