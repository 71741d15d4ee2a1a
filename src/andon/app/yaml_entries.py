"""Sources in the text of an andon.yaml: added, replaced, removed; all other characters stay as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from andon.errors import ConfigError

if TYPE_CHECKING:
    from yaml import MappingNode, Node

__all__ = ["with_entry", "without_entry"]

_INDENT = 2
_WIDTH = 110


def with_entry(text: str, name: str, entry: Mapping[str, Any]) -> str:
    """The text with the entry in the place of the one of this name, else as the last of `sources`.

    It is indented and has line ends as the others have. Raises ConfigError where the sources are written on one
    line, in braces.
    """
    import yaml

    newline = "\r\n" if "\r\n" in text else "\n"
    block = _sources(text)
    if block is None:
        start = text if not text or text.endswith("\n") else text + newline
        return f"{start}sources:{newline}{_lines(name, entry, _INDENT, newline)}"
    if isinstance(block, yaml.MappingNode) and block.value:
        indent = block.value[0][0].start_mark.column
        found = _place(text, block, name)
        if found is not None:
            return text[: found[0]] + _lines(name, entry, indent, newline) + text[found[1] :]
        end = _written_until(text, block.end_mark.index)
    else:
        indent, end = _INDENT, len(text[: block.start_mark.index].rstrip(" "))
        text = text[:end] + text[block.end_mark.index :]
    at = end if text[:end].endswith("\n") else _next_line(text, end)
    start = text[:at] if text[:at].endswith("\n") else text[:at] + newline
    return start + _lines(name, entry, indent, newline) + text[at:]


def without_entry(text: str, name: str) -> str:
    """The text without the lines of that entry; comments above and below it stay.

    Raises ConfigError where it is not found, or the sources are written in braces.
    """
    import yaml

    block = _sources(text)
    found = _place(text, block, name) if isinstance(block, yaml.MappingNode) else None
    if found is None:
        raise ConfigError(f"`sources` holds no lines of {name!r}", hint="remove it by hand")
    return text[: found[0]] + text[found[1] :]


def _sources(text: str) -> Node | None:
    """The value of the key `sources`, where there is one; not in braces, unless it is empty."""
    import yaml

    root = yaml.compose(text, Loader=yaml.SafeLoader)
    if not isinstance(root, yaml.MappingNode):
        return None
    block = next((value for key, value in root.value if key.value == "sources"), None)
    if isinstance(block, yaml.MappingNode) and block.value and block.flow_style:
        raise ConfigError("`sources` is written in braces", hint="write one source a line, indented, first")
    return block


def _place(text: str, block: MappingNode, name: str) -> tuple[int, int] | None:
    """From where to where the lines of an entry go, without blank lines and comments around them."""
    starts = [key.start_mark.index for key, _ in block.value] + [block.end_mark.index]
    for number, (key, _) in enumerate(block.value):
        if key.value == name:
            end = len(text[: _written_until(text, starts[number + 1])].rstrip())
            return text.rfind("\n", 0, starts[number]) + 1, _next_line(text, end)
    return None


def _written_until(text: str, limit: int) -> int:
    """Where the last value before a place ends; comments may follow it there.

    Seen by the parser's events: what a block or an alias is in the tree ends elsewhere.
    """
    import yaml

    last = 0
    for event in yaml.parse(text, Loader=yaml.SafeLoader):
        start, end = event.start_mark, event.end_mark
        if start is None or end is None or end.index > limit:
            continue
        closes = isinstance(event, yaml.CollectionEndEvent) and start.index < end.index
        if closes or isinstance(event, yaml.ScalarEvent | yaml.AliasEvent):
            last = end.index
    return last


def _next_line(text: str, at: int) -> int:
    return text.find("\n", at) + 1 or len(text)


def _lines(name: str, entry: Mapping[str, Any], indent: int, newline: str) -> str:
    import yaml

    dumped = yaml.safe_dump({name: dict(entry)}, sort_keys=False, allow_unicode=True, width=_WIDTH)
    return "".join(" " * indent + line + newline for line in dumped.splitlines())
