"""Settings: where runs are kept, which sources have names, and which model may be asked.

`andon.yaml` is read from `ANDON_CONFIG`, else from the current folder; `ANDON_HOME` says where runs are
kept, else they are under `XDG_DATA_HOME`; `ANDON_MODEL` names a model, `ANDON_OFFLINE` forbids all that are elsewhere;
`ANDON_TRACES` says where spans of our own work go.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from andon.config.models import (
    Knowledge,
    ModelEntry,
    Tracing,
    knowledge_in,
    lenders_in,
    model_in,
    redaction_in,
    tracing_in,
)
from andon.errors import ConfigError

__all__ = [
    "FILES",
    "NamedSource",
    "Settings",
    "Spending",
    "budget_in",
    "is_offline",
    "load_settings",
    "sources_in",
]


_NAME = re.compile(r"[\w.-]{1,60}")

FILES = "files"
"""The kind of a source that states nothing but a path: a folder or a bundle."""
_KEYS = ("sources", "budget", "model", "knowledge", "mcp", "redaction", "tracing")
_BUDGET_KEYS = "known are: seconds, bytes"


@dataclass(frozen=True, slots=True)
class NamedSource:
    """A source of `andon.yaml`: its kind, what is stated of it, the folder that paths are taken from, and where it was named."""

    name: str
    kind: str
    options: Mapping[str, Any]
    folder: Path
    origin: str

    @property
    def path(self) -> Path:
        """The folder or bundle of a source of kind `files`."""
        return (self.folder / str(self.options["path"])).resolve()


@dataclass(frozen=True, slots=True)
class Spending:
    """What all live systems of a run may be asked for together: seconds, and bytes of answers."""

    seconds: float = 120.0
    bytes: int = 1 << 30


@dataclass(frozen=True, slots=True)
class Settings:
    """`home` holds the store of runs; `file` is the andon.yaml that is read if it is there; `origins` says where each setting came from.

    `model` is the language model that leads investigations, None for the engine alone; `lenders` are MCP servers as
    they are stated; `hide_addresses` hides addresses of machines from models; `offline` forbids models elsewhere;
    `tracing` is where spans of our own work go.
    """

    home: Path
    file: Path
    sources: dict[str, NamedSource] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)
    budget: Spending = Spending()
    model: ModelEntry | None = None
    knowledge: Knowledge | None = None
    lenders: Mapping[str, Mapping[str, Any]] = field(default_factory=dict)
    hide_addresses: bool = False
    offline: bool = False
    tracing: Tracing | None = None


def is_offline() -> bool:
    """Whether ANDON_OFFLINE forbids every request to a model: any value but an empty one, 0, false and no."""
    return os.environ.get("ANDON_OFFLINE", "").strip().lower() not in ("", "0", "false", "no")


def load_settings() -> Settings:
    """The settings in force. Raises ConfigError naming file and key where something is wrong."""
    stated = os.environ.get("ANDON_HOME")
    data = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    home = Path(stated) if stated else Path(data) / "andon"
    origins = {"home": "ANDON_HOME" if stated else "default"}
    file = Path(os.environ.get("ANDON_CONFIG") or "andon.yaml")
    text = _text(file) if file.is_file() else ""
    sources, budget, entries = sources_in(text, file), budget_in(text, file), _mapping(text, file)
    if not file.is_file() and "ANDON_CONFIG" in os.environ:
        raise ConfigError(f"{file}: there is no such file", hint="ANDON_CONFIG names it")
    origins |= {f"sources.{name}": source.origin for name, source in sources.items()}
    return Settings(
        home,
        file,
        sources,
        origins,
        budget,
        model_in(entries, file),
        knowledge_in(entries, file),
        lenders_in(entries, file),
        redaction_in(entries, file),
        is_offline(),
        tracing_in(entries, file),
    )


def _text(file: Path) -> str:
    try:
        return file.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigError(f"{file}: cannot be read: {reason}") from error


def sources_in(text: str, file: Path) -> dict[str, NamedSource]:
    """The sources that the text of an andon.yaml names. Raises ConfigError naming file and key where something is wrong."""
    named = _mapping(text, file).get("sources") or {}
    if not isinstance(named, dict):
        raise ConfigError(f"{file}: expected a mapping with a mapping `sources`")
    return {str(name): _source(file, str(name), entry) for name, entry in named.items()}


def budget_in(text: str, file: Path) -> Spending:
    """What the text of an andon.yaml lets a run ask for in all. Raises ConfigError naming file and key."""
    stated = _mapping(text, file).get("budget") or {}
    if not isinstance(stated, dict):
        raise ConfigError(f"{file}: budget: expected a mapping", hint=_BUDGET_KEYS)
    unknown = sorted(map(str, set(stated) - {"seconds", "bytes"}))
    if unknown:
        raise ConfigError(f"{file}: budget.{unknown[0]}: unknown key", hint=_BUDGET_KEYS)
    for key, value in stated.items():
        if isinstance(value, bool) or not isinstance(value, int | float) or not value > 0:
            raise ConfigError(f"{file}: budget.{key}: expected a number above 0")
    return Spending(**stated)


def _mapping(text: str, file: Path) -> dict[str, Any]:
    import yaml

    try:
        read = _loaded(text) or {}
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ConfigError(f"{file}: cannot be read{_place(error)}") from None
    if not isinstance(read, dict):
        raise ConfigError(f"{file}: expected a mapping with a mapping `sources`")
    unknown = sorted(map(str, set(read) - set(_KEYS)))
    if unknown:
        raise ConfigError(f"{file}: {unknown[0]}: unknown key", hint=f"known are: {', '.join(_KEYS)}")
    return read


def _loaded(text: str) -> Any:
    """What the text states. Raises YAMLError with the place, also for a key that is stated twice: one of them would be lost without a word."""
    import yaml

    class Loader(yaml.SafeLoader):
        """Looks at the keys as they are written, before `<<` merges others into them."""

        def compose_mapping_node(self, anchor: Any) -> yaml.MappingNode:
            node = super().compose_mapping_node(anchor)
            seen = set()
            for key in (key for key, _ in node.value if isinstance(key, yaml.ScalarNode)):
                if key.value in seen:
                    raise yaml.composer.ComposerError(
                        problem=f"{key.value!r} is stated twice", problem_mark=key.start_mark
                    )
                seen.add(key.value)
            return node

    loader = Loader(text)
    try:
        return loader.get_single_data()
    finally:
        loader.dispose()


def _place(error: Exception) -> str:
    """Where YAML ends and why; the line itself is not repeated, for it may hold what should not be told."""
    mark = getattr(error, "problem_mark", None)
    reason = getattr(error, "problem", None) or "it is not YAML"
    return f": {reason}, line {mark.line + 1}" if mark else f": {reason}"


def _source(file: Path, name: str, entry: object) -> NamedSource:
    place = f"{file}: sources.{name}"
    if not isinstance(entry, dict):
        raise ConfigError(
            f"{place}: expected a mapping", hint="path: ./telemetry, or kind: prometheus and its keys"
        )
    if not _NAME.fullmatch(name):
        raise ConfigError(f"{place}: a name is letters, digits, `-`, `_` and `.`")
    kind = entry.get("kind", FILES)
    if not isinstance(kind, str):
        raise ConfigError(f"{place}.kind: expected a word", hint="`andon sources kinds` lists them")
    if kind == FILES and (not isinstance(entry.get("path"), str) or not set(entry) <= {"path", "kind"}):
        raise ConfigError(
            f"{place}: expected one key, `path`", hint="path: ./telemetry; systems have a `kind`"
        )
    return NamedSource(name, kind, entry, file.parent.resolve(), place)
