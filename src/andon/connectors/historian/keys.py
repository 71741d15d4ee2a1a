"""Keys of an object store as paths, and which paths a pattern wants."""

from __future__ import annotations

from fnmatch import fnmatchcase

__all__ = ["fits", "folder_of", "is_hidden", "is_path"]

_ODD = frozenset('\\:*?"<>|[]')
_LONGEST, _LONGEST_PART = 1024, 200
"""Bytes: of a key as S3 states it, and of a name, which file systems let be 255 long."""


def is_path(key: str) -> bool:
    """Whether a key can be written as a path below a folder that does not lead out of it, on any system."""
    try:
        length = len(key.encode())
        parts = [(part, len(part.encode())) for part in key.split("/")]
    except UnicodeEncodeError:
        return False
    return (
        0 < length <= _LONGEST
        and key.isprintable()
        and not _ODD & set(key)
        and all(part not in ("", ".", "..") and size <= _LONGEST_PART for part, size in parts)
    )


def is_hidden(path: str) -> bool:
    """Whether a part of the path begins with a dot."""
    return any(part.startswith(".") for part in path.split("/"))


def fits(path: str, pattern: str) -> bool:
    """Whether a path fits a pattern: `*`, `?`, `[a-z]` within a name, `**` for any number of folders."""
    return _fit(path.split("/"), pattern.split("/"))


def folder_of(pattern: str) -> str:
    """The folder, with `/` at its end, in which all that fits lies: `orders/` of `orders/*.csv`, else nothing."""
    folders: list[str] = []
    for part in pattern.split("/")[:-1]:
        if set(part) & set("*?["):
            break
        folders.append(part)
    return "".join(f"{folder}/" for folder in folders)


def _fit(parts: list[str], patterns: list[str]) -> bool:
    if not patterns:
        return not parts
    if patterns[0] == "**":
        return _fit(parts, patterns[1:]) or (bool(parts) and _fit(parts[1:], patterns))
    return bool(parts) and fnmatchcase(parts[0], patterns[0]) and _fit(parts[1:], patterns[1:])
