"""The two servers: the same searches, other ways to open a point in time, other words for their version."""

from __future__ import annotations

import time
from collections.abc import Sequence
from typing import Any

from andon.testing.imitation import Asked, Imitation, Told, json_told
from andon.testing.imitations.elasticsearch.documents import Index, resolve
from andon.testing.imitations.elasticsearch.failures import Failure, parsing, told
from andon.testing.imitations.elasticsearch.searches import Health, searched
from andon.testing.imitations.elasticsearch.views import Views

__all__ = ["ElasticsearchImitation", "OpenSearchImitation", "SearchImitation"]

_AGGREGATABLE = ("date", "date_nanos", "keyword", "long")


class SearchImitation(Imitation):
    """Holds the indices that it was given.

    `api_key` is asked for as `Authorization: ApiKey KEY`. `denied` are actions that the role lacks (`main`, `search`,
    `field_caps`, `pit`). `busy` requests are refused with 429 before it answers again. `pits` is false for
    servers that know no point in time; `lost_after` searches a view is lost. `elapse` lets time go by.
    """

    product = ""

    def __init__(
        self,
        indices: Sequence[Index] = (),
        *,
        api_key: str = "",
        denied: Sequence[str] = (),
        busy: int = 0,
        pits: bool = True,
        lost_after: int = 0,
        health: Health | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.indices = list(indices)
        self.api_key = api_key
        self.denied = frozenset(denied)
        self.busy = busy
        self.pits = pits
        self.health = health or Health()
        self._elapsed = 0.0
        self.views = Views(lambda: time.monotonic() + self._elapsed, lost_after)

    def elapse(self, seconds: float) -> None:
        """As if so much time had gone by between two requests."""
        self._elapsed += seconds

    def answer(self, asked: Asked) -> Told:
        with self.lock:
            try:
                self._admit(asked)
                content = self._routed(asked)
            except Failure as failure:
                return told(failure)
        return json_told(content, headers=self._headers())

    def _admit(self, asked: Asked) -> None:
        if self.api_key and asked.headers.get("authorization") != f"ApiKey {self.api_key}":
            reason = f"missing authentication credentials for REST request [{asked.path}]"
            raise Failure("security_exception", reason, 401)
        if self.busy:
            self.busy -= 1
            reason = (
                "rejected execution of search task on EsThreadPoolExecutor[search, queue capacity = 1000]"
            )
            raise Failure("es_rejected_execution_exception", reason, 429)

    def _routed(self, asked: Asked) -> dict[str, Any]:
        path = asked.path.strip("/")
        if not path and asked.method == "GET":
            self._allow("main", "cluster:monitor/main")
            return self._main()
        if path == "_search":
            return self._search_view(asked)
        if path == self._closing() and asked.method == "DELETE":
            return self._close(_body(asked))
        expression, _, what = path.partition("/")
        if expression.startswith("_") or not what:
            raise self._unknown(asked)
        if what == "_search":
            return self._search(expression, _body(asked))
        if what == "_field_caps":
            return self._field_caps(expression, asked.param("fields").split(","))
        if what == self._opening() and asked.method == "POST" and self.pits:
            return self._open(expression, asked.param("keep_alive"))
        raise self._unknown(asked)

    def _search(self, expression: str, body: dict[str, Any]) -> dict[str, Any]:
        self._allow("search", "indices:data/read/search")
        if "pit" in body:
            reason = (
                "Validation Failed: 1: [indices] cannot be used with point in time. Do not specify any index"
            )
            raise Failure("action_request_validation_exception", reason)
        return searched(resolve(self.indices, expression), body, self.health, tiebreak=False)

    def _search_view(self, asked: Asked) -> dict[str, Any]:
        self._allow("search", "indices:data/read/search")
        body = _body(asked)
        if "pit" not in body:
            return self._search("*", body)
        indices, name = self.views.search(body["pit"])
        return searched(indices, body, self.health, tiebreak=self._tiebreak()) | {"pit_id": name}

    def _open(self, expression: str, keep_alive: str) -> dict[str, Any]:
        self._allow("pit", "indices:data/read/open_point_in_time")
        if not keep_alive:
            raise Failure(
                "action_request_validation_exception", "Validation Failed: 1: [keep_alive] is not specified;"
            )
        return self._opened(self.views.open(resolve(self.indices, expression), keep_alive))

    def _field_caps(self, expression: str, names: Sequence[str]) -> dict[str, Any]:
        self._allow("field_caps", "indices:data/read/field_caps")
        indices = resolve(self.indices, expression)
        found: dict[str, Any] = {}
        for index in indices:
            for name, kind in index.mapping.items():
                if name in names or "*" in names:
                    found.setdefault(name, {})[kind] = {
                        "type": kind,
                        "metadata_field": False,
                        "searchable": True,
                        "aggregatable": kind in _AGGREGATABLE,
                    }
        return {"indices": [index.name for index in indices], "fields": found}

    def _allow(self, name: str, action: str) -> None:
        if name in self.denied:
            raise Failure("security_exception", self._denial(action), 403)

    def _unknown(self, asked: Asked) -> Failure:
        reason = f"no handler found for uri [{asked.path}] and method [{asked.method}]"
        return Failure("illegal_argument_exception", reason)

    def _headers(self) -> dict[str, str]:
        return {"x-elastic-product": self.product} if self.product else {}

    def _main(self) -> dict[str, Any]:
        raise NotImplementedError

    def _denial(self, action: str) -> str:
        raise NotImplementedError

    def _opening(self) -> str:
        raise NotImplementedError

    def _closing(self) -> str:
        return self._opening()

    def _opened(self, name: str) -> dict[str, Any]:
        raise NotImplementedError

    def _close(self, body: dict[str, Any]) -> dict[str, Any]:
        raise NotImplementedError

    def _tiebreak(self) -> bool:
        raise NotImplementedError


class ElasticsearchImitation(SearchImitation):
    """As Elasticsearch 8 answers: a point in time adds `_shard_doc` to the sort."""

    product = "Elasticsearch"

    def _main(self) -> dict[str, Any]:
        version = {"number": "8.17.0", "build_flavor": "default", "lucene_version": "9.12.0"}
        return {"name": "n1", "cluster_name": "c", "version": version, "tagline": "You Know, for Search"}

    def _denial(self, action: str) -> str:
        scope, names = ("cluster", "monitor,manage,all") if "cluster:" in action else ("index", "read,all")
        return (
            f"action [{action}] is unauthorized for user [andon] with effective roles [logs_reader], "
            f"this action is granted by the {scope} privileges [{names}]"
        )

    def _opening(self) -> str:
        return "_pit"

    def _opened(self, name: str) -> dict[str, Any]:
        return {"id": name, "_shards": {"total": 1, "successful": 1, "skipped": 0, "failed": 0}}

    def _close(self, body: dict[str, Any]) -> dict[str, Any]:
        freed = self.views.close([_text(body, "id")])
        if not freed:
            raise Failure("resource_not_found_exception", "no such point in time", 404)
        return {"succeeded": True, "num_freed": freed}

    def _tiebreak(self) -> bool:
        return True


class OpenSearchImitation(SearchImitation):
    """As OpenSearch 2 answers: other paths for points in time, and no tiebreaker in them."""

    def _main(self) -> dict[str, Any]:
        version = {"distribution": "opensearch", "number": "2.19.1", "lucene_version": "9.12.1"}
        return {
            "name": "n1",
            "cluster_name": "c",
            "version": version,
            "tagline": "The OpenSearch Project: https://opensearch.org/",
        }

    def _denial(self, action: str) -> str:
        return f"no permissions for [{action}] and User [name=andon, backend_roles=[], requestedTenant=null]"

    def _opening(self) -> str:
        return "_search/point_in_time"

    def _opened(self, name: str) -> dict[str, Any]:
        shards = {"total": 1, "successful": 1, "skipped": 0, "failed": 0}
        return {"pit_id": name, "_shards": shards, "creation_time": int(self.now() * 1000)}

    def _close(self, body: dict[str, Any]) -> dict[str, Any]:
        names = body.get("pit_id")
        if not isinstance(names, list):
            raise parsing("pit_id array element should only contain pit_id")
        freed = [{"successful": self.views.close([name]) == 1, "pit_id": name} for name in names]
        return {"pits": freed}

    def _tiebreak(self) -> bool:
        return False


def _body(asked: Asked) -> dict[str, Any]:
    try:
        body = asked.json()
    except ValueError:
        raise Failure("json_parse_exception", "Unexpected character") from None
    if body is not None and not isinstance(body, dict):
        raise parsing("Expected [START_OBJECT]")
    return body or {}


def _text(body: dict[str, Any], name: str) -> str:
    value = body.get(name)
    if not isinstance(value, str):
        raise parsing(f"Required [{name}]")
    return value
