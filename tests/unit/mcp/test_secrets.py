from __future__ import annotations

from pathlib import Path

import pytest

from andon.config import ModelEntry, NamedSource, Settings
from andon.mcp.secrets import known_secrets


def test_secrets_of_sources_lenders_and_the_model_are_known(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    (tmp_path / "key").write_text("of-the-model\n")
    monkeypatch.setenv("PROM", "of-the-source")
    monkeypatch.setenv("BOOKS", "of-the-lender")
    monkeypatch.delenv("GONE", raising=False)
    options = {"auth": {"bearer": "${env:PROM}"}, "also": ["${env:GONE}", 5]}
    settings = Settings(
        tmp_path,
        tmp_path / "andon.yaml",
        {"prom": NamedSource("prom", "prometheus", options, tmp_path, "andon.yaml")},
        model=ModelEntry("openai:x", key=f"${{file:{tmp_path / 'key'}}}"),
        lenders={"books": {"env": {"TOKEN": "${env:BOOKS}"}}},
    )
    assert {"of-the-model", "of-the-source", "of-the-lender"} <= known_secrets(settings)()


def test_where_nothing_is_named_nothing_is_known(tmp_path: Path):
    assert known_secrets(Settings(tmp_path, tmp_path / "andon.yaml"))() == frozenset()
