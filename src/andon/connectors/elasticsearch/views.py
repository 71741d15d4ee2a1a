"""Points in time: a view of the indices that stays the same from page to page.

Elasticsearch and OpenSearch differ only in how one is opened and closed.
"""

from __future__ import annotations

import contextlib
from dataclasses import dataclass
from typing import Any

from andon.connectors.elasticsearch.refusals import STRANGE, Refused, ask
from andon.connectors.session import Session
from andon.connectors.unanswered import Unanswered
from andon.connectors.wire import Wire

__all__ = ["ELASTICSEARCH", "OPENSEARCH", "Dialect", "View"]

_PARTING = 1.0
"""Seconds in which a view is closed after the run's own time is over."""


@dataclass(frozen=True, slots=True)
class Dialect:
    """Where views are opened (under the indices) and closed, how an answer names one, whether a list closes them, and the permission."""

    opened: str
    closed: str
    key: str
    listed: bool
    permission: str


ELASTICSEARCH = Dialect("_pit", "/_pit", "id", listed=False, permission="the index privilege `read`")
OPENSEARCH = Dialect(
    "_search/point_in_time",
    "/_search/point_in_time",
    "pit_id",
    listed=True,
    permission="`indices:data/read/point_in_time/create` and `indices:data/read/point_in_time/delete`",
)


class View:
    """One point in time over some indices, or none: where it is unknown or not allowed, searches go to the indices."""

    def __init__(self, wire: Wire, dialect: Dialect, indices: str, keep_alive: int) -> None:
        self.wire = wire
        self.dialect = dialect
        self.indices = indices
        self.keep_alive = f"{keep_alive}s"
        self.refused = ""
        """Why there is none."""
        self._id = ""

    def open(self) -> None:
        """Raises Unanswered when the server cannot be asked at all, or an index is not there."""
        path = f"/{self.indices}/{self.dialect.opened}"
        try:
            answer, _ = ask(self.wire, "POST", path, params={"keep_alive": self.keep_alive}, fresh=True)
        except Refused as refused:
            if "index_not_found_exception" in refused.kinds:
                raise
            self.refused, self._id = refused.message, ""
            return
        name = answer.get(self.dialect.key)
        if not isinstance(name, str) or not name:
            raise Unanswered(STRANGE)
        self._id = name

    def aimed(self, body: dict[str, Any]) -> tuple[str, dict[str, Any]]:
        """The path and the body of a search in this view, which gives it another `keep_alive`."""
        if not self._id:
            return f"/{self.indices}/_search", body
        return "/_search", body | {"pit": {"id": self._id, "keep_alive": self.keep_alive}}

    def moved(self, answer: dict[str, Any]) -> None:
        """Every answer may carry a newer name of the view, and only the newest is good for the next search."""
        name = answer.get("pit_id")
        if self._id and isinstance(name, str) and name:
            self._id = name

    def close(self) -> None:
        """Gives the view back; tries also when the run is over, and leaves the rest to `keep_alive`."""
        name, self._id = self._id, ""
        if not name:
            return
        body = {self.dialect.key: [name] if self.dialect.listed else name}
        session = self.wire.session
        with contextlib.suppress(Unanswered):
            if session.remaining():
                ask(self.wire, "DELETE", self.dialect.closed, json=body, fresh=True)
                return
            with Session(_PARTING) as parting:
                wire = Wire(parting, self.wire.source, self.wire.config)
                ask(wire, "DELETE", self.dialect.closed, json=body, fresh=True)
