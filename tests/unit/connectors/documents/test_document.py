from __future__ import annotations

from pathlib import Path

import pytest

from andon.connectors.documents import document as module
from andon.connectors.documents.document import Document
from andon.telemetry import Status


def made(folder: Path, name: str, data: bytes) -> Document:
    path = folder / name
    path.write_bytes(data)
    return Document(path, name, "1")


def test_markdown_is_read_by_its_headings(tmp_path: Path):
    (passage,) = made(tmp_path, "pool.md", b"# Pool\r\n\r\nIt is full.\r\n").read().value
    assert (passage.heading, passage.last_line, passage.text) == ("Pool", 3, "# Pool\n\nIt is full.")


def test_headings_mean_nothing_in_plain_text(tmp_path: Path):
    (passage,) = made(tmp_path, "pool.txt", b"# Pool\n\nIt is full.\n").read().value
    assert passage.headings == ()


def test_an_assumed_encoding_is_told_and_nothing_lacks(tmp_path: Path):
    result = made(tmp_path, "a.txt", b"gr\xfcn").read()
    assert result.status is Status.OK and result.value[0].text == "grün"
    assert "Latin-1" in result.problems[0].message


def test_a_binary_file_is_told_whatever_its_name(tmp_path: Path):
    result = made(tmp_path, "a.md", b"\x89PNG\0\0").read()
    assert result.status is Status.FAILED and "binary" in result.problems[0].message


def test_a_file_that_grew_too_large_or_went_away_is_told(tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(module, "BYTES", 10)
    large = made(tmp_path, "a.txt", b"x" * 11)
    assert "larger" in large.read().problems[0].message
    large.path.unlink()
    assert "cannot be read" in large.read().problems[0].message
    assert large.digest() == ""


def test_the_digest_is_of_the_bytes(tmp_path: Path):
    assert made(tmp_path, "a.txt", b"a").digest() == made(tmp_path, "b.txt", b"a").digest()
    assert made(tmp_path, "a.txt", b"a").digest() != made(tmp_path, "b.txt", b"b").digest()
