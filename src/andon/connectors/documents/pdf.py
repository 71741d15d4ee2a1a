"""The text of a PDF, page by page, through `pypdf` and within limits.

A page whose text cannot be had is told and left out; scanned pages have none. Streams are unpacked up to
STREAM_BYTES, and a file is given up after PAGES pages, CHARACTERS characters or SECONDS of work, which is looked at
between pages.
"""

from __future__ import annotations

import logging
import time
from collections.abc import Iterator
from io import BytesIO
from typing import TYPE_CHECKING, Any

from andon.connectors.documents.blocks import pack
from andon.connectors.documents.decoding import clean
from andon.connectors.documents.plain import paragraphs
from andon.telemetry import Passage, Problem, Result, Status

if TYPE_CHECKING:
    from pypdf import PdfReader

__all__ = ["read_pdf"]

PAGES = 2_000
CHARACTERS = 5_000_000
SECONDS = 60.0
STREAM_BYTES = 10_000_000
OUTLINE_ENTRIES = 2_000
INSTALL = "pip install 'andon[documents]'"


def read_pdf(name: str, data: bytes) -> Result[tuple[Passage, ...]]:
    """Passages by page and line on that page; what is encrypted or broken is a problem, as is a missing pypdf."""
    try:
        import pypdf
    except ImportError:
        return _unread(name, "PDF files cannot be read without pypdf", INSTALL)
    logging.getLogger("pypdf").setLevel(logging.CRITICAL)
    limits: dict[str, Any] = {
        "maximum_declared_stream_length": len(data),
        "array_based_stream_maximum_output_length": STREAM_BYTES,
        "lzw_maximum_output_length": STREAM_BYTES,
        "run_length_maximum_output_length": STREAM_BYTES,
        "zlib_maximum_output_length": STREAM_BYTES,
        "brotli_maximum_output_length": STREAM_BYTES,
        "jbig2dec_binary": None,
        "outline_maximum_entries": OUTLINE_ENTRIES,
        "page_tree_maximum_entries": 10 * PAGES,
        "stream_decoding_work_maximum_length": 4 * STREAM_BYTES,
    }
    with pypdf.apply_configuration(**limits):
        try:
            reader = pypdf.PdfReader(BytesIO(data))
            if reader.is_encrypted and not reader.decrypt(""):
                return _unread(name, "is encrypted", "keep a copy without a password in the folder")
            return _read(name, reader)
        except Exception as error:  # A broken file breaks the library in many ways; none may end the reading.
            return _unread(name, f"is not a PDF that can be read: {_said(error)}")


def _unread(name: str, message: str, hint: str = "") -> Result[tuple[Passage, ...]]:
    return Result((), Status.FAILED, 0, (Problem(name, message, hint=hint),))


def _said(error: Exception) -> str:
    return clean(f"{type(error).__name__}: {error}")[:200]


def _read(name: str, reader: PdfReader) -> Result[tuple[Passage, ...]]:
    started, characters = time.monotonic(), 0
    found: list[Passage] = []
    problems: list[Problem] = []
    empty = number = 0
    sections = dict(_sections(reader))
    headings: tuple[str, ...] = ()
    for number, page in enumerate(reader.pages, start=1):
        if number > PAGES or characters > CHARACTERS or time.monotonic() - started > SECONDS:
            problems.append(Problem(f"{name}, page {number}", "is too long to be read to its end"))
            break
        headings = sections.get(number, headings)
        try:
            text = clean(page.extract_text())
        except Exception as error:
            problems.append(Problem(f"{name}, page {number}", f"cannot be read: {_said(error)}"))
            continue
        characters += len(text)
        empty += not text.strip()
        lines = text.split("\n")
        found += pack(name, lines, paragraphs(lines, headings), number)
    if empty:
        hint = "scanned pages need text recognition first"
        problems.append(Problem(name, f"{empty} of {number} pages hold no text", hint=hint))
    return Result.of(tuple(found), len(found), tuple(problems))


def _sections(reader: PdfReader) -> Iterator[tuple[int, tuple[str, ...]]]:
    """The page (from 1) on which each entry of the outline begins, with the titles that lead to it."""
    try:
        yield from _walk(reader, reader.outline, ())
    except Exception:
        return


def _walk(
    reader: PdfReader, entries: list[Any], above: tuple[str, ...]
) -> Iterator[tuple[int, tuple[str, ...]]]:
    path = above
    for entry in entries:
        if isinstance(entry, list):
            yield from _walk(reader, entry, path)
            continue
        path = (*above, clean(str(entry.title)).strip()[:200])
        page = reader.get_destination_page_number(entry)
        if page is not None and page >= 0:
            yield page + 1, path
