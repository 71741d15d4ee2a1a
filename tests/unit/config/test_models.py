"""Where andon.yaml and ANDON_TRACES send spans of our own work."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from andon.config import Tracing, load_settings
from andon.config.models import tracing_in
from andon.errors import ConfigError

FILE = Path("andon.yaml")
HERE = "http://localhost:4318"


@pytest.fixture(autouse=True)
def here(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    monkeypatch.chdir(tmp_path)
    for name in ("ANDON_CONFIG", "ANDON_TRACES"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def read(**stated: Any) -> Tracing | None:
    return tracing_in({"tracing": stated}, FILE)


def test_tracing_is_off_unless_it_is_stated(monkeypatch: pytest.MonkeyPatch) -> None:
    assert load_settings().tracing is None
    monkeypatch.setenv("OTEL_EXPORTER_OTLP_ENDPOINT", HERE)
    assert load_settings().tracing is None


def test_a_collector_or_a_file_beside_andon_yaml(here: Path) -> None:
    FILE.write_text("tracing: {url: 'http://localhost:4318', content: true}\n")
    assert load_settings().tracing == Tracing(HERE, content=True)
    assert read(file="spans.jsonl") == Tracing(file=str(here / "spans.jsonl"))


@pytest.mark.parametrize(
    ("stated", "told"),
    [
        ({}, "expected a url or a file"),
        ({"url": HERE, "file": "x"}, "expected a url or a file"),
        ({"url": HERE, "headers": {}}, "tracing.headers: unknown key"),
        ({"url": ""}, "tracing.url: expected text"),
        ({"file": 1}, "tracing.file: expected text"),
        ({"url": HERE, "content": "yes"}, "tracing.content: expected true or false"),
        ({"url": "localhost:4318"}, "expected http:// or https://"),
        ({"url": "grpc://h:4317"}, "expected http:// or https://"),
        ({"url": "http://"}, "expected http:// or https://"),
        ({"url": "http://h:99999"}, "expected http:// or https://"),
        ({"url": "http://h:4318 "}, "expected http:// or https://"),
        ({"url": "http://h/\n"}, "expected http:// or https://"),
        ({"url": "http://user:hunter2@h"}, "holds a user"),
        ({"url": "http://h/?key=hunter2"}, "or a query"),
    ],
)
def test_what_is_wrong_is_told_with_its_key_and_not_repeated(stated: dict[str, Any], told: str) -> None:
    with pytest.raises(ConfigError) as error:
        read(**stated)
    assert told in error.value.message and error.value.message.startswith("andon.yaml: tracing")
    assert "hunter2" not in error.value.message + error.value.hint


def test_the_environment_names_another_place_and_leaves_content_behind(
    here: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("ANDON_TRACES", "https://collector.example")
    assert read(url=HERE, content=True) == Tracing("https://collector.example")
    monkeypatch.setenv("ANDON_TRACES", HERE)
    assert read(url=HERE, content=True) == Tracing(HERE, content=True)
    monkeypatch.setenv("ANDON_TRACES", "out/spans.jsonl")
    assert tracing_in({}, FILE) == Tracing(file=str(here / "out" / "spans.jsonl"))
    monkeypatch.setenv("ANDON_TRACES", "off")
    assert read(url=HERE) is None


def test_a_wrong_address_of_the_environment_names_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("ANDON_TRACES", "ftp://h")
    with pytest.raises(ConfigError, match="ANDON_TRACES: expected http"):
        tracing_in({}, FILE)
