"""An object of a store as a file in a private folder, as far as limits let it come."""

from __future__ import annotations

import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from andon.connectors.historian.drops import Drop, Gap
from andon.connectors.historian.s3 import BucketApi
from andon.connectors.unanswered import Unanswered
from andon.telemetry import Status

__all__ = ["RAISE", "Copy", "copied", "too_large"]

RAISE = "look at less time, narrow `files`, or raise limits.answer_bytes and limits.bytes"
PIECE = 8 << 20
"""Bytes that one request asks of an object."""
_PACKED = b"\x1f\x8b"
_BLOCK = 1 << 16


@dataclass(frozen=True, slots=True)
class Copy:
    """A drop as the only file in `folder`; `size` is how many bytes came, `gaps` what is lacking in it."""

    folder: Path
    size: int
    gaps: tuple[Gap, ...]


def copied(api: BucketApi, drop: Drop, most: int, home: Path, *, by_line: bool) -> Copy:
    """The drop in a new folder below `home`, as far as `most` bytes go; of one that was cut, its complete lines.

    Raises Unanswered when nothing came, or when a part of it is of no use (`by_line` says that its lines are).
    """
    folder = Path(tempfile.mkdtemp(dir=home))
    target = folder / drop.path
    target.parent.mkdir(parents=True, exist_ok=True)
    with target.open("w+b") as file:
        gaps, cut = _filled(file, api, drop, most) if drop.size else ([], None)
        size = file.tell()
        file.seek(0)
        packed = file.read(len(_PACKED)) == _PACKED
        if cut is not None:
            if packed or not by_line:
                raise cut
            file.truncate(_whole_lines(file, size))
            gaps.append(Gap(cut.status, cut.message, cut.hint))
    if packed and not target.name.lower().endswith(".gz"):
        target.rename(target.with_name(f"{target.name}.gz"))
    return Copy(folder, size, tuple(gaps))


def too_large(size: int, most: int) -> Unanswered:
    """What is said of a drop of which no more than `most` bytes may be read."""
    words = f"holds {size:,} bytes, and no more than {most:,} may be read"
    return Unanswered(words, status=Status.TRUNCATED, hint=RAISE)


def _filled(file: BinaryIO, api: BucketApi, drop: Drop, most: int) -> tuple[list[Gap], Unanswered | None]:
    """Writes the object, piece by piece; what is lacking in it, and why it was cut, if it was."""
    at, total, version, gaps = 0, most, "", list[Gap]()
    limit = api.config.limits.answer_bytes
    while at < min(most, total):
        try:
            piece = api.piece(api.prefix + drop.path, at, min(at + PIECE, at + limit, most), version)
        except Unanswered as gap:
            if not at:
                raise
            words = f"broke off after {at:,} bytes: {gap.message}"
            return gaps, Unanswered(words, status=gap.status, hint=gap.hint)
        if not at and drop.version and piece.version != drop.version:
            gaps.append(Gap(Status.PARTIAL, "was replaced after it was listed: the newer one was read"))
            most = max(most, min(piece.total, limit))
        if not piece.body:
            break
        at += file.write(piece.body)
        version, total = piece.version, piece.total
    return gaps, None if at >= total else too_large(total, at)


def _whole_lines(file: BinaryIO, size: int) -> int:
    """How many bytes the complete lines take. Raises Unanswered when there is none."""
    for start in range((size - 1) // _BLOCK * _BLOCK, -1, -_BLOCK):
        file.seek(start)
        end = file.read(min(_BLOCK, size - start)).rfind(b"\n")
        if end >= 0:
            return start + end + 1
    raise Unanswered(f"holds no whole line in its first {size:,} bytes", status=Status.TRUNCATED)
