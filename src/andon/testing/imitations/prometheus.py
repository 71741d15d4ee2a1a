"""Prometheus' HTTP API on samples in memory: queries, labels, metadata, rules, build and runtime information.

Enforced: at most 11,000 points a series and query, a step above zero, `match[]` with a matcher that is not
empty, POST only where Prometheus takes it. Without remote read or write, targets, exemplars, and without what
`andon.testing.imitations.promql` leaves out. With `tenant`, other values of X-Scope-OrgID get 401, as Mimir's.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from andon.testing.imitation import Asked, Imitation, Told, json_told
from andon.testing.imitations.promql import BadQuery, StoredSeries, parse, parse_selector

__all__ = ["PrometheusImitation"]

MOST_POINTS = 11_000


class PrometheusImitation(Imitation):
    """Holds the series that it was given; `warnings` ride on every answer to a query."""

    def __init__(
        self,
        series: Sequence[StoredSeries] = (),
        *,
        types: Mapping[str, str] | None = None,
        rules: Sequence[Mapping[str, Any]] = (),
        warnings: Sequence[str] = (),
        tenant: str = "",
        build: Mapping[str, Any] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.series = tuple(series)
        self.types = dict(types or {})
        self.rules = list(rules)
        self.warnings = list(warnings)
        self.tenant = tenant
        self.build = dict(build or {"version": "2.42.0"})

    def answer(self, asked: Asked) -> Told:
        if self.tenant and asked.headers.get("x-scope-orgid") != self.tenant:
            return Told(401, b"no org id")
        params = {**dict(asked.params), **(asked.form() if asked.method == "POST" else {})}
        try:
            return self._told(asked, params)
        except BadQuery as error:
            return _refused(f"invalid parameter: parse error: {error}")
        except (KeyError, ValueError) as error:
            return _refused(f"invalid parameter: {error}")

    def _told(self, asked: Asked, params: Mapping[str, str]) -> Told:
        parts = asked.path.strip("/").split("/")
        if parts[:2] != ["api", "v1"]:
            return Told(404, b"404 page not found")
        post = {"query", "query_range", "labels", "series"}
        if asked.method == "POST" and parts[2] not in post:
            return Told(405, b"Method Not Allowed")
        match parts[2:]:
            case ["query"]:
                return self._instant(params)
            case ["query_range"]:
                return self._range(params)
            case ["labels"]:
                names = {name for one in self._matching(params) for name in one.labels}
                return _success(sorted(names))
            case ["label", name, "values"]:
                return _success(sorted({one.labels.get(name, "") for one in self._matching(params)} - {""}))
            case ["metadata"]:
                return _success({n: [{"type": t, "help": "", "unit": ""}] for n, t in self.types.items()})
            case ["rules"]:
                return _success({"groups": [{"name": "all", "rules": self.rules}] if self.rules else []})
            case ["status", "buildinfo"]:
                return _success(self.build)
            case ["status", "runtimeinfo"]:
                return _success({"storageRetention": "15d"})
        return Told(404, b"404 page not found")

    def _matching(self, params: Mapping[str, str]) -> list[StoredSeries]:
        return parse_selector(params["match[]"])(self.series) if "match[]" in params else list(self.series)

    def _instant(self, params: Mapping[str, str]) -> Told:
        time = float(params["time"])
        found = parse(params["query"])(self.series, time)
        result = [
            {"metric": dict(sorted(key)), "value": [time, _text(value)]} for key, value in found.items()
        ]
        return _success({"resultType": "vector", "result": result}, self.warnings)

    def _range(self, params: Mapping[str, str]) -> Told:
        start, end, step = (float(params[name]) for name in ("start", "end", "step"))
        if step <= 0 or end < start:
            return _refused("zero or negative query resolution step widths are not accepted")
        if (end - start) / step > MOST_POINTS:
            return _refused("exceeded maximum resolution of 11,000 points per timeseries")
        expression = parse(params["query"])
        found: dict[frozenset[tuple[str, str]], list[list[Any]]] = {}
        for i in range(int((end - start) / step + 1e-9) + 1):
            time = start + i * step
            for key, value in expression(self.series, time).items():
                found.setdefault(key, []).append([time, _text(value)])
        result = [{"metric": dict(sorted(key)), "values": values} for key, values in found.items()]
        return _success({"resultType": "matrix", "result": result}, self.warnings)


def _text(value: float) -> str:
    if value != value:
        return "NaN"
    return {float("inf"): "+Inf", float("-inf"): "-Inf"}.get(value) or repr(value)


def _success(data: Any, warnings: Sequence[str] = ()) -> Told:
    return json_told({"status": "success", "data": data} | ({"warnings": list(warnings)} if warnings else {}))


def _refused(words: str) -> Told:
    return json_told({"status": "error", "errorType": "bad_data", "error": words}, 400)
