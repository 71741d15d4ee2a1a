"""GitLab: which commit was deployed when, and what it changed.

After the documentation of the REST API v4: `updated_after` and `updated_before` of deployments need
`order_by=updated_at`; pages are counted, and `x-next-page` is empty on the last one.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Annotated, Any, ClassVar
from urllib.parse import quote

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from andon.connectors.commits import Commit, commit_event, looked_into
from andon.connectors.connector import Check, CheckState, ConnectorConfig, Need
from andon.connectors.gitlab.records import commit_of, deployment_event, patches_of
from andon.connectors.reading import Reading
from andon.connectors.source import Signal
from andon.connectors.unanswered import Unanswered
from andon.connectors.wire import HttpConfig, HttpConnector, Reply
from andon.telemetry import ChangeEvent, Result, Status, isoformat

__all__ = ["PAGE", "GitLabConfig", "GitLabConnector", "GitLabScope"]

PAGE = 100
"""The most that a page holds."""
_NAME = re.compile(r"[0-9]+|(?:(?!\.+/)[\w.-]+/)+(?!\.+$)[\w.-]+")
_STILL_RUNNING = 86_400.0
"""Seconds after the window within which a deployment that began in it was written to for the last time."""

Params = tuple[tuple[str, str], ...]


def _project(name: str) -> str:
    if _NAME.fullmatch(name) is None:
        raise ValueError("a project like group/name, or its number in quotes")
    return name


class GitLabScope(BaseModel):
    """The projects that may be read, and the environments whose deployments count (none named: all)."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    projects: tuple[Annotated[str, AfterValidator(_project)], ...] = Field(min_length=1)
    environments: tuple[str, ...] = ()

    def admits(self, deployment: Any) -> bool:
        if not self.environments:
            return True
        environment = deployment.get("environment") if isinstance(deployment, dict) else None
        return isinstance(environment, dict) and environment.get("name") in self.environments


class GitLabConfig(HttpConfig):
    """A token goes to `auth.headers` as PRIVATE-TOKEN, or to `auth.bearer`."""

    scope: GitLabScope
    services: dict[str, str] = Field(
        default_factory=dict, description="project to service, where the names differ"
    )
    commits: int = Field(50, ge=0, le=1000, description="commits a project whose diffs are fetched")


class GitLabConnector(HttpConnector):
    """Deployments that began in the window, the commits of it on the default branch, and those deployed."""

    kind = "gitlab"
    title = "GitLab"
    signals = (Signal.CHANGES,)
    proved = "an imitation of GitLab's REST API v4"
    Config: ClassVar[type[ConnectorConfig]] = GitLabConfig
    config: GitLabConfig

    def check(self) -> tuple[Check, ...]:
        reach = self.tried("reach", self._version)
        if reach.state is CheckState.FAILED:
            return (reach,)
        checks = [
            self.tried(f"{what} of {project}", partial(self._readable, project, path, what), hint)
            for project in self.config.scope.projects
            for what, path, hint in (
                (
                    "deployments",
                    "deployments",
                    "a token with the scope read_api and the role Reporter or higher",
                ),
                (
                    "commits",
                    "repository/commits",
                    "a token with read_api, of a member that may read the code",
                ),
            )
        ]
        return reach, *checks, self.clock()

    def changes(self, need: Need) -> Result[tuple[ChangeEvent, ...]]:
        reading = Reading(self.name)
        tasks = [partial(self._of_one, reading, project, need) for project in self.config.scope.projects]
        found = {one.id: one for group in self._together(tasks) for one in group}
        ordered = sorted(found.values(), key=lambda change: (change.time, change.id))
        return reading.result(tuple(ordered), len(ordered))

    def _of_one(self, reading: Reading, project: str, need: Need) -> list[ChangeEvent]:
        deploys: list[ChangeEvent] = []
        commits: list[ChangeEvent] = []
        with reading.part(project):
            deploys = self._deployments(reading, project, need)
        with reading.part(project):
            commits = self._commits(reading, project, need, [deploy.commit for deploy in deploys])
        return [*deploys, *commits]

    def _deployments(self, reading: Reading, project: str, need: Need) -> list[ChangeEvent]:
        window, service = need.window, self._service(project)
        params = (
            ("updated_after", isoformat(window.start)),
            ("updated_before", isoformat(window.end + _STILL_RUNNING)),
            ("order_by", "updated_at"),
            ("sort", "asc"),
        )
        found: dict[str, ChangeEvent] = {}
        for items in self._listed(reading, project, "deployments", params, need.items):
            ours = [item for item in items if self.config.scope.admits(item)]
            events = [deployment_event(item, project=project, service=service) for item in ours]
            _note_malformed(reading, project, "deployments", events.count(None))
            found.update((event.id, event) for event in events if event is not None and event.time in window)
        return list(found.values())

    def _commits(
        self, reading: Reading, project: str, need: Need, deployed: Sequence[str]
    ) -> list[ChangeEvent]:
        window, listed = need.window, dict[str, Commit]()
        params = (("since", isoformat(window.start)), ("until", isoformat(window.end + 1)))
        for items in self._listed(reading, project, "repository/commits", params, need.items):
            read = [commit_of(item) for item in items]
            _note_malformed(reading, project, "commits", read.count(None))
            listed.update((one.sha, one) for one in read if one is not None and one.time in window)
        wanted = looked_into(deployed, list(listed.values()), self.config.commits)
        tasks = [partial(self._whole, reading, project, sha, listed.get(sha)) for sha in wanted]
        listed.update((one.sha, one) for one in self._together(tasks) if one is not None)
        without = len({*listed, *deployed} - set(wanted))
        if without:
            message = f"{without} commits without their diff: more than `commits` allows"
            reading.lacking(Status.TRUNCATED, message, place=project, hint="raise `commits`")
        service = self._service(project)
        return [commit_event(one, repository=project, service=service) for one in listed.values()]

    def _whole(self, reading: Reading, project: str, sha: str, known: Commit | None) -> Commit | None:
        """A commit with its diff; one that was deployed and lies outside the window is fetched itself."""
        commit = known
        if not sha.isalnum():
            _note_malformed(reading, project, "commits", 1)
            return None
        with reading.part(project):
            if commit is None:
                reply = self._ask(project, f"repository/commits/{sha}")
                commit = commit_of(reply.json())
                reading.fetched(f"GET …/commits/{sha}", place=project, items=1, size=reply.size)
                _note_malformed(reading, project, "commits", commit is None)
            if commit is not None:
                diff = self._listed(reading, project, f"repository/commits/{sha}/diff", (), 1_000)
                return replace(commit, patches=tuple(p for items in diff for p in patches_of(items)))
        return commit

    def _listed(
        self, reading: Reading, project: str, path: str, params: Params, most: int
    ) -> Iterator[list[Any]]:
        """Page after page; what moves while it is read may come twice, and is told apart by its id."""
        page, count = "1", 0
        while page:
            reply = self._ask(project, path, (*params, ("per_page", str(PAGE)), ("page", page)))
            items = reply.json()
            if not isinstance(items, list):
                raise _strange()
            query = "&".join(f"{name}={value}" for name, value in params)
            reading.fetched(f"GET …/{path}?{query}", place=project, items=len(items), size=reply.size)
            yield items
            count += len(items)
            following = reply.headers.get("x-next-page", "")
            page = following if following.isdecimal() and int(following) > int(page) else ""
            if page and count >= most:
                reading.lacking(Status.TRUNCATED, f"more {path} than {most:,}", place=project)
                return

    def _ask(self, project: str, path: str, params: Params = ()) -> Reply:
        where = f"/api/v4/projects/{quote(project, safe='')}/{path}"
        reply = self.wire.get(where, params, accept=frozenset([404]))
        if reply.status == 404:
            raise Unanswered(
                "is not there, or hidden from us (404)",
                status=Status.DENIED,
                hint="check the name, and that the token's owner is a member of the project",
            )
        return reply

    def _service(self, project: str) -> str:
        return self.config.services.get(project, project.rpartition("/")[2])

    def _together(self, tasks: Sequence[Callable[[], Any]]) -> list[Any]:
        return self.session.together(tasks, self.config.limits.requests_at_once)

    def _version(self) -> str:
        reply = self.wire.get("/api/v4/version", fresh=True).json()
        version = reply.get("version") if isinstance(reply, dict) else None
        if not isinstance(version, str):
            raise _strange()
        return f"GitLab {version}"

    def _readable(self, project: str, path: str, what: str) -> str:
        items = self._ask(project, path, (("per_page", "1"),)).json()
        if not isinstance(items, list):
            raise _strange()
        return "may be read" if items else f"may be read; there are no {what}"


def _note_malformed(reading: Reading, project: str, what: str, count: int) -> None:
    for _ in range(count):
        reading.lacking(Status.PARTIAL, f"{what} that cannot be read were left out", place=project)


def _strange() -> Unanswered:
    return Unanswered("answers, but not as GitLab's API v4 does", hint="is `url` that of GitLab itself?")
