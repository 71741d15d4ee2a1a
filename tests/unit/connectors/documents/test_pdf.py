from __future__ import annotations

import importlib.util
import sys
import zlib
from io import BytesIO

import pytest

from andon.connectors.documents import pdf as reading
from andon.connectors.documents.pdf import read_pdf
from andon.telemetry import Status
from unit.connectors.documents.pdfs import pdf


def installed() -> bool:
    return importlib.util.find_spec("pypdf") is not None


needs_pypdf = pytest.mark.skipif(not installed(), reason="not installed: pypdf")


@needs_pypdf
def test_a_passage_has_page_and_line():
    result = read_pdf("manual.pdf", pdf("Pump\nStart it", "Stop\nthe pump\nat once"))
    assert result.status is Status.OK
    assert [(p.page, p.first_line, p.last_line) for p in result.value] == [(1, 1, 2), (2, 1, 3)]
    assert result.value[1].text == "Stop\nthe pump\nat once"
    assert result.value[1].place == "manual.pdf, page 2, line 1"


@needs_pypdf
def test_bookmarks_are_headings():
    import pypdf

    writer = pypdf.PdfWriter(clone_from=BytesIO(pdf("One", "Two", "Three")))
    above = writer.add_outline_item(title="Pump", page_number=0)
    writer.add_outline_item(title="Cavitation", page_number=1, parent=above)
    out = BytesIO()
    writer.write(out)
    result = read_pdf("manual.pdf", out.getvalue())
    assert [p.heading for p in result.value] == ["Pump", "Pump > Cavitation", "Pump > Cavitation"]


@needs_pypdf
def test_an_encrypted_file_is_a_problem_with_its_name():
    import pypdf

    writer = pypdf.PdfWriter(clone_from=BytesIO(pdf("secret")))
    writer.encrypt("password", algorithm="RC4-128")
    out = BytesIO()
    writer.write(out)
    result = read_pdf("locked.pdf", out.getvalue())
    assert result.status is Status.FAILED and result.value == ()
    assert str(result.problems[0]) == "locked.pdf: is encrypted"


@needs_pypdf
@pytest.mark.parametrize("data", [b"", b"%PDF-1.7\n", b"%PDF-1.7\n" + b"\xff" * 500, pdf("a")[:300]])
def test_a_broken_file_is_a_problem_with_its_name(data: bytes):
    result = read_pdf("broken.pdf", data)
    assert result.value == () and result.status in (Status.FAILED, Status.EMPTY, Status.PARTIAL)
    assert result.status is not Status.FAILED or result.problems[0].place == "broken.pdf"


@needs_pypdf
def test_what_unpacks_to_too_much_is_not_unpacked():
    bomb = zlib.compress(b" " * (3 * reading.STREAM_BYTES), 9)
    result = read_pdf("bomb.pdf", pdf("ignored", stream=bomb))
    assert result.value == () and result.status is Status.PARTIAL
    assert "page 1" in result.problems[0].place and "Limit" in result.problems[0].message


@needs_pypdf
def test_reading_ends_when_the_time_is_over(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(reading, "SECONDS", -1.0)
    result = read_pdf("slow.pdf", pdf("a", "b"))
    assert result.status is Status.PARTIAL
    assert str(result.problems[0]) == "slow.pdf, page 1: is too long to be read to its end"


@needs_pypdf
def test_pages_without_text_are_counted():
    result = read_pdf("scan.pdf", pdf("text", "", ""))
    assert [problem.message for problem in result.problems] == ["2 of 3 pages hold no text"]


def test_without_the_library_the_extra_is_named(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(sys.modules, "pypdf", None)
    result = read_pdf("manual.pdf", pdf("a"))
    assert result.status is Status.FAILED
    assert result.problems[0].hint == "pip install 'andon[documents]'"
