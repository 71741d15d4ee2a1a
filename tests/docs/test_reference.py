"""What is generated from code in the documentation is what the code says."""

from __future__ import annotations

from pathlib import Path

from andon.connectors.files import Manifest, format_table

REFERENCE = Path(__file__).resolve().parents[2] / "docs" / "reference" / "incident-yaml.md"


def test_the_table_of_formats_is_the_generated_one() -> None:
    assert REFERENCE.read_text(encoding="utf-8").endswith(format_table())


def test_every_key_of_the_manifest_is_documented() -> None:
    text = REFERENCE.read_text(encoding="utf-8")
    assert [name for name in Manifest.model_fields if f"{name}:" not in text] == []
