"""Prometheus' HTTP API: what is sent, and what an answer means.

The same API is served by Prometheus, VictoriaMetrics, Grafana Mimir and Thanos. They are told apart by what they
answer under `/api/v1/status/buildinfo`: Mimir names itself there, VictoriaMetrics puts X-Server-Hostname on each
answer, and a version below 1 is taken for Thanos (an assumption: its versions are 0.x).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from andon.connectors.unanswered import Unanswered
from andon.connectors.wire import Reply, Wire
from andon.telemetry import Window

__all__ = ["Answer", "Build", "Flavour", "PrometheusApi", "QueryRefused"]

_LONG = 1_500
"""Characters from which on a query is posted: proxies cut long addresses."""
_ADVICE = "might not be a counter"
"""An info of Prometheus 3 about the name of a metric, not about its data."""
_TOLD = frozenset([400, 404, 405, 422])
"""Statuses that come with a reason in words."""


class Flavour(StrEnum):
    """Which system answers the API; they differ in how a range is cut and in what they know of themselves."""

    PROMETHEUS = "Prometheus"
    VICTORIAMETRICS = "VictoriaMetrics"
    MIMIR = "Grafana Mimir"
    THANOS = "Thanos"


class QueryRefused(Unanswered):
    """The query was understood as one and not executed: too much, or wrong."""


@dataclass(frozen=True, slots=True)
class Answer:
    """The `data` of a successful answer, its size in bytes, and what is missing in it or may be."""

    data: Any
    size: int
    warnings: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Build:
    """Which system it is, and its version where it says so."""

    flavour: Flavour
    version: str = ""

    def __str__(self) -> str:
        return f"{self.flavour} {self.version}".strip()


class PrometheusApi:
    """Questions to one server. Every method raises Unanswered."""

    def __init__(self, wire: Wire) -> None:
        self.wire = wire

    def build(self, *, fresh: bool = False) -> Build:
        reply = self.wire.get("/api/v1/status/buildinfo", accept=_TOLD, fresh=fresh)
        if "x-server-hostname" in reply.headers:
            return Build(Flavour.VICTORIAMETRICS)
        data = _answer(reply).data
        if not isinstance(data, dict) or not isinstance(data.get("version", ""), str):
            raise _strange()
        version, application = data.get("version", ""), str(data.get("application", ""))
        if "mimir" in application.lower():
            return Build(Flavour.MIMIR, version)
        return Build(Flavour.THANOS if version.startswith("0.") else Flavour.PROMETHEUS, version)

    def instant(self, query: str, time: float) -> Answer:
        """`data.result` of a query at one moment: dictionaries with `metric` and `value`."""
        return self._query("/api/v1/query", query, {"time": _seconds(time)})

    def over(self, query: str, window: Window, step: float) -> Answer:
        """`data.result` of a query at every step from the window's start to its end, both included: `metric` and `values`."""
        times = {"start": _seconds(window.start), "end": _seconds(window.end), "step": _seconds(step)}
        return self._query("/api/v1/query_range", query, times)

    def values(self, label: str, match: str, window: Window, *, fresh: bool = False) -> Answer:
        """The values of a label on the matching series, as a list of texts."""
        return self._texts(f"/api/v1/label/{label}/values", match, window, fresh)

    def labels(self, match: str, window: Window, *, fresh: bool = False) -> Answer:
        """The names of the labels of the matching series, as a list of texts."""
        return self._texts("/api/v1/labels", match, window, fresh)

    def stated(self, path: str, *, fresh: bool = False) -> Answer:
        """What a page under `/api/v1/` tells: metadata, rules, status."""
        return _answer(self.wire.get(f"/api/v1/{path}", accept=_TOLD, fresh=fresh))

    def _texts(self, path: str, match: str, window: Window, fresh: bool) -> Answer:
        params = {"match[]": match, "start": _seconds(window.start), "end": _seconds(window.end)}
        answer = _answer(self.wire.get(path, params, accept=_TOLD, fresh=fresh))
        if not isinstance(answer.data, list) or not all(isinstance(text, str) for text in answer.data):
            raise _strange()
        return answer

    def _query(self, path: str, query: str, params: Mapping[str, str]) -> Answer:
        asked = {"query": query, **params}
        if len(query) > _LONG:
            reply = self.wire.post(path, form=asked, accept=_TOLD)
        else:
            reply = self.wire.get(path, asked, accept=_TOLD)
        answer = _answer(reply)
        if not isinstance(answer.data, dict) or not isinstance(answer.data.get("result"), list):
            raise _strange()
        result = [one for one in answer.data["result"] if _is_series(one)]
        malformed = len(answer.data["result"]) - len(result)
        told = (f"{malformed:,} series of an answer are malformed, and were left out",) if malformed else ()
        return Answer(result, answer.size, answer.warnings + told)


def _is_series(one: Any) -> bool:
    if not isinstance(one, dict) or not isinstance(one.get("metric"), dict):
        return False
    return isinstance(one.get("values"), list) or isinstance(one.get("value"), list)


def _answer(reply: Reply) -> Answer:
    if reply.status in (404, 405):
        raise Unanswered(
            f"has no such page ({reply.status})", hint="check `url`, with the path prefix that the API has"
        )
    try:
        told = reply.json()
    except Unanswered:
        if reply.status == 400:
            raise Unanswered("does not offer this (400)") from None
        raise
    if isinstance(told, dict) and told.get("status") == "error":
        raise QueryRefused(
            f"refused ({reply.status}, {told.get('errorType')}): {str(told.get('error'))[:300]}"
        )
    if not isinstance(told, dict) or told.get("status") != "success" or "data" not in told:
        raise _strange()
    return Answer(told["data"], reply.size, _warnings(told))


def _warnings(told: Mapping[str, Any]) -> tuple[str, ...]:
    """What rides on success: Prometheus' and Thanos' `warnings` and `infos`, VictoriaMetrics' `isPartial`."""
    said = [told.get(key) for key in ("warnings", "infos")]
    texts = [
        f"it warns: {str(text)[:300]}"
        for part in said
        if isinstance(part, list)
        for text in part
        if _ADVICE not in str(text)
    ]
    if told.get("isPartial") is True:
        texts.append("some of its storage nodes did not answer")
    return tuple(dict.fromkeys(texts))


def _strange() -> Unanswered:
    return Unanswered("answers, but not as Prometheus' API does", hint="is this the address of the API?")


def _seconds(time: float) -> str:
    return f"{time:.3f}".rstrip("0").rstrip(".")
