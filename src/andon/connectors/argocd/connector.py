"""Argo CD: which revision was synced into an application when, by whom, and what failed.

`GET /api/v1/applications` has no pages, and leaves out applications that the account may not see without saying
so; an application that the scope names and that did not come is therefore told.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, ClassVar

from pydantic import BaseModel, ConfigDict, Field

from andon.connectors.argocd.history import Unreadable, syncs
from andon.connectors.connector import Check, CheckState, ConnectorConfig, Need
from andon.connectors.reading import Reading
from andon.connectors.source import Signal
from andon.connectors.unanswered import Unanswered
from andon.connectors.wire import HttpConfig, HttpConnector
from andon.telemetry import ChangeEvent, Result, Status

__all__ = ["ArgoCdConfig", "ArgoCdConnector", "ArgoCdScope"]

_PATH = "/api/v1/applications"
_PERMISSION = "in argocd-rbac-cm: p, role:andon, applications, get, PROJECT/*, allow"


class ArgoCdScope(BaseModel):
    """The projects and the applications that may be read; none named means all that the account may see."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    projects: tuple[str, ...] = ()
    applications: tuple[str, ...] = ()

    def admits(self, project: object, application: object) -> bool:
        in_project = not self.projects or project in self.projects
        return in_project and (not self.applications or application in self.applications)


class ArgoCdConfig(HttpConfig):
    """The token of an account with the capability `apiKey` goes to `auth.bearer`."""

    scope: ArgoCdScope = ArgoCdScope()
    services: dict[str, str] = Field(
        default_factory=dict, description="application to service, where the names differ"
    )


class ArgoCdConnector(HttpConnector):
    """Syncs that began in the window, as far back as each application keeps them (10 by default)."""

    kind = "argocd"
    title = "Argo CD"
    signals = (Signal.CHANGES,)
    proved = "an imitation of Argo CD's API 2.13"
    Config: ClassVar[type[ConnectorConfig]] = ArgoCdConfig
    config: ArgoCdConfig

    def check(self) -> tuple[Check, ...]:
        reach = self.tried("reach", self._version)
        if reach.state is CheckState.FAILED:
            return (reach,)
        return reach, self.tried("applications", self._seen, _PERMISSION), self.clock()

    def changes(self, need: Need) -> Result[tuple[ChangeEvent, ...]]:
        reading = Reading(self.name)
        found: list[ChangeEvent] = []
        with reading.part():
            for application in self._applications(reading):
                name = application["metadata"]["name"]
                for one in syncs(application, service=self.config.services.get(name, name)):
                    if isinstance(one, Unreadable):
                        reading.lacking(
                            Status.PARTIAL, "syncs without a readable time and revision", place=name
                        )
                    elif one.time in need.window:
                        found.append(one)
        found.sort(key=lambda change: (change.time, change.id))
        return reading.result(tuple(found), len(found))

    def _applications(self, reading: Reading) -> list[dict[str, Any]]:
        """Those of the scope; what is missing or malformed is noted."""
        params = [("projects", project) for project in self.config.scope.projects]
        reply = self.wire.get(_PATH, params)
        items = _items(reply.json())
        named = [one for one in items if _is_application(one)]
        query = "&".join(f"{key}={value}" for key, value in params)
        reading.fetched(f"GET {_PATH}?{query}".rstrip("?"), items=len(named), size=reply.size)
        for _ in range(len(items) - len(named)):
            reading.lacking(Status.PARTIAL, "applications that cannot be read were left out")
        ours = [one for one in named if self.config.scope.admits(_project(one), one["metadata"]["name"])]
        there = {one["metadata"]["name"] for one in ours}
        for name in self.config.scope.applications:
            if name not in there:
                message = "is not there, or hidden from this account"
                reading.lacking(Status.DENIED, message, place=name, hint=_PERMISSION)
        return ours

    def _version(self) -> str:
        reply = self.wire.get("/api/version", fresh=True).json()
        version = reply.get("Version") if isinstance(reply, dict) else None
        if not isinstance(version, str):
            raise _strange()
        return f"Argo CD {version}"

    def _seen(self) -> str:
        reading = Reading(self.name)
        applications = self._applications(reading)
        gaps = reading.result((), len(applications)).problems
        if gaps:
            raise Unanswered(f"{gaps[0].place}: {gaps[0].message}", hint=gaps[0].hint)
        if not applications:
            raise Unanswered("sees no application", status=Status.DENIED)
        return f"{len(applications)} may be read"


def _items(content: Any) -> list[Any]:
    """The list of an ApplicationList, which has `items: null` when there is none."""
    if not isinstance(content, dict) or "metadata" not in content or "items" not in content:
        raise _strange()
    items = content["items"] or []
    if not isinstance(items, list):
        raise _strange()
    return items


def _is_application(one: Any) -> bool:
    about = one.get("metadata") if isinstance(one, dict) else None
    return isinstance(about, dict) and isinstance(about.get("name"), str)


def _project(application: Mapping[str, Any]) -> object:
    """The project; an application that states none belongs to `default`."""
    spec = application.get("spec")
    return (spec.get("project") if isinstance(spec, dict) else None) or "default"


def _strange() -> Unanswered:
    return Unanswered("answers, but not as Argo CD's API does", hint="is `url` that of argocd-server?")
