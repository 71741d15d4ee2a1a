"""GitLab's REST API v4: deployments, commits and their diffs of some projects.

Enforces: at most 100 items a page (20 unless asked) with `x-page` and `x-next-page` and, of commits, no totals;
400 where the filters of deployments do not fit their order; 429 with Retry-After beyond the requests of a minute.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

from andon.connectors.files.times import TimeParser
from andon.testing.imitation import Asked, Imitation, Told, json_told

__all__ = ["GitLabImitation", "GitLabProject"]

_PATH = re.compile(r"/api/v4/projects/(?P<project>[^/]+)/(?P<rest>.+)")
_COMMIT = re.compile(r"repository/commits/(?P<sha>\w+)(?P<diff>/diff)?")
_ORDERS = ("id", "iid", "created_at", "updated_at", "finished_at")
_LARGEST_PAGE, _USUAL_PAGE = 100, 20
_SECONDS = TimeParser()


@dataclass(frozen=True, slots=True)
class GitLabProject:
    """Objects as the API states them; `diffs` by the sha of their commit."""

    deployments: Sequence[Mapping[str, Any]] = ()
    commits: Sequence[Mapping[str, Any]] = ()
    diffs: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)


class GitLabImitation(Imitation):
    """Holds `projects` by path or number.

    With `private_token`, requests need it in PRIVATE-TOKEN. `a_minute` caps requests, None leaves them free. `between`
    is called after each page of deployments: what happens while somebody reads on.
    """

    def __init__(
        self,
        projects: Mapping[str, GitLabProject] | None = None,
        *,
        private_token: str = "",
        a_minute: int | None = None,
        between: Callable[[], None] | None = None,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.projects = dict(projects or {})
        self.private_token = private_token
        self.a_minute = a_minute
        self.between = between

    def answer(self, asked: Asked) -> Told:
        if self.private_token and asked.headers.get("private-token") != self.private_token:
            return json_told({"message": "401 Unauthorized"}, 401)
        if self.a_minute is not None and len(self.asked) > self.a_minute:
            return Told(429, b"Retry later\n", {"retry-after": "60", "ratelimit-remaining": "0"})
        if asked.path == "/api/v4/version":
            return json_told({"version": "17.5.1-ee", "revision": "8f1d1e1"})
        match = _PATH.fullmatch(asked.path)
        project = self.projects.get(unquote(match["project"])) if match else None
        if match is None or project is None:
            return json_told({"message": "404 Project Not Found"}, 404)
        if match["rest"] == "deployments":
            told = self._deployments(asked, project)
            if self.between is not None:
                self.between()
            return told
        if match["rest"] == "repository/commits":
            return self._commits(asked, project)
        return self._commit(asked, project, match["rest"])

    def _deployments(self, asked: Asked, project: GitLabProject) -> Told:
        order = asked.param("order_by", "id")
        updated = any(asked.param(key) for key in ("updated_after", "updated_before"))
        finished = any(asked.param(key) for key in ("finished_after", "finished_before"))
        if order not in _ORDERS:
            return json_told({"error": "order_by does not have a valid value"}, 400)
        if updated and order != "updated_at":
            return _bad("`updated_at` filter requires `updated_at` sort")
        if finished and (order != "finished_at" or asked.param("status") != "success"):
            return _bad("`finished_at` filter must be combined with `success` status filter and sort")
        if updated and finished:
            return _bad("both `updated_at` and `finished_at` filters can not be specified")
        after = _SECONDS(asked.param("updated_after") or 0)
        before = _SECONDS(asked.param("updated_before") or 4e9)
        environment = asked.param("environment")
        found = [
            one
            for one in project.deployments
            if not updated or after <= _SECONDS(one["updated_at"]) <= before
            if not environment or one["environment"]["name"] == environment
        ]
        found.sort(key=lambda one: str(one.get(order)), reverse=asked.param("sort") == "desc")
        return self._paged(asked, found)

    def _commits(self, asked: Asked, project: GitLabProject) -> Told:
        since, until = _SECONDS(asked.param("since") or 0), _SECONDS(asked.param("until") or 4e9)
        found = [c for c in project.commits if since <= _SECONDS(c["committed_date"]) <= until]
        found.sort(key=lambda one: str(one["committed_date"]), reverse=True)
        return self._paged(asked, found, totals=False)

    def _commit(self, asked: Asked, project: GitLabProject, rest: str) -> Told:
        match = _COMMIT.fullmatch(rest)
        one = next((c for c in project.commits if match and c["id"] == match["sha"]), None)
        if match is None or one is None:
            return json_told({"message": "404 Commit Not Found"}, 404)
        return self._paged(asked, project.diffs.get(match["sha"], ())) if match["diff"] else json_told(one)

    def _paged(self, asked: Asked, items: Sequence[Any], *, totals: bool = True) -> Told:
        size = min(_LARGEST_PAGE, int(asked.param("per_page") or _USUAL_PAGE))
        page = int(asked.param("page") or 1)
        following = str(page + 1) if len(items) > page * size else ""
        headers = {"x-page": str(page), "x-per-page": str(size), "x-next-page": following}
        if totals:
            headers |= {"x-total": str(len(items))}
        return json_told(items[(page - 1) * size : page * size], headers=headers)


def _bad(message: str) -> Told:
    return json_told({"message": f"400 Bad request - {message}"}, 400)
