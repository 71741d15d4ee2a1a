"""What differs between two pod templates, as paths with old and new values."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

from andon.connectors.kubernetes.objects import parts, section, text

__all__ = ["RESTARTED_AT", "Difference", "differences", "images", "told"]

Difference = tuple[str, str, str]
"""A path, what stood there and what stands there now; empty texts where nothing did."""

RESTARTED_AT = "annotations.kubectl.kubernetes.io/restartedAt"
"""What `kubectl rollout restart` writes."""
_HIDDEN = "(hidden)"
_LONGEST_VALUE = 200
_DEEPEST = 12
_MOST_TOLD = 6
_OF_NO_ACCOUNT = frozenset(["labels.pod-template-hash", "labels.controller-revision-hash"])
_SECRET = re.compile(r"pass(word|wd|phrase)?|secret|token|credential|(api|access|private)[_-]?key", re.I)
_USER = re.compile(r"://[^/@\s]+@")


def images(template: Any) -> dict[str, str]:
    """Container name to image."""
    spec = section(template, "spec")
    return {text(c, "name"): text(c, "image") for c in parts(spec, "containers") if text(c, "image")}


def differences(old: Any, new: Any) -> tuple[Difference, ...]:
    """Every path at which two templates differ, images first; values that may be secrets are hidden.

    Containers, variables, volumes and other lists of named things are compared by name. A value is hidden when its
    name speaks of a secret; what a Secret holds never stands in a template.
    """
    before, after = dict(_leaves(old)), dict(_leaves(new))
    found = [(path, before.get(path, ""), after.get(path, "")) for path in {**before, **after}]
    found = [one for one in found if one[1] != one[2] and one[0] not in _OF_NO_ACCOUNT]
    found.sort(key=lambda one: (not one[0].endswith(".image"), one[0]))
    return tuple((path, _shown(path, old), _shown(path, new)) for path, old, new in found)


def told(found: tuple[Difference, ...]) -> str:
    """The differences in one line, the first ones in full."""
    lines = [f"{path}: {old or '(none)'} -> {new or '(none)'}" for path, old, new in found[:_MOST_TOLD]]
    if len(found) > _MOST_TOLD:
        lines.append(f"{len(found) - _MOST_TOLD} more")
    return "; ".join(lines)


def _leaves(template: Any) -> Iterator[tuple[str, str]]:
    for kind in ("labels", "annotations"):
        for name, value in section(template, "metadata", kind).items():
            yield f"{kind}.{name}", str(value)
    yield from _flat(section(template, "spec"), "", 0)


def _flat(value: Any, path: str, depth: int) -> Iterator[tuple[str, str]]:
    if depth > _DEEPEST:
        return
    if isinstance(value, dict):
        for key, inner in value.items():
            yield from _flat(inner, f"{path}.{key}" if path else str(key), depth + 1)
    elif isinstance(value, list) and all(isinstance(one, str | int | float | bool) for one in value):
        yield path, " ".join(map(str, value))
    elif isinstance(value, list):
        for i, inner in enumerate(value):
            name = text(inner, "name") if isinstance(inner, dict) else ""
            rest = {key: one for key, one in inner.items() if key != "name"} if name else inner
            yield from _flat(rest, f"{path}[{name or i}]", depth + 1)
    elif value is not None:
        yield path.removesuffix(".value"), str(value)


def _shown(path: str, value: str) -> str:
    if value and _SECRET.search(path) and ".valueFrom." not in path and "volumes[" not in path:
        return _HIDDEN
    plain = _USER.sub("://***@", value)
    return plain if len(plain) <= _LONGEST_VALUE else f"{plain[:_LONGEST_VALUE]}…"
