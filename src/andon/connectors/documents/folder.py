"""The documents of a folder, and what of the folder is left out."""

from __future__ import annotations

import os
import stat
from collections import Counter
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from andon.connectors.documents.decoding import clean
from andon.connectors.documents.document import BYTES, MARKDOWN, PDF, TEXT, Document
from andon.telemetry import Passage, Problem, Result, Status

__all__ = ["list_documents", "read_documents"]

FILES = 5_000
ENTRIES = 100_000
"""Files of any sort that are looked at."""


def read_documents(folder: Path) -> Result[tuple[Passage, ...]]:
    """All passages of all documents, by file name and in the order in which they stand."""
    listed = list_documents(folder)
    read = [document.read() for document in listed.value]
    passages = tuple(passage for result in read for passage in result.value)
    problems = listed.problems + tuple(problem for result in read for problem in result.problems)
    lacking = listed.status in (Status.OK, Status.EMPTY) and any(
        result.status not in (Status.OK, Status.EMPTY) for result in read
    )
    status = Status.PARTIAL if lacking else listed.status if listed.status is not Status.OK else Status.OK
    return Result(passages, status, len(passages), problems)


def list_documents(folder: Path) -> Result[tuple[Document, ...]]:
    """The Markdown, text and PDF files below a folder, by name.

    Hidden files and folders are left alone. Links are followed to files inside the folder only. Other kinds of files
    are counted in the problems and do not make the result partial; what is too large, unreadable or leads
    out of the folder does. Beyond FILES documents the result is truncated.
    """
    try:
        root = folder.resolve(strict=True)
        if not root.is_dir():
            raise NotADirectoryError(20, "is not a folder")
    except (OSError, RuntimeError) as error:
        message = f"cannot be read: {getattr(error, 'strerror', None) or error}"
        return Result((), Status.FAILED, 0, (Problem(clean(str(folder)), message),))
    survey = _Survey(root)
    survey.walk()
    return survey.result()


class _Survey:
    """One walk through a folder."""

    def __init__(self, root: Path) -> None:
        self._root = root
        self._found: list[Document] = []
        self._kinds: Counter[str] = Counter()
        self._refused: Counter[tuple[str, str]] = Counter()
        self._cut = False

    def walk(self) -> None:
        for seen, path in enumerate(self._files(), start=1):
            if len(self._found) >= FILES or seen > ENTRIES:
                self._cut = True
                return
            self._look(path)

    def _files(self) -> Iterator[Path]:
        """Files by name, folder by folder, none of them hidden."""
        for place, folders, files in os.walk(self._root, onerror=self._unlisted):
            folders[:] = sorted(name for name in folders if not name.startswith("."))
            for name in [*folders]:
                if os.path.islink(os.path.join(place, name)):
                    self._refused[
                        self._name(Path(place, name)), "is a link to a folder, which is not followed"
                    ] += 1
            yield from (Path(place, name) for name in sorted(files) if not name.startswith("."))

    def _unlisted(self, error: OSError) -> None:
        self._refused[self._name(Path(error.filename)), f"cannot be listed: {error.strerror}"] += 1

    def _look(self, path: Path) -> None:
        name = self._name(path)
        suffix = PurePosixPath(name).suffix.lower()
        if suffix not in MARKDOWN | TEXT | PDF:
            self._kinds[suffix] += 1
            return
        try:
            real = path.resolve(strict=True)
            facts = real.stat()
        except (OSError, RuntimeError) as error:
            self._refused[name, f"cannot be read: {getattr(error, 'strerror', None) or error}"] += 1
            return
        if not real.is_relative_to(self._root):
            self._refused[name, "is a link that leads out of the folder"] += 1
        elif not stat.S_ISREG(facts.st_mode):
            self._refused[name, "is not an ordinary file"] += 1
        elif facts.st_size > BYTES:
            self._refused[name, f"is larger than {BYTES >> 20} MB"] += 1
        else:
            self._found.append(Document(real, name, f"{facts.st_size}:{facts.st_mtime_ns}"))

    def _name(self, path: Path) -> str:
        """Relative to the folder, and such that it can be written down whatever bytes it holds."""
        name = path.relative_to(self._root).as_posix() if path.is_relative_to(self._root) else str(path)
        return clean(os.fsencode(name).decode("utf-8", "replace")).replace("\n", " ")

    def result(self) -> Result[tuple[Document, ...]]:
        found = tuple(sorted(self._found, key=lambda document: document.name))
        problems = [Problem(name, message) for name, message in self._refused]
        if self._kinds:
            kinds = ", ".join(f"{kind or 'no suffix'} {n}" for kind, n in self._kinds.most_common(5))
            message = f"not Markdown, text or PDF, so not read: {kinds}"
            problems.append(Problem(self._root.name, message, sum(self._kinds.values())))
        if self._cut:
            message = f"only the first {len(found)} documents were read"
            return Result(found, Status.TRUNCATED, len(found), (*problems, Problem(self._root.name, message)))
        status = Status.PARTIAL if self._refused else Status.OK if found else Status.EMPTY
        return Result(found, status, len(found), tuple(problems))
