"""Offers: which of a server's tools are lent, under which names, and why the others are not."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from andon.connectors.lent.answers import plain
from andon.connectors.lent.config import LentConfig
from andon.connectors.lent.schemas import Unfit, clean_schema
from andon.telemetry import Problem

if TYPE_CHECKING:
    from mcp.types import Tool

__all__ = ["MOST_TOOLS", "LentTool", "chosen"]

MOST_TOOLS = 64
_DESCRIPTION = 300
_NAME = 64
_TOLD = 12
"""Tools that are named, each with why it is not lent; the rest is counted."""


@dataclass(frozen=True, slots=True)
class LentTool:
    """A tool of a server: its own name `tool`, the `name` that a model calls it by, and a JSON schema of an object."""

    server: str
    tool: str
    name: str
    description: str
    schema: Mapping[str, Any]


def chosen(
    server: str, offered: Iterable[Tool], config: LentConfig, taken: Collection[str] = ()
) -> tuple[tuple[LentTool, ...], tuple[Problem, ...]]:
    """The tools that are lent, and problems that say which are not and why; none gets a name that is taken."""
    listed = list(offered)
    names = set(taken)
    lent: list[LentTool] = []
    refused: list[Problem] = []
    beyond = 0
    for tool in listed:
        why = _refusal(tool, config)
        if why is None and len(lent) >= MOST_TOOLS:
            beyond += 1
            continue
        try:
            if why is not None:
                raise Unfit(why)
            lent.append(_lent(server, tool, names))
        except Unfit as unfit:
            if str(unfit):
                refused.append(Problem(f"{server}.{plain(tool.name, 60)}", f"not lent: {unfit}"))
    lacking = sorted(set(config.tools or ()) - {tool.name for tool in listed})
    refused += [Problem(f"{server}.{plain(name, 60)}", "it offers no such tool") for name in lacking]
    if len(refused) > _TOLD:
        refused[_TOLD:] = [Problem(server, "more tools are not lent", len(refused) - _TOLD)]
    if beyond:
        refused.append(Problem(server, f"more than {MOST_TOOLS} tools: the rest is not lent", beyond))
    return tuple(lent), tuple(refused)


def _refusal(tool: Tool, config: LentConfig) -> str | None:
    """Why a tool is not lent; empty where nobody asked for it, None where it is."""
    hints = tool.annotations
    wanted = config.tools is None or tool.name in config.tools
    if not wanted:
        return ""
    if hints is not None and (hints.read_only_hint is False or hints.destructive_hint):
        return "it says of itself that it changes something"
    if config.tools is None and not (hints is not None and hints.read_only_hint):
        return "it does not say that it only reads; name it under `tools` if it does"
    return None


def _lent(server: str, tool: Tool, names: set[str]) -> LentTool:
    schema = clean_schema(tool.input_schema)
    name = _free(re.sub(r"[^A-Za-z0-9_-]", "_", f"{server}_{tool.name}")[:_NAME], names)
    names.add(name)
    said = plain(tool.description or "", _DESCRIPTION)
    description = f"Lent by {server}" + (f", which says of it: “{said}”" if said else "")
    return LentTool(server, tool.name, name, description, schema)


def _free(name: str, names: Collection[str]) -> str:
    free, number = name, 2
    while free in names:
        free, number = f"{name[: _NAME - 5]}_{number}", number + 1
    return free
