"""Entry points: what andon finds by name, its own and anyone's alike.

A package offers a connector by an entry point in the group `andon.connectors`: the name is the `kind` of
andon.yaml, the object a `Connector` class. andon's own are registered in the same way.
"""

from __future__ import annotations

import sys
from contextlib import redirect_stdout
from importlib.metadata import EntryPoint, entry_points

from andon.errors import ConfigError, MissingExtra

__all__ = ["CONNECTORS", "load", "named"]

CONNECTORS = "andon.connectors"


def named(group: str) -> dict[str, EntryPoint]:
    """The entry points of a group by name, in the order of the names. The first of a name counts."""
    found: dict[str, EntryPoint] = {}
    for point in entry_points(group=group):
        found.setdefault(point.name, point)
    return dict(sorted(found.items()))


def load(group: str, name: str) -> object:
    """The object behind a name. Raises ConfigError when nobody offers it or it is broken, MissingExtra when it needs what is not installed."""
    offered = named(group)
    if name not in offered:
        raise ConfigError(f"{name!r} is not known here", hint=f"one of {', '.join(offered) or 'none'}")
    try:
        with redirect_stdout(sys.stderr):  # What a package prints when it is imported is no result.
            return offered[name].load()
    except ImportError as error:
        raise MissingExtra(f"{name}: {error}", hint=f"it is offered as {offered[name].value}") from error
    except (
        Exception,
        SystemExit,
    ) as error:  # Whatever a package does when it is imported, the others still work.
        reason = f"{type(error).__name__}: {error}"
        raise ConfigError(f"{name}: {offered[name].value} cannot be used ({reason})") from error
