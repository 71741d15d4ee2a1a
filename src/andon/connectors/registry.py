"""From an entry of andon.yaml to a connector."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from pydantic import ValidationError

from andon import plugins
from andon.connectors.connector import Connector, ConnectorConfig
from andon.connectors.mistakes import mistake
from andon.connectors.session import Session
from andon.errors import ConfigError

__all__ = ["connector_class", "connector_kinds", "open_class", "open_connector"]


def connector_kinds() -> tuple[str, ...]:
    """Every kind of source that is offered, in alphabetical order."""
    return tuple(plugins.named(plugins.CONNECTORS))


def connector_class(kind: str) -> type[Connector]:
    """The connector of a kind. Raises ConfigError for an unknown one, MissingExtra for one that cannot be imported."""
    found = plugins.load(plugins.CONNECTORS, kind)
    if not (isinstance(found, type) and issubclass(found, Connector)):
        raise ConfigError(f"kind {kind!r}: what is offered under this name is no connector")
    lacking = [name for name in ("kind", "title", "signals", "proved") if not getattr(found, name, None)]
    if not (isinstance(found.Config, type) and issubclass(found.Config, ConnectorConfig)):
        lacking.append("Config")
    if lacking:
        raise ConfigError(f"kind {kind!r}: {found.__name__} does not state {', '.join(lacking)}")
    return found


def open_connector(
    name: str, options: Mapping[str, Any], session: Session, *, folder: Path | None = None, origin: str = ""
) -> Connector:
    """The connector that the options state; relative paths are taken from `folder`.

    Raises ConfigError with `origin` and the key that is wrong. Nothing is sent yet.
    """
    offered = connector_class(str(options.get("kind", "")))
    return open_class(offered, name, options, session, folder=folder, origin=origin)


def open_class(
    offered: type[Connector],
    name: str,
    options: Mapping[str, Any],
    session: Session,
    *,
    folder: Path | None = None,
    origin: str = "",
) -> Connector:
    """As `open_connector`, for a class at hand."""
    try:
        config = offered.Config.model_validate(
            {"kind": offered.kind} | dict(options), context={"folder": folder}
        )
    except ValidationError as error:
        raise mistake(error, offered.Config, offered.kind, origin or name) from None
    return offered(name, config, session)
