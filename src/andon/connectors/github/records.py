"""From GitHub's deployments and commits to change events."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from andon.connectors.commits import Commit, FilePatch
from andon.connectors.files.times import TimeParser
from andon.connectors.json_values import part_of, text_in
from andon.telemetry import ChangeEvent, ChangeKind

__all__ = ["commit_of", "deployed_at", "deployment_event", "made_at", "moment"]

_FAILED = ("error", "failure")
_PASSING = ("inactive",)
"""A state that comes when another deployment takes its place, and says nothing of this one."""


def moment(written: object) -> float:
    """Unix seconds of a time as the API writes it, NaN where it is none."""
    return TimeParser()(written) if isinstance(written, str) else math.nan


def made_at(deployment: Any) -> float:
    """When a deployment was made, NaN where it has no readable time or no number."""
    if not isinstance(deployment, dict) or not isinstance(deployment.get("id"), int):
        return math.nan
    return moment(deployment.get("created_at"))


def deployed_at(deployment: Mapping[str, Any], statuses: Iterable[Any]) -> tuple[float, str]:
    """When a deployment began to take effect, and the state that it came to.

    It begins when it is in progress, else when it succeeds; one that tells neither, when it was made.
    """
    steps = sorted((moment(s.get("created_at")), s["state"]) for s in statuses if _is_status(s))
    begun = next((at for at, state in steps if state == "in_progress"), math.nan)
    done = next((at for at, state in steps if state == "success"), math.nan)
    ended = next((state for _, state in reversed(steps) if state not in _PASSING), "")
    times = (begun, done, moment(deployment.get("created_at")))
    return next((at for at in times if not math.isnan(at)), math.nan), ended


def deployment_event(
    deployment: Mapping[str, Any], statuses: Iterable[Any], *, repository: str, service: str
) -> ChangeEvent | None:
    """The change event, None when there is no readable id, commit or time."""
    time, state = deployed_at(deployment, statuses)
    number, sha = deployment.get("id"), text_in(deployment, "sha")
    if math.isnan(time) or not isinstance(number, int) or not sha:
        return None
    ref, environment = text_in(deployment, "ref"), text_in(deployment, "environment")
    return ChangeEvent(
        id=f"{repository}/deployments/{number}",
        time=time,
        kind=ChangeKind.DEPLOY,
        action="deploy",
        target=service,
        actor=text_in(part_of(deployment, "creator"), "login"),
        summary=text_in(deployment, "description") or f"{service} {ref} to {environment}".strip(),
        origin=repository,
        resources=(ref,) if ref else (),
        parameters={"environment": environment, "task": text_in(deployment, "task"), "state": state},
        error=state if state in _FAILED else "",
        commit=sha,
    )


def commit_of(item: Any) -> Commit | None:
    """A commit as lists and the single one state it; files only in the latter. None without sha or time."""
    if not isinstance(item, dict):
        return None
    inner = part_of(item, "commit")
    time = moment(part_of(inner, "committer").get("date") or part_of(inner, "author").get("date"))
    sha = text_in(item, "sha")
    if not sha or math.isnan(time):
        return None
    author = text_in(part_of(item, "author"), "login") or text_in(part_of(inner, "author"), "name")
    return Commit(sha, time, text_in(inner, "message"), author, tuple(_patches(item.get("files"))))


def _patches(files: Any) -> Iterator[FilePatch]:
    for file in files if isinstance(files, list) else ():
        if not isinstance(file, dict) or not text_in(file, "filename"):
            continue
        name, status = text_in(file, "filename"), text_in(file, "status")
        before = "" if status == "added" else text_in(file, "previous_filename") or name
        yield FilePatch(before, "" if status == "removed" else name, text_in(file, "patch"))


def _is_status(status: Any) -> bool:
    return (
        isinstance(status, dict)
        and isinstance(status.get("state"), str)
        and not math.isnan(moment(status.get("created_at")))
    )
