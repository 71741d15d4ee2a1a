"""What may be read of a Prometheus: label matchers in every selector, and how a selector is written."""

from __future__ import annotations

import re
from collections.abc import Sequence

from pydantic import field_validator

from andon.connectors.label_scope import LabelScope

__all__ = ["PrometheusScope", "any_of", "selector"]

_LABEL = re.compile(r"[a-zA-Z_][a-zA-Z0-9_]*")


class PrometheusScope(LabelScope):
    """Only series whose labels have one of these values are asked for, and let in."""

    @field_validator("match")
    @classmethod
    def _legal(cls, match: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for name in match:
            if not _LABEL.fullmatch(name):
                raise ValueError(f"{name!r} is not the name of a label")
        return match

    def matchers(self) -> tuple[str, ...]:
        return tuple(any_of(name, values) for name, values in self.match.items())


def any_of(label: str, values: Sequence[str], before: str = "") -> str:
    """A matcher that takes any of the values, after what the regular expression `before` matches.

    Nothing in a value is read as RE2 or as the end of the text.
    """
    if len(values) == 1 and not before:
        return f"{label}={_text(values[0])}"
    return f"{label}=~{_text(before + '(' + '|'.join(map(re.escape, values)) + ')')}"


def selector(name: str, matchers: Sequence[str] = ()) -> str:
    """The series of one metric; of all metrics when the name is empty."""
    first = f"__name__={_text(name)}" if name else '__name__!=""'
    return "{" + ",".join((first, *matchers)) + "}"


def _text(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'
