from __future__ import annotations

from pathlib import Path

import pytest

from andon.config import Spending, budget_in, load_settings, sources_in
from andon.errors import ConfigError

FILE = Path("andon.yaml")


@pytest.fixture(autouse=True)
def here(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    for name in ("ANDON_CONFIG", "ANDON_HOME", "XDG_DATA_HOME"):
        monkeypatch.delenv(name, raising=False)
    return tmp_path


def test_without_a_file_there_are_no_sources(here, monkeypatch):
    monkeypatch.setenv("XDG_DATA_HOME", str(here / "data"))
    settings = load_settings()
    assert (settings.sources, settings.home) == ({}, here / "data" / "andon")
    assert settings.origins["home"] == "default"
    monkeypatch.setenv("ANDON_HOME", str(here / "runs"))
    assert load_settings().home == here / "runs"


def test_each_source_knows_where_it_came_from(here):
    FILE.write_text("sources:\n  a: {path: ./x}\n  b: {kind: loki, url: http://h}\n")
    sources = load_settings().sources
    assert (sources["a"].path, sources["a"].kind) == (here / "x", "files")
    assert (sources["b"].kind, sources["b"].origin) == ("loki", "andon.yaml: sources.b")


@pytest.mark.parametrize("text", ["", "sources:\n", "# only a comment", "\ufeffsources: {a: {path: .}}"])
def test_what_is_empty_or_begins_with_a_mark_is_read(text):
    assert set(sources_in(text, FILE)) <= {"a"}


@pytest.mark.parametrize(
    ("text", "told"),
    [
        ("a: [", "cannot be read: "),
        ("sources:\n\ta: {path: .}", "line 2"),
        ("- a", "expected a mapping"),
        ("sources: [a]", "with a mapping `sources`"),
        ("source: {}", "source: unknown key"),
        ("1: {}\nb: {}", "1: unknown key"),
        ("sources: {a: b}", "sources.a: expected a mapping"),
        ("sources: {a: {kind: 1}}", "sources.a.kind: expected a word"),
        ("sources: {a: {url: x}}", "expected one key, `path`"),
        ("sources: {'a b': {path: x}}", "a name is letters"),
        ("sources: {a: {path: 2026-13-45}}", "cannot be read"),
        ("sources:\n  a: {path: x}\n  b: {path: x}\n  a: {path: y}\n", "'a' is stated twice, line 4"),
        ("sources:\n  1: {path: x}\n  '1': {path: x}\n", "'1' is stated twice, line 3"),
        ("sources:\n  a:\n    kind: loki\n    url: x\n    url: y\n", "'url' is stated twice, line 5"),
        ("sources: {a: !!python/object/apply:os.getcwd []}", "cannot be read"),
        ("sources: {a: {path: x}}\nsources: {b: {path: x}}\n", "'sources' is stated twice, line 2"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(text, told):
    with pytest.raises(ConfigError) as caught:
        sources_in(text, FILE)
    assert told in caught.value.message and caught.value.message.startswith("andon.yaml: ")


def test_a_key_that_is_merged_may_be_stated_anew():
    text = "sources:\n  a: &a {<<: &b {kind: loki, url: x}, url: y}\n  c: {<<: *a, url: z}\n  d: *b\n"
    found = sources_in(text, FILE)
    assert [found[name].options["url"] for name in "acd"] == ["y", "z", "x"]


def test_a_line_that_is_no_yaml_is_not_repeated():
    with pytest.raises(ConfigError) as caught:
        sources_in('sources:\n  a: {kind: loki, password: "hunter2}\n', FILE)
    assert "hunter2" not in caught.value.message


def test_a_file_that_cannot_be_read_is_told(monkeypatch):
    FILE.write_bytes(b"\xff\xfe")
    with pytest.raises(ConfigError, match="not UTF-8"):
        load_settings()
    monkeypatch.setenv("ANDON_CONFIG", "gone.yaml")
    with pytest.raises(ConfigError, match="no such file"):
        load_settings()


@pytest.mark.parametrize(
    "written",
    [
        "budget: 5",
        "budget: {seconds: 0}",
        "budget: {bytes: many}",
        "budget: {seconds: true}",
        "budget: {rows: 5}",
    ],
)
def test_a_budget_that_is_none_is_told(written, tmp_path):
    with pytest.raises(ConfigError, match="budget"):
        budget_in(written, tmp_path / "andon.yaml")


def test_an_unknown_key_of_the_budget_is_named(tmp_path):
    with pytest.raises(ConfigError, match=r"budget\.minutes: unknown key") as caught:
        budget_in("budget: {minutes: 3}", tmp_path / "andon.yaml")
    assert caught.value.hint == "known are: seconds, bytes"


def test_a_budget_is_read_and_has_defaults(tmp_path):
    assert budget_in("", tmp_path / "andon.yaml") == Spending(120.0, 1 << 30)
    assert budget_in("budget: {seconds: 60}", tmp_path / "andon.yaml") == Spending(60, 1 << 30)
