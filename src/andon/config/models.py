"""What andon.yaml says of a language model, of documents to search, of tools that others lend, and of our own spans."""

from __future__ import annotations

import os
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from andon.errors import ConfigError

__all__ = [
    "BUDGET",
    "Knowledge",
    "ModelEntry",
    "Tracing",
    "knowledge_in",
    "lenders_in",
    "model_in",
    "redaction_in",
    "tracing_in",
]

BUDGET = ("requests", "calls", "tokens", "dollars", "seconds", "bytes")
"""What a run may spend on a model: keys of `model.budget`."""
_PRICES = ("input", "output", "cached")
_TEXTS = ("name", "url", "key", "region", "profile")
_NUMBERS = {"temperature": (0.0, 2.0), "timeout": (1.0, 3600.0)}
_KEYS = (*_TEXTS, *_NUMBERS, "samples", "prices", "budget")
_MOST_SAMPLES = 50
_TRACING = "tracing: {url: http://localhost:4318} or {file: spans.jsonl}"


@dataclass(frozen=True, slots=True)
class ModelEntry:
    """A model: `name` is `provider:name`; `key` the reference of a secret; prices are dollars per million tokens.

    `folder` is that of the file, from which paths are taken; `origin` says where the entry stands.
    """

    name: str
    url: str = ""
    key: str = ""
    region: str = ""
    profile: str = ""
    temperature: float | None = None
    timeout: float = 120.0
    samples: int = 1
    prices: Mapping[str, float] = field(default_factory=dict)
    budget: Mapping[str, float] = field(default_factory=dict)
    folder: Path = Path()
    origin: str = "model"

    def named(self, name: str, origin: str) -> ModelEntry:
        """Another model for a run: this entry where it is the same one, else that name with no more than the budget.

        A key and an address are never used for another model than the one that they stand with.
        """
        if name == self.name:
            return self
        return ModelEntry(name, budget=self.budget, folder=self.folder, origin=origin)


@dataclass(frozen=True, slots=True)
class Knowledge:
    """The folder of runbooks and past incidents; `embeddings` names a GGUF file, empty for search by words."""

    folder: Path
    embeddings: str = ""


@dataclass(frozen=True, slots=True)
class Tracing:
    """Where the spans of our own work go: to a collector at `url`, or into `file`; with `content`, what was said goes along."""

    url: str = ""
    file: str = ""
    content: bool = False


def model_in(entries: Mapping[str, Any], file: Path) -> ModelEntry | None:
    """The model that andon.yaml or ANDON_MODEL names. Raises ConfigError naming the key."""
    stated = entries.get("model")
    entry = None if stated is None else _model(stated, file)
    wanted = os.environ.get("ANDON_MODEL", "").strip()
    if not wanted:
        return entry
    bare = entry or ModelEntry("", folder=file.parent.resolve())
    return bare.named(wanted, "ANDON_MODEL")


def _model(stated: Any, file: Path) -> ModelEntry:
    place = f"{file}: model"
    if isinstance(stated, str):
        stated = {"name": stated}
    if not isinstance(stated, dict) or not isinstance(stated.get("name"), str) or not stated["name"].strip():
        raise ConfigError(
            f"{place}: expected a name, or a mapping with a name",
            hint="model: anthropic:claude-…, or name: and url:",
        )
    _known(stated, _KEYS, place)
    for key in _TEXTS:
        if not isinstance(stated.get(key, ""), str):
            raise ConfigError(f"{place}.{key}: expected text")
    for key, (least, most) in _NUMBERS.items():
        _number(stated.get(key, least), f"{place}.{key}", least, most)
    samples = stated.get("samples", 1)
    if isinstance(samples, bool) or not isinstance(samples, int) or not 1 <= samples <= _MOST_SAMPLES:
        raise ConfigError(f"{place}.samples: expected a whole number from 1 to {_MOST_SAMPLES}")
    plain = {key: value for key, value in stated.items() if key not in ("prices", "budget")}
    return ModelEntry(
        **plain,
        prices=_numbers(stated.get("prices") or {}, _PRICES, f"{place}.prices"),
        budget=_numbers(stated.get("budget") or {}, BUDGET, f"{place}.budget"),
        folder=file.parent.resolve(),
        origin=place,
    )


def _numbers(stated: Any, names: tuple[str, ...], place: str) -> dict[str, float]:
    if not isinstance(stated, dict):
        raise ConfigError(f"{place}: expected a mapping", hint=f"known are: {', '.join(names)}")
    _known(stated, names, place)
    for key, value in stated.items():
        _number(value, f"{place}.{key}", 0.0, 1e12, above=not place.endswith("prices"))
    if place.endswith("prices") and stated and not {"input", "output"} <= set(stated):
        raise ConfigError(f"{place}: expected input and output", hint="dollars per million tokens")
    return dict(stated)


def _number(value: Any, place: str, least: float, most: float, *, above: bool = False) -> None:
    fits = isinstance(value, int | float) and not isinstance(value, bool) and least <= value <= most
    if not fits or (above and not value > 0):
        raise ConfigError(
            f"{place}: expected a number {'above 0' if above else f'from {least:g} to {most:g}'}"
        )


def _known(stated: Mapping[str, Any], names: tuple[str, ...], place: str) -> None:
    unknown = sorted(map(str, set(stated) - set(names)))
    if unknown:
        raise ConfigError(f"{place}.{unknown[0]}: unknown key", hint=f"known are: {', '.join(names)}")


def knowledge_in(entries: Mapping[str, Any], file: Path) -> Knowledge | None:
    """The documents that andon.yaml names. Raises ConfigError naming the key."""
    stated, place = entries.get("knowledge"), f"{file}: knowledge"
    if stated is None:
        return None
    if isinstance(stated, str):
        stated = {"path": stated}
    if not isinstance(stated, dict) or not isinstance(stated.get("path"), str):
        raise ConfigError(f"{place}: expected a folder", hint="knowledge: ./runbooks")
    _known(stated, ("path", "embeddings"), place)
    weights = stated.get("embeddings", "")
    if not isinstance(weights, str):
        raise ConfigError(f"{place}.embeddings: expected the path of a GGUF file")
    folder = file.parent.resolve()
    return Knowledge(
        (folder / stated["path"]).resolve(), str((folder / weights).resolve()) if weights else ""
    )


def lenders_in(entries: Mapping[str, Any], file: Path) -> Mapping[str, Mapping[str, Any]]:
    """The MCP servers that andon.yaml names, as they are stated. Raises ConfigError naming the key."""
    stated = entries.get("mcp") or {}
    if not isinstance(stated, dict) or not all(isinstance(one, dict) for one in stated.values()):
        raise ConfigError(
            f"{file}: mcp: expected a mapping of names to servers", hint="mcp: {docs: {url: …}}"
        )
    return {str(name): one for name, one in stated.items()}


def redaction_in(entries: Mapping[str, Any], file: Path) -> bool:
    """Whether addresses of machines are hidden from models, too. Raises ConfigError naming the key."""
    stated, place = entries.get("redaction") or {}, f"{file}: redaction"
    if not isinstance(stated, dict):
        raise ConfigError(f"{place}: expected a mapping", hint="redaction: {addresses: true}")
    _known(stated, ("addresses",), place)
    hidden = stated.get("addresses", False)
    if not isinstance(hidden, bool):
        raise ConfigError(f"{place}.addresses: expected true or false")
    return hidden


def tracing_in(entries: Mapping[str, Any], file: Path) -> Tracing | None:
    """Where andon.yaml or ANDON_TRACES sends our spans, None for nowhere. Raises ConfigError naming the key.

    ANDON_TRACES is an address, a file, or `off`. `content` holds for the place that it is stated with, and no other.
    """
    stated, place = entries.get("tracing"), f"{file}: tracing"
    found = None if stated is None else _tracing(stated, place, file.parent.resolve())
    wanted = os.environ.get("ANDON_TRACES", "").strip()
    if not wanted:
        return found
    if wanted == "off":
        return None
    url = "://" in wanted
    told = Tracing(_collector(wanted, "ANDON_TRACES")) if url else Tracing(file=str(Path(wanted).resolve()))
    return found if found and (found.url, found.file) == (told.url, told.file) else told


def _tracing(stated: Any, place: str, folder: Path) -> Tracing:
    if not isinstance(stated, dict) or ("url" in stated) == ("file" in stated):
        raise ConfigError(f"{place}: expected a url or a file", hint=_TRACING)
    _known(stated, ("url", "file", "content"), place)
    (key,) = {"url", "file"} & set(stated)
    if not isinstance(stated[key], str) or not stated[key]:
        raise ConfigError(f"{place}.{key}: expected text", hint=_TRACING)
    content = stated.get("content", False)
    if not isinstance(content, bool):
        raise ConfigError(f"{place}.content: expected true or false")
    if key == "file":
        return Tracing(file=str((folder / stated["file"]).resolve()), content=content)
    return Tracing(_collector(stated["url"], f"{place}.url"), content=content)


def _collector(url: str, place: str) -> str:
    """The address of a collector. Raises ConfigError where it is none, or carries a secret or a query; it is not repeated."""
    try:
        parts = urlsplit(url)
        sound = parts.scheme in ("http", "https") and parts.hostname and parts.port != 0 and url.isprintable()
    except ValueError:
        sound = False
    if not sound or " " in url:
        raise ConfigError(f"{place}: expected http:// or https:// and a host", hint=_TRACING)
    if "@" in parts.netloc or parts.query or parts.fragment:
        raise ConfigError(f"{place}: holds a user, a password or a query", hint=_TRACING)
    return url
