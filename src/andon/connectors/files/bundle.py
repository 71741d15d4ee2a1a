"""A folder or a zip file as a set of named files, read as streams within limits.

Nothing is unpacked onto the disk except what a parser needs as a real file. Sizes are counted while
unpacking; what a header claims is not believed.
"""

from __future__ import annotations

import gzip
import io
import os
import stat
import tempfile
import zipfile
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path, PurePosixPath
from typing import IO

from andon.connectors.files.problems import ProblemCounter
from andon.errors import AccessError, SourceError

__all__ = ["READ_ERRORS", "Bundle", "LimitReached", "Limits"]

READ_ERRORS = (OSError, EOFError, zlib.error, zipfile.BadZipFile, NotImplementedError, RuntimeError)
CHUNK = 1 << 20
MIB = 1 << 20


class LimitReached(SourceError):
    """A file is larger, or unpacks to more, than the limits allow."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much is read, in bytes unless said otherwise.

    `total`: of all packed files together, unpacked; `ratio`: unpacked to packed, asked once a file
    has given `ratio_floor`; `line`: of one JSON line; `text`: of one log record; `document`: of a
    file that must be read in one piece; `entries`: number of files; `part`: of the
    parts in which a large file is read.
    """

    total: int = 16 * 1024 * MIB
    ratio: float = 250.0
    ratio_floor: int = 64 * MIB
    line: int = 64 * MIB
    text: int = MIB
    document: int = 1024 * MIB
    entries: int = 20_000
    part: int = 32 * MIB


@dataclass
class Bundle:
    """The files under `root`; `paths` are relative, with `/`, in order of name.

    Raises SourceError when the root is neither a folder nor a zip file, AccessError when it may not
    be read. Hidden files are left out; links that lead out of the root, entries whose names climb,
    encrypted entries and archives inside the archive are refused, with a problem each.
    """

    root: Path
    limits: Limits = field(default_factory=Limits)
    problems: ProblemCounter = field(default_factory=ProblemCounter)
    _sizes: dict[str, int] = field(default_factory=dict)
    _unpacked: dict[str, int] = field(default_factory=dict)
    _archive: zipfile.ZipFile | None = None

    def __post_init__(self) -> None:
        try:
            if self.root.is_dir():
                self._sizes = dict(sorted(self._walk()))
            elif self.root.is_file():
                self._archive = zipfile.ZipFile(self.root)
                self._sizes = dict(sorted(self._list_archive(self._archive)))
            else:
                raise SourceError(
                    f"{self.root}: no such folder or zip file", hint="give the path of a folder or a .zip"
                )
        except PermissionError as error:
            raise AccessError(
                f"{self.root}: may not be read", hint="check the permissions of the path"
            ) from error
        except (zipfile.BadZipFile, NotImplementedError, OSError, ValueError) as error:
            raise SourceError(
                f"{self.root}: neither a folder nor a readable zip file",
                hint="give a folder, or pack the files as a .zip",
            ) from error

    @property
    def paths(self) -> tuple[str, ...]:
        return tuple(self._sizes)

    def modified(self, path: str) -> float:
        """When the file was last written, Unix seconds."""
        if self._archive is None:
            return (self.root / path).stat().st_mtime
        return datetime(*self._archive.getinfo(path).date_time, tzinfo=UTC).timestamp()

    def chunks(self, path: str) -> Iterator[bytes]:
        """The bytes of a file, `.gz` unpacked, about 1 MiB at a time; raises one of READ_ERRORS or LimitReached."""
        with self._open(path) as packed:
            if not path.lower().endswith(".gz"):
                yield from self._counted(path, packed, packed_size=self._packed_size(path))
                return
            outer = _Counting(packed)
            with gzip.GzipFile(fileobj=outer, mode="rb") as plain:
                yield from self._counted(path, plain, counting=outer)

    def plain_size(self, path: str) -> int:
        """The bytes of a file that lies unpacked in a folder, else 0."""
        packed = self._archive is not None or path.lower().endswith(".gz")
        return 0 if packed else self._sizes.get(path, 0)

    def span(self, path: str, start: int, stop: int) -> Iterator[bytes]:
        """Some bytes of a file with a plain size, about 1 MiB at a time; raises one of READ_ERRORS."""
        with self._open(path) as file:
            file.seek(start)
            while chunk := file.read(min(CHUNK, stop - start)):
                start += len(chunk)
                yield chunk

    def count_lines(self, path: str, span: tuple[int, int] | None) -> int:
        """How many lines a part of a file holds, or 0 when it cannot be read."""
        try:
            chunks = self.chunks(path) if span is None else self.span(path, *span)
            return sum(chunk.count(b"\n") for chunk in chunks)
        except READ_ERRORS:
            return 0

    @contextmanager
    def real_file(self, path: str) -> Iterator[Path]:
        """The file as a real file with a plain name, copied into a temporary folder where needed."""
        if self._archive is None and not path.lower().endswith(".gz") and not set(path) & set("*?[]"):
            yield self.root / path
            return
        with tempfile.TemporaryDirectory(prefix="andon-") as folder:
            suffixes = PurePosixPath(path.removesuffix(".gz")).suffix
            target = Path(folder) / f"file{suffixes}"
            self._copy(path, target)
            yield target

    @contextmanager
    def real_folder(self, suffix: str) -> Iterator[Path]:
        """A real folder that holds the files with this suffix (others may be there too)."""
        if self._archive is None:
            yield self.root
            return
        with tempfile.TemporaryDirectory(prefix="andon-") as folder:
            for path in self.paths:
                if path.lower().endswith(suffix):
                    target = Path(folder) / path
                    target.parent.mkdir(parents=True, exist_ok=True)
                    self._copy(path, target)
            yield Path(folder)

    def _copy(self, path: str, target: Path) -> None:
        with target.open("wb") as file:
            for chunk in self.chunks(path):
                file.write(chunk)

    def _open(self, path: str) -> IO[bytes]:
        if self._archive is None:
            return (self.root / path).open("rb")
        return self._archive.open(path)

    def _packed_size(self, path: str) -> int:
        return self._archive.getinfo(path).compress_size if self._archive else 0

    def _counted(
        self,
        path: str,
        stream: IO[bytes] | gzip.GzipFile,
        *,
        packed_size: int = 0,
        counting: _Counting | None = None,
    ) -> Iterator[bytes]:
        before = self._unpacked.get(path, 0)
        others = sum(self._unpacked.values()) - before
        size = 0
        while chunk := stream.read(CHUNK):
            size += len(chunk)
            packed = counting.count if counting else packed_size
            if packed:
                self._unpacked[path] = max(before, size)
                if size > self.limits.ratio_floor and size > self.limits.ratio * packed:
                    raise LimitReached(f"unpacks to more than {self.limits.ratio:g} times its size")
                if others + size > self.limits.total:
                    raise LimitReached(f"the bundle unpacks to more than {self.limits.total / MIB:g} MiB")
            yield chunk

    def _walk(self) -> Iterator[tuple[str, int]]:
        root = self.root.resolve()
        found = 0

        def refused(error: OSError) -> None:
            place = Path(error.filename).relative_to(self.root).as_posix() if error.filename else "."
            if place == "." and isinstance(error, PermissionError):
                raise error
            self.problems.add(
                place, f"the folder cannot be read ({error.strerror})", hint="check its permissions"
            )

        for folder, subfolders, files in os.walk(self.root, onerror=refused):
            subfolders[:] = sorted(name for name in subfolders if not name.startswith("."))
            for name in sorted(files):
                file = Path(folder) / name
                path = file.relative_to(self.root).as_posix()
                if name.startswith("."):
                    continue
                if file.is_symlink() and not file.resolve().is_relative_to(root):
                    self.problems.add(path, "a link that leads out of the folder is not followed")
                elif not file.is_file():
                    self.problems.add(path, "not a regular file: not read")
                elif (found := found + 1) > self.limits.entries:
                    self.problems.add(".", f"more than {self.limits.entries} files: the rest is not read")
                    self.problems.truncated = True
                    return
                else:
                    yield path, file.stat().st_size

    def _list_archive(self, archive: zipfile.ZipFile) -> Iterator[tuple[str, int]]:
        for number, entry in enumerate(archive.infolist()):
            if number >= self.limits.entries:
                self.problems.add(".", f"more than {self.limits.entries} entries: the rest is not read")
                self.problems.truncated = True
                return
            name = PurePosixPath(entry.filename)
            reason = _refusal(entry)
            hidden = name.name.startswith(".") or "__MACOSX" in name.parts
            if entry.is_dir() or (hidden and not reason):
                continue
            if reason:
                self.problems.add(entry.filename, reason, hint="pack the files again without it")
            else:
                yield entry.filename, entry.file_size


def _refusal(entry: zipfile.ZipInfo) -> str:
    """Why an entry of a zip file is not read, empty when it is."""
    name = entry.filename
    if name.startswith("/") or "\\" in name or name[1:2] == ":" or ".." in name.split("/") or "\0" in name:
        return "refused: the name leads out of the bundle"
    if stat.S_ISLNK(entry.external_attr >> 16):
        return "refused: links inside a bundle are not followed"
    if entry.flag_bits & 0x1:
        return "refused: encrypted"
    if entry.compress_type not in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        return "refused: packed with a method other than deflate"
    if name.lower().endswith((".zip", ".tar", ".tgz", ".tar.gz", ".7z")):
        return "an archive inside the bundle is not opened"
    return ""


class _Counting(io.RawIOBase):
    """A stream that counts the bytes that were read from it."""

    def __init__(self, stream: IO[bytes]) -> None:
        self.stream = stream
        self.count = 0

    def readable(self) -> bool:
        return True

    def read(self, size: int = -1, /) -> bytes:
        data = self.stream.read(size)
        self.count += len(data)
        return data
