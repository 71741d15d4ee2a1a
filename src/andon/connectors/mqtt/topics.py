"""Topics: what the levels of one name, and whether a filter covers it (MQTT 5.0, section 4.7)."""

from __future__ import annotations

import re

__all__ = ["TopicTemplate", "covers"]

_NAME = re.compile(r"\{([A-Za-z_][A-Za-z0-9_]*)\}")


class TopicTemplate:
    """A topic with names in braces, `site/{line}/{service}/{name}`; `+` and `#` stand for levels that name nothing.

    A name takes one level, the last one with `#` before its brace, `{name#}`, all that follow. Raises ValueError.
    """

    def __init__(self, text: str) -> None:
        self.text = text
        levels = text.split("/")
        self._pattern = re.compile("/".join(_pattern(level, level is levels[-1]) for level in levels))

    def names(self, topic: str) -> dict[str, str] | None:
        """What the levels of a topic name, None where it is another one."""
        found = self._pattern.fullmatch(topic)
        return found.groupdict() if found else None


def _pattern(level: str, last: bool) -> str:
    if level == "+":
        return "[^/]*"
    if level == "#" and last:
        return ".*"
    if last and level.endswith("#}") and (whole := _NAME.fullmatch(level.replace("#}", "}"))):
        return f"(?P<{whole[1]}>.+)"
    if named := _NAME.fullmatch(level):
        return f"(?P<{named[1]}>[^/]+)"
    if set(level) & set("{}+#"):
        raise ValueError(
            f"{level!r} is no level of a topic: text, `{{name}}` or `+`; `#` or `{{name#}}` at the end"
        )
    return re.escape(level)


def covers(wanted: str, topic: str) -> bool:
    """Whether a filter with `+` and `#` covers a topic; wildcards at its start do not cover `$` topics."""
    if topic.startswith("$") and wanted[:1] in ("+", "#"):
        return False
    levels, there = wanted.split("/"), topic.split("/")
    for i, level in enumerate(levels):
        if level == "#":
            return True
        if i >= len(there) or level not in ("+", there[i]):
            return False
    return len(levels) == len(there)
