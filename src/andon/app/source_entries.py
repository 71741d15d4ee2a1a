"""To name sources: what kinds there are, and a new entry in andon.yaml."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from andon.config import FILES, Settings, load_settings
from andon.connectors import Session, connector_class, connector_kinds, open_connector
from andon.errors import AndonError, ConfigError, UsageError

__all__ = ["Kind", "add_source", "entry_of", "kinds"]


@dataclass(frozen=True, slots=True)
class Kind:
    """A kind of source: what people call it, what it holds, what its tests run against; `missing` if it cannot be used here."""

    kind: str
    title: str = ""
    signals: tuple[str, ...] = ()
    proved: str = ""
    missing: str = ""


def kinds() -> tuple[Kind, ...]:
    """Every kind that andon.yaml may state, besides folders and bundles, in alphabetical order."""
    return tuple(map(_kind, connector_kinds()))


def _kind(name: str) -> Kind:
    try:
        offered = connector_class(name)
    except AndonError as error:
        return Kind(name, missing=error.message)
    return Kind(name, offered.title, tuple(offered.signals), offered.proved)


def entry_of(kind: str, settings: Sequence[str]) -> dict[str, Any]:
    """The entry that words like `url=http://host`, `scope.match.namespace=[shop,pay]` state.

    A value is YAML; dots lead into mappings. Raises UsageError for a word without `=`.
    """
    import yaml

    entry: dict[str, Any] = {} if kind == FILES else {"kind": kind}
    for word in settings:
        key, sign, text = word.partition("=")
        if not sign or not key:
            raise UsageError(
                f"{word!r} states nothing", hint="write key=value, for example url=http://localhost:9090"
            )
        place = entry
        *outer, last = key.split(".")
        for name in outer:
            place = place.setdefault(name, {})
            if not isinstance(place, dict):
                raise UsageError(f"{key}: {name} already has a value of its own")
        try:
            place[last] = text if text.startswith("${") else yaml.safe_load(text)
        except yaml.YAMLError as error:
            raise UsageError(f"{key}: {text!r} is not YAML") from error
    return entry


def add_source(name: str, kind: str, entry: Mapping[str, Any], settings: Settings) -> Path:
    """Writes the entry into andon.yaml, whose other lines stay as they are; returns the file.

    Raises ConfigError when the name is taken or the entry is wrong; the file is then as before.
    """
    import yaml

    if name in settings.sources:
        raise ConfigError(
            f"{settings.file} names {name!r} already", hint="take another name, or edit the file"
        )
    if kind != FILES:
        with Session() as session:
            open_connector(
                name, entry, session, folder=settings.file.resolve().parent, origin=f"sources.{name}"
            )
    dumped = yaml.safe_dump({name: dict(entry)}, sort_keys=False, allow_unicode=True, width=110)
    lines = "".join(f"  {line}\n" for line in dumped.splitlines())
    before = settings.file.read_text(encoding="utf-8") if settings.file.is_file() else None
    _replace(settings.file, _inserted(before or "", lines))
    try:
        load_settings()
    except ConfigError:
        if before is None:
            settings.file.unlink()
        else:
            _replace(settings.file, before)
        raise
    return settings.file


def _inserted(text: str, lines: str) -> str:
    """The text with the lines at the end of its block `sources:`."""
    match = re.search(r"^sources:[ \t]*(\{\s*\})?[ \t]*(#.*)?$", text, re.MULTILINE)
    if match is None:
        if re.search(r"^sources:", text, re.MULTILINE):
            raise ConfigError(
                "`sources` is written on one line", hint="write one source a line, indented, then add"
            )
        return f"{text}{'' if not text or text.endswith(chr(10)) else chr(10)}sources:\n{lines}"
    end = match.end()
    following = re.compile(r"\n(?=[^\s#])").search(text, end)
    stop = following.start() + 1 if following else len(text)
    block = text[end:stop].rstrip("\n")
    return f"{text[: match.start()]}sources:{_comment(match[2])}{block}\n{lines}{text[stop:]}"


def _comment(text: str | None) -> str:
    return f" {text}" if text else ""


def _replace(file: Path, text: str) -> None:
    """Writes the file whole or not at all."""
    try:
        handle, name = tempfile.mkstemp(dir=file.resolve().parent, prefix=".andon-", suffix=".yaml")
        with os.fdopen(handle, "w", encoding="utf-8") as out:
            out.write(text)
        if file.exists():
            os.chmod(name, file.stat().st_mode & 0o777)
        os.replace(name, file.resolve())
    except OSError as error:
        with suppress(OSError, UnboundLocalError):
            os.unlink(name)
        raise ConfigError(f"{file} cannot be written: {error.strerror}") from error
