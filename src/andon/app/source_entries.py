"""To name sources: what kinds there are, and the entries of andon.yaml."""

from __future__ import annotations

import os
import re
import tempfile
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from errno import EACCES
from pathlib import Path
from typing import Any

from andon.app.yaml_entries import with_entry, without_entry
from andon.config import FILES, NamedSource, Settings, budget_in, sources_in
from andon.connectors import Session, connector_class, connector_kinds, open_connector
from andon.errors import AndonError, ConfigError, UsageError

__all__ = ["Kind", "add_source", "entry_of", "kinds", "remove_source", "where"]

_READABLE = 0o644
"""The mode of a new andon.yaml: it holds no secrets."""
_ADDRESSES = ("url", "endpoint", "path", "directory", "kubeconfig", "bucket")
"""Keys that say where a source is, the more telling first."""
_SIGNED_IN = re.compile(r"//[^/@]*@")


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
    return Kind(name, offered.title, tuple(map(str, offered.signals)), offered.proved)


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
            raise UsageError(f"{key}: its value is not YAML", hint="quotes help: key='\"a: b\"'") from error
    return entry


def where(source: NamedSource) -> str:
    """Where a source is, as far as its entry says: an address, a path, a bucket, else the regions of a cloud."""
    stated = next((str(source.options[key]) for key in _ADDRESSES if source.options.get(key)), "")
    scope = source.options.get("scope")
    if not stated and isinstance(scope, Mapping) and isinstance(scope.get("regions"), list):
        return ", ".join(map(str, scope["regions"]))
    return _SIGNED_IN.sub("//***@", stated)


def add_source(
    name: str, kind: str, entry: Mapping[str, Any], settings: Settings, *, replace: bool = False
) -> Path:
    """Writes the entry into andon.yaml, whose other lines stay as they are; returns the file.

    Raises ConfigError when the name is taken and not to be replaced, the entry is wrong or the file is written in a
    way that has no place for it; the file is then as before.
    """
    file = settings.file
    if name in settings.sources and not replace:
        raise ConfigError(
            f"{file} names {name!r} already", hint="take another name, or replace it with --replace"
        )
    if kind != FILES:
        with Session() as session:
            open_connector(name, entry, session, folder=file.resolve().parent, origin=f"sources.{name}")
    before = _read(file)
    text = with_entry(before.decode("utf-8"), name, entry)
    added = sources_in(text, file).get(name)
    if added is None or added.options != entry:
        raise _no_place(file)
    _write_if_as_meant(text, before, settings, settings.sources | {name: added})
    return file


def remove_source(name: str, settings: Settings) -> Path:
    """Takes the entry out of andon.yaml, whose other lines stay as they are; returns the file.

    Raises ConfigError when there is none of this name, or the file is written in a way that it cannot be cut out of.
    """
    if name not in settings.sources:
        known = ", ".join(sorted(settings.sources)) or "none"
        raise ConfigError(f"no source is named {name!r}", hint=f"configured sources: {known}")
    before = _read(settings.file)
    others = {other: source for other, source in settings.sources.items() if other != name}
    _write_if_as_meant(without_entry(before.decode("utf-8"), name), before, settings, others)
    return settings.file


def _write_if_as_meant(
    text: str, before: bytes, settings: Settings, meant: Mapping[str, NamedSource]
) -> None:
    """Writes the text if it states these sources, and all else as it was."""
    file = settings.file
    if sources_in(text, file) != meant or budget_in(text, file) != settings.budget:
        raise _no_place(file)
    _write(file, before, text.encode("utf-8"))


def _no_place(file: Path) -> ConfigError:
    return ConfigError(
        f"{file} is written in a way that this source cannot be changed in",
        hint="write one source a line, indented under `sources:`, or change it by hand",
    )


def _read(file: Path) -> bytes:
    return file.read_bytes() if file.is_file() else b""


def _write(file: Path, before: bytes, after: bytes) -> None:
    """Writes the file whole or not at all, and only if it still is as it was; a link stays a link."""
    target, name = file.resolve(), None
    try:
        if target.exists() and not os.access(target, os.W_OK):
            raise PermissionError(EACCES, "it is read-only")
        handle, name = tempfile.mkstemp(dir=target.parent, prefix=".andon-", suffix=".yaml")
        with os.fdopen(handle, "wb") as out:
            out.write(after)
        os.chmod(name, target.stat().st_mode & 0o777 if target.exists() else _READABLE)
        if before != (target.read_bytes() if target.exists() else b""):
            raise ConfigError(f"{file} was changed by somebody else meanwhile", hint="try again")
        os.replace(name, target)
    except OSError as error:
        raise ConfigError(f"{file} cannot be written: {error.strerror}") from error
    finally:
        if name is not None:
            Path(name).unlink(missing_ok=True)
