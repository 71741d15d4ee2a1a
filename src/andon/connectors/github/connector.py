"""GitHub: which commit was deployed when, and what it changed."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Annotated, Any, ClassVar

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from andon.connectors.commits import Commit, commit_event, looked_into
from andon.connectors.connector import Check, CheckState, ConnectorConfig, Need
from andon.connectors.github.api import PAGE, GitHubApi, next_page, strange
from andon.connectors.github.records import commit_of, deployment_event, made_at
from andon.connectors.reading import Reading
from andon.connectors.session import Session
from andon.connectors.source import Signal
from andon.connectors.unanswered import Unanswered
from andon.connectors.wire import HttpConfig, HttpConnector
from andon.connectors.wire.config import Address
from andon.telemetry import ChangeEvent, Result, Status, Window, clock, isoformat

__all__ = ["GitHubConfig", "GitHubConnector", "GitHubScope"]

_NAME = re.compile(r"(?!\.+/)[\w.-]+/(?!\.+$)[\w.-]+")
_WAITING = 86_400.0
"""Seconds that a deployment may wait (for a reviewer, a runner) between being made and taking effect."""
_HEADERS = {"accept": "application/vnd.github+json", "x-github-api-version": "2022-11-28"}


def _repository(name: str) -> str:
    if _NAME.fullmatch(name) is None:
        raise ValueError("a repository like owner/name")
    return name


class GitHubScope(BaseModel):
    """The repositories that may be read, and the environments whose deployments count (none named: all)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    repositories: tuple[Annotated[str, AfterValidator(_repository)], ...] = Field(min_length=1)
    environments: tuple[str, ...] = ()

    def admits(self, deployment: Mapping[str, Any]) -> bool:
        return not self.environments or deployment.get("environment") in self.environments


class GitHubConfig(HttpConfig):
    """`url` of a GitHub Enterprise Server is https://HOST/api/v3; a token goes to `auth.bearer`."""

    url: Address = "https://api.github.com"
    scope: GitHubScope
    services: dict[str, str] = Field(
        default_factory=dict, description="repository to service, where the names differ"
    )
    commits: int = Field(50, ge=0, le=1000, description="commits a repository whose files are fetched")


class GitHubConnector(HttpConnector):
    """Deployments that took effect in the window, its commits on the default branch, and those deployed."""

    kind = "github"
    title = "GitHub"
    signals = (Signal.CHANGES,)
    proved = "an imitation of GitHub's REST API (2022-11-28)"
    Config: ClassVar[type[ConnectorConfig]] = GitHubConfig
    config: GitHubConfig

    def __init__(self, name: str, config: GitHubConfig, session: Session) -> None:
        super().__init__(name, config, session)
        self._api = GitHubApi(self.wire, session)

    def headers(self) -> Mapping[str, str]:
        return _HEADERS

    def check(self) -> tuple[Check, ...]:
        reach = self.tried("reach", self._limit)
        if reach.state is CheckState.FAILED:
            return (reach,)
        checks = [
            self.tried(f"{what} of {repository}", partial(self._readable, repository, what), hint)
            for repository in self.config.scope.repositories
            for what, hint in (
                ("deployments", "the token needs the repository permission Deployments: read"),
                ("commits", "the token needs the repository permission Contents: read"),
            )
        ]
        return reach, *checks, self.clock()

    def changes(self, need: Need) -> Result[tuple[ChangeEvent, ...]]:
        reading = Reading(self.name)
        tasks = [partial(self._of_one, reading, name, need) for name in self.config.scope.repositories]
        found = {one.id: one for group in self._together(tasks) for one in group}
        ordered = sorted(found.values(), key=lambda change: (change.time, change.id))
        return reading.result(tuple(ordered), len(ordered))

    def _of_one(self, reading: Reading, repository: str, need: Need) -> list[ChangeEvent]:
        deploys: list[ChangeEvent] = []
        commits: list[ChangeEvent] = []
        with reading.part(repository):
            deploys = self._deployments(reading, repository, need)
        with reading.part(repository):
            commits = self._commits(reading, repository, need, [deploy.commit for deploy in deploys])
        return [*deploys, *commits]

    def _deployments(self, reading: Reading, repository: str, need: Need) -> list[ChangeEvent]:
        """Newest first, back to what was made a day before the window: until then it may have waited."""
        path, window = f"/repos/{repository}/deployments", need.window
        earliest = window.start - _WAITING
        made: list[dict[str, Any]] = []
        for items, reply in self._api.pages(path):
            reading.fetched(
                f"GET {path}?per_page={PAGE}", place=repository, items=len(items), size=reply.size
            )
            timed = [(one, made_at(one)) for one in items if not math.isnan(made_at(one))]
            _note_malformed(reading, repository, "deployments", len(items) - len(timed))
            made += (one for one, at in timed if earliest <= at < window.end)
            if any(at < earliest for _, at in timed):
                break
            if len(made) >= need.items:
                reading.lacking(Status.TRUNCATED, "older deployments were left out", place=repository)
                break
        ours = [one for one in made if self.config.scope.admits(one)]
        return self._told(reading, repository, window, ours)

    def _told(
        self, reading: Reading, repository: str, window: Window, made: Sequence[dict[str, Any]]
    ) -> list[ChangeEvent]:
        def one(deployment: dict[str, Any]) -> ChangeEvent | None:
            path, statuses = f"/repos/{repository}/deployments/{deployment['id']}/statuses", []
            with reading.part(repository):
                for items, reply in self._api.pages(path):
                    reading.fetched(f"GET {path}", place=repository, items=len(items), size=reply.size)
                    statuses += items
            service = self._service(repository)
            event = deployment_event(deployment, statuses, repository=repository, service=service)
            _note_malformed(reading, repository, "deployments", event is None)
            return event

        told = self._together([partial(one, deployment) for deployment in made])
        return [event for event in told if event is not None and event.time in window]

    def _commits(
        self, reading: Reading, repository: str, need: Need, deployed: Sequence[str]
    ) -> list[ChangeEvent]:
        path, window = f"/repos/{repository}/commits", need.window
        span = (("since", isoformat(window.start)), ("until", isoformat(window.end + 1)))
        listed: dict[str, Commit] = {}
        for items, reply in self._api.pages(path, span):
            query = f"GET {path}?since={span[0][1]}&until={span[1][1]}"
            reading.fetched(query, place=repository, items=len(items), size=reply.size)
            read = [commit for item in items if (commit := commit_of(item)) is not None]
            _note_malformed(reading, repository, "commits", len(items) - len(read))
            listed.update((commit.sha, commit) for commit in read if commit.time in window)
            if len(listed) >= need.items:
                reading.lacking(Status.TRUNCATED, "older commits were left out", place=repository)
                break
        wanted = looked_into(deployed, list(listed.values()), self.config.commits)
        whole = self._together([partial(self._whole, reading, repository, sha) for sha in wanted])
        listed.update((commit.sha, commit) for commit in whole if commit is not None)
        without = len({*listed, *deployed} - set(wanted))
        if without:
            message = f"{without} commits without their files: more than `commits` allows"
            reading.lacking(Status.TRUNCATED, message, place=repository, hint="raise `commits`")
        service = self._service(repository)
        return [commit_event(one, repository=repository, service=service) for one in listed.values()]

    def _whole(self, reading: Reading, repository: str, sha: str) -> Commit | None:
        """A commit with its files, as far as its first page names them."""
        path = f"/repos/{repository}/commits/{sha}"
        if not sha.isalnum():
            _note_malformed(reading, repository, "commits", 1)
            return None
        with reading.part(repository):
            reply = self._api.get(path)
            commit = commit_of(reply.json())
            reading.fetched(f"GET {path}", place=repository, items=1, size=reply.size)
            _note_malformed(reading, repository, "commits", commit is None)
            if next_page(reply.headers):
                reading.lacking(Status.TRUNCATED, "commits with more files than one page", place=repository)
            return commit
        return None

    def _service(self, repository: str) -> str:
        return self.config.services.get(repository, repository.rpartition("/")[2])

    def _together(self, tasks: Sequence[Callable[[], Any]]) -> list[Any]:
        return self.session.together(tasks, self.config.limits.requests_at_once)

    def _limit(self) -> str:
        """What is left of the hour; asking for it costs nothing, and a server without limits answers 404."""
        reply = self.wire.get("/rate_limit", fresh=True, accept=frozenset([404]))
        if reply.status == 404:
            return "GitHub, without rate limits"
        content: Any = reply.json()
        try:
            core = content["resources"]["core"]
            left, of, until = int(core["remaining"]), int(core["limit"]), float(core["reset"])
        except (KeyError, TypeError, ValueError):
            raise strange() from None
        if not left:
            raise Unanswered(
                f"has none of {of:,} requests left until {clock(until)} UTC", hint="try again then"
            )
        return f"GitHub; {left:,} of {of:,} requests left until {clock(until)} UTC"

    def _readable(self, repository: str, what: str) -> str:
        reply = self._api.get(f"/repos/{repository}/{what}", (("per_page", "1"),))
        items = reply.json() if reply.status != 409 else []
        if not isinstance(items, list):
            raise strange()
        return "may be read" if items else f"may be read; there are no {what}"


def _note_malformed(reading: Reading, repository: str, what: str, count: int) -> None:
    for _ in range(count):
        reading.lacking(Status.PARTIAL, f"{what} that cannot be read were left out", place=repository)
