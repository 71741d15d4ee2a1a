"""Settings: where runs are kept, and which sources have names.

`andon.yaml` is read from `ANDON_CONFIG`, else from the current folder; `ANDON_HOME` says where runs are
kept, else they are under `XDG_DATA_HOME`. Besides these only `ANDON_JOBS` is read, by `andon.workers`.
"""

from __future__ import annotations

import os
from dataclasses import dataclass, field
from pathlib import Path

from andon.errors import ConfigError

__all__ = ["NamedSource", "Settings", "load_settings"]


@dataclass(frozen=True, slots=True)
class NamedSource:
    """A source of `andon.yaml`: a folder or bundle, and where it was named."""

    name: str
    path: Path
    origin: str


@dataclass(frozen=True, slots=True)
class Settings:
    """`home` holds the store of runs; `origins` says where each setting came from."""

    home: Path
    sources: dict[str, NamedSource] = field(default_factory=dict)
    origins: dict[str, str] = field(default_factory=dict)


def load_settings() -> Settings:
    """The settings in force. Raises ConfigError naming file and key where something is wrong."""
    stated = os.environ.get("ANDON_HOME")
    data = os.environ.get("XDG_DATA_HOME") or str(Path.home() / ".local" / "share")
    home = Path(stated) if stated else Path(data) / "andon"
    origins = {"home": "ANDON_HOME" if stated else "default"}
    file = Path(os.environ.get("ANDON_CONFIG") or "andon.yaml")
    sources = _sources(file) if file.is_file() else {}
    if not file.is_file() and "ANDON_CONFIG" in os.environ:
        raise ConfigError(f"{file}: there is no such file", hint="ANDON_CONFIG names it")
    return Settings(home, sources, origins | {f"sources.{name}": s.origin for name, s in sources.items()})


def _sources(file: Path) -> dict[str, NamedSource]:
    import yaml

    try:
        read = yaml.safe_load(file.read_text(encoding="utf-8")) or {}
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        raise ConfigError(f"{file}: cannot be read: {error}") from error
    if not isinstance(read, dict) or not isinstance(read.get("sources", {}), dict):
        raise ConfigError(f"{file}: expected a mapping with a mapping `sources`")
    unknown = sorted(set(read) - {"sources"})
    if unknown:
        raise ConfigError(f"{file}: {unknown[0]}: unknown key", hint="known is: sources")
    return {str(name): _source(file, str(name), entry) for name, entry in read.get("sources", {}).items()}


def _source(file: Path, name: str, entry: object) -> NamedSource:
    if not isinstance(entry, dict) or not isinstance(entry.get("path"), str) or set(entry) != {"path"}:
        raise ConfigError(f"{file}: sources.{name}: expected one key, `path`", hint="path: ./telemetry")
    return NamedSource(name, (file.parent / entry["path"]).resolve(), f"{file}: sources.{name}")
