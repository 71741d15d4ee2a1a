"""A new source in the text of an andon.yaml, whose other characters stay as they are."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from andon.errors import ConfigError

if TYPE_CHECKING:
    from yaml import MappingNode, Node

__all__ = ["with_entry"]

_INDENT = 2
_WIDTH = 110


def with_entry(text: str, name: str, entry: Mapping[str, Any]) -> str:
    """The text with the entry as the last of `sources`, indented and with line ends as the others are.

    Raises ConfigError where the sources are written on one line, in braces.
    """
    import yaml

    newline = "\r\n" if "\r\n" in text else "\n"
    block = _sources(yaml.compose(text, Loader=yaml.SafeLoader))
    if block is None:
        start = text if not text or text.endswith("\n") else text + newline
        return f"{start}sources:{newline}{_lines(name, entry, _INDENT, newline)}"
    if isinstance(block, yaml.MappingNode) and block.value:
        if block.flow_style:
            raise ConfigError(
                "`sources` is written in braces", hint="write one source a line, indented, then add"
            )
        indent, end = block.value[0][0].start_mark.column, _end(block)
    else:
        indent, end = _INDENT, len(text[: block.start_mark.index].rstrip(" "))
        text = text[:end] + text[block.end_mark.index :]
    at = end if text[:end].endswith("\n") else text.find("\n", end) + 1 or len(text)
    start = text[:at] if text[:at].endswith("\n") else text[:at] + newline
    return start + _lines(name, entry, indent, newline) + text[at:]


def _sources(root: Node | None) -> Node | None:
    """The value of the key `sources`, where there is one."""
    import yaml

    if not isinstance(root, yaml.MappingNode):
        return None
    return next((value for key, value in root.value if key.value == "sources"), None)


def _end(block: MappingNode) -> int:
    """Where the last value of a block ends; the end of the block itself lies behind the comments that follow."""
    import yaml

    last: Node = block
    while isinstance(last, yaml.CollectionNode) and last.value and not last.flow_style:
        last = last.value[-1][1] if isinstance(last, yaml.MappingNode) else last.value[-1]
    return int(last.end_mark.index)


def _lines(name: str, entry: Mapping[str, Any], indent: int, newline: str) -> str:
    import yaml

    dumped = yaml.safe_dump({name: dict(entry)}, sort_keys=False, allow_unicode=True, width=_WIDTH)
    return "".join(" " * indent + line + newline for line in dumped.splitlines())
