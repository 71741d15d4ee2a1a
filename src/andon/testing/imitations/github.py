"""GitHub's REST API: deployments with statuses, commits with files, and the rate limit of the hour.

Enforces: at most 100 items a page (30 unless asked), Link headers, 300 files a page of a commit, 60 requests an hour
without a token and 5,000 with one (403 with `x-ratelimit-remaining: 0` beyond), secondary limits, a User-Agent.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from andon.connectors.files.times import TimeParser
from andon.testing.imitation import Asked, Imitation, Told, json_told

__all__ = ["GitHubImitation", "GitHubRepository"]

_PATH = re.compile(
    r"(?:/api/v3)?/repos/(?P<name>[\w.-]+/[\w.-]+)/(?P<what>deployments|commits)(?P<rest>/.*)?"
)
_LARGEST_PAGE, _USUAL_PAGE, _FILES = 100, 30, 300
_SECONDS = TimeParser()


@dataclass(frozen=True, slots=True)
class GitHubRepository:
    """Objects as the API states them; `statuses` by the id of their deployment; commits with their `files`."""

    deployments: Sequence[Mapping[str, Any]] = ()
    statuses: Mapping[int, Sequence[Mapping[str, Any]]] | None = None
    commits: Sequence[Mapping[str, Any]] = ()
    empty: bool = False


class GitHubImitation(Imitation):
    """Holds `repositories` by `owner/name`; `used` requests of the hour are gone already.

    `bursts` is how many requests are answered with a secondary limit, `retry_after` what that answer states.
    """

    def __init__(
        self,
        repositories: Mapping[str, GitHubRepository] | None = None,
        *,
        used: int = 0,
        bursts: int = 0,
        retry_after: str = "1",
        resets_in: float = 1800.0,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.repositories = dict(repositories or {})
        self.used = used
        self.bursts = bursts
        self.retry_after = retry_after
        self.resets_in = resets_in

    def answer(self, asked: Asked) -> Told:
        if "user-agent" not in asked.headers:
            return json_told({"message": "Request forbidden by administrative rules."}, 403)
        most = 5_000 if "authorization" in asked.headers else 60
        if asked.path.endswith("/rate_limit"):
            core = {"limit": most, "remaining": max(0, most - self.used), "reset": self._reset()}
            return json_told({"resources": {"core": core}, "rate": core})
        with self.lock:
            if self.bursts:
                self.bursts -= 1
                headers = {"retry-after": self.retry_after} if self.retry_after else {}
                return json_told({"message": "You have exceeded a secondary rate limit."}, 403, headers)
            over = self.used >= most
            self.used += not over
        limits = {
            "x-ratelimit-limit": str(most),
            "x-ratelimit-remaining": str(most - self.used),
            "x-ratelimit-reset": str(self._reset()),
        }
        if over:
            return json_told({"message": "API rate limit exceeded"}, 403, limits)
        told = self._repository(asked)
        return Told(told.status, told.body, {**told.headers, **limits})

    def _reset(self) -> int:
        return int(self.now() + self.resets_in)

    def _repository(self, asked: Asked) -> Told:
        match = _PATH.fullmatch(asked.path)
        repository = self.repositories.get(match["name"]) if match else None
        if match is None or repository is None:
            return json_told({"message": "Not Found"}, 404)
        rest = (match["rest"] or "").strip("/")
        if match["what"] == "deployments":
            return self._deployments(asked, repository, rest)
        if repository.empty:
            return json_told({"message": "Git Repository is empty."}, 409)
        return self._commit(asked, repository, rest) if rest else self._commits(asked, repository)

    def _deployments(self, asked: Asked, repository: GitHubRepository, rest: str) -> Told:
        number = rest.removesuffix("/statuses")
        if rest and not any(str(one.get("id")) == number for one in repository.deployments):
            return json_told({"message": "Not Found"}, 404)
        if rest:
            statuses = (repository.statuses or {}).get(int(number), ())
            return self._paged(asked, sorted(statuses, key=lambda s: str(s["created_at"]), reverse=True))
        named = {key: asked.param(key) for key in ("sha", "ref", "task", "environment") if asked.param(key)}
        found = [d for d in repository.deployments if all(d.get(k) == v for k, v in named.items())]
        return self._paged(asked, sorted(found, key=lambda d: str(d.get("created_at")), reverse=True))

    def _commits(self, asked: Asked, repository: GitHubRepository) -> Told:
        since, until = _SECONDS(asked.param("since") or 0), _SECONDS(asked.param("until") or 4e9)
        found = [c for c in repository.commits if not since <= until or since <= _committed(c) <= until]
        found.sort(key=_committed, reverse=True)
        return self._paged(asked, [{k: v for k, v in one.items() if k != "files"} for one in found])

    def _commit(self, asked: Asked, repository: GitHubRepository, sha: str) -> Told:
        for one in repository.commits:
            if one["sha"] == sha:
                files = list(one.get("files", ()))
                page = int(asked.param("page") or 1)
                headers = self._link(asked, page, len(files) > page * _FILES)
                return json_told(
                    {**one, "files": files[(page - 1) * _FILES : page * _FILES]}, headers=headers
                )
        return json_told({"message": f"No commit found for SHA: {sha}"}, 422)

    def _paged(self, asked: Asked, items: Sequence[Any]) -> Told:
        size = min(_LARGEST_PAGE, int(asked.param("per_page") or _USUAL_PAGE))
        page = int(asked.param("page") or 1)
        headers = self._link(asked, page, len(items) > page * size)
        return json_told(items[(page - 1) * size : page * size], headers=headers)

    def _link(self, asked: Asked, page: int, more: bool) -> dict[str, str]:
        if not more:
            return {}
        kept = [(key, value) for key, value in asked.params if key != "page"]
        query = urlencode([*kept, ("page", str(page + 1))])
        first = urlencode([*kept, ("page", "1")])
        root = f"{self.url}{asked.path}"
        return {"link": f'<{root}?{first}>; rel="first", <{root}?{query}>; rel="next"'}


def _committed(commit: Mapping[str, Any]) -> float:
    return _SECONDS(commit["commit"]["committer"]["date"])
