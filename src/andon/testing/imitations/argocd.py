"""The API of argocd-server 2.13: version and the list of applications, filtered by project, name and what one may see."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from fnmatch import fnmatchcase
from typing import Any

from andon.testing.imitation import Asked, Imitation, Told, json_told

__all__ = ["ArgoCdImitation"]

_KEPT = 10
"""Syncs that an application keeps (`spec.revisionHistoryLimit`)."""


class ArgoCdImitation(Imitation):
    """Holds `applications` as the API states them.

    `visible` are patterns `PROJECT/APPLICATION` of the policy; other applications are left out of lists without a word.
    """

    def __init__(
        self,
        applications: Sequence[Mapping[str, Any]] = (),
        *,
        visible: Sequence[str] = ("*",),
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.applications = tuple(applications)
        self.visible = tuple(visible)

    def answer(self, asked: Asked) -> Told:
        match asked.path:
            case "/api/version":
                return json_told({"Version": "v2.13.1+af54ef8"})
            case "/api/v1/applications":
                return self._list(asked)
        return json_told({"error": "Not Found", "code": 5, "message": "Not Found"}, 404)

    def _list(self, asked: Asked) -> Told:
        projects, name = {*asked.every("projects"), *asked.every("project")}, asked.param("name")
        found = [
            _kept(one)
            for one in self.applications
            if self._may_see(one)
            and (not projects or one.get("spec", {}).get("project") in projects)
            and (not name or one["metadata"]["name"] == name)
        ]
        return json_told({"metadata": {"resourceVersion": "1"}, "items": found or None})

    def _may_see(self, one: Mapping[str, Any]) -> bool:
        place = f"{one.get('spec', {}).get('project')}/{one.get('metadata', {}).get('name')}"
        return any(fnmatchcase(place, pattern) for pattern in self.visible)


def _kept(application: Mapping[str, Any]) -> dict[str, Any]:
    status = dict(application.get("status", {}))
    if isinstance(status.get("history"), list):
        limit = application.get("spec", {}).get("revisionHistoryLimit", _KEPT)
        status["history"] = status["history"][-limit:] if limit else []
    return {**application, "status": status}
