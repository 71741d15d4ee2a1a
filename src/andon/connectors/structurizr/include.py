"""Files and URLs that a workspace draws in: found, checked, read, within limits.

A path must stay inside the root folder, also through links. A URL is fetched only where the caller
allowed it.
"""

from __future__ import annotations

import os
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path

from andon.connectors.structurizr.lines import Line
from andon.errors import ParseError
from andon.telemetry import Problem

__all__ = ["MAX_BYTES", "Place", "Sources", "decode", "is_url"]

MAX_BYTES = 16 * 1024 * 1024
MAX_TOTAL_BYTES = 64 * 1024 * 1024
MAX_FILES = 2_000
MAX_DEPTH = 16
MAX_PROBLEMS = 1_000
URL_TIMEOUT = 10.0


@dataclass(frozen=True, slots=True)
class Place:
    """Where a text comes from: the name in messages, and its path, None for a URL or bare text."""

    file: str
    path: Path | None = None


@dataclass
class Sources:
    """Reads what `!include` and `extends` name; remembers how much was read."""

    root: Path | None
    allow_urls: bool = False
    _problems: list[Problem] = field(default_factory=list)
    _unlisted: int = 0
    _bytes: int = 0
    _files: int = 0

    @property
    def problems(self) -> tuple[Problem, ...]:
        rest = [Problem("…", "more was left out", self._unlisted)] if self._unlisted else []
        return (*self._problems, *rest)

    def report(self, line: Line, message: str, hint: str = "") -> None:
        if len(self._problems) < MAX_PROBLEMS:
            self._problems.append(Problem(f"{line.file}:{line.number}", message, hint=hint))
        else:
            self._unlisted += 1

    def find(self, source: str, line: Line, chain: Sequence[Place]) -> Place:
        """The file or folder that `source` names, seen from the last place of the chain of includes."""
        here = chain[-1]
        self._check_depth(chain, line)
        if here.path is None or self.root is None:
            raise line.error(f"a file, `{source}`, in a text without a folder", hint="Load it as a file.")
        file = os.path.normpath(os.path.join(os.path.dirname(here.file), source))
        try:
            path = (here.path.parent / source).resolve(strict=True)
        except (OSError, RuntimeError, ValueError) as error:
            raise line.error(f"`{source}` cannot be read", expected="an existing file") from error
        self._check_inside(path, source, line)
        _check_new(path, source, line, chain)
        return Place(file, path)

    def files(self, place: Place, line: Line, chain: Sequence[Place]) -> list[Place]:
        """The place itself, or the `.dsl` files of a folder and those below it, in order of name."""
        if place.path is None or not place.path.is_dir():
            return [place]
        found = []
        for folder, folders, names in os.walk(place.path):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            below = os.path.relpath(folder, place.path)
            for name in names:
                file = os.path.normpath(os.path.join(place.file, below, name))
                if name.lower().endswith(".dsl") and not name.startswith("."):
                    found.append(Place(file, Path(folder, name).resolve()))
                elif not name.startswith("."):
                    self.report(line, f"{file} was not included", "Only .dsl files of a folder are.")
            if len(found) > MAX_FILES:
                raise line.error(f"a folder of more than {MAX_FILES} files")
        for entry in found:
            self._check_inside(entry.path, entry.file, line)
            _check_new(entry.path, entry.file, line, chain)
        return sorted(found, key=lambda entry: Path(entry.file).parts)

    def text(self, place: Place, line: Line | None = None) -> str:
        """The text of one file; raises `ParseError` when it cannot be read, is too large or not UTF-8."""
        try:
            if place.path is None or not place.path.is_file():
                raise FileNotFoundError
            with place.path.open("rb") as stream:
                data = stream.read(MAX_BYTES + 1)
        except OSError as error:
            where = line or Line(place.file, 0, "")
            raise where.error(f"`{place.file}` cannot be read", expected="a file") from error
        return self._counted(data, place.file)

    def fetch(self, url: str, line: Line, chain: Sequence[Place]) -> str:
        """The text at an http or https URL; only after the caller allowed URLs."""
        from andon.connectors.structurizr.urls import fetch

        self._check_depth(chain, line)
        try:
            data = fetch(url, timeout=URL_TIMEOUT, limit=MAX_BYTES)
        except (OSError, ValueError) as error:
            raise line.error(f"{url} cannot be fetched: {error}") from error
        return self._counted(data, url)

    def _counted(self, data: bytes, file: str) -> str:
        self._bytes += len(data)
        self._files += 1
        if len(data) > MAX_BYTES or self._bytes > MAX_TOTAL_BYTES or self._files > MAX_FILES:
            raise ParseError(
                "too much to read",
                file=file,
                expected=f"at most {MAX_BYTES} bytes a file, {MAX_TOTAL_BYTES} bytes and {MAX_FILES} files in all",
            )
        return decode(data, file)

    def _check_depth(self, chain: Sequence[Place], line: Line) -> None:
        if len(chain) > MAX_DEPTH:
            raise line.error(f"files nested more than {MAX_DEPTH} deep", hint="Include fewer levels.")

    def _check_inside(self, path: Path | None, source: str, line: Line) -> None:
        if self.root is None or path is None or not path.is_relative_to(self.root):
            raise line.error(
                f"`{source}` lies outside the workspace's folder",
                expected="a path inside it",
                hint="Move the file, or load the workspace with a root that holds both.",
            )


def _check_new(path: Path | None, source: str, line: Line, chain: Sequence[Place]) -> None:
    if any(place.path == path for place in chain):
        raise line.error(f"`{source}` includes itself", hint="Break the cycle of includes.")


def decode(data: bytes, file: str) -> str:
    """Text from UTF-8 bytes; raises `ParseError` with the line of the first byte that is not."""
    hint = "Save the file as UTF-8."
    if data.startswith((b"\xff\xfe", b"\xfe\xff")):
        raise ParseError("text in UTF-16", file=file, line=1, expected="UTF-8", hint=hint)
    try:
        return data.decode("utf-8")
    except UnicodeDecodeError as error:
        line = data.count(b"\n", 0, error.start) + 1
        found = f"byte 0x{data[error.start]:02x}"
        raise ParseError(found, file=file, line=line, expected="text in UTF-8", hint=hint) from error


def is_url(source: str) -> bool:
    """Whether a source is an address on the web, by its scheme."""
    return source.lower().startswith(("http://", "https://"))
