"""From GitLab's deployments, commits and diffs to change events."""

from __future__ import annotations

import math
from collections.abc import Iterator
from typing import Any

from andon.connectors.commits import Commit, FilePatch
from andon.connectors.files.times import TimeParser
from andon.connectors.json_values import part_of, text_in
from andon.telemetry import ChangeEvent, ChangeKind

__all__ = ["commit_of", "deployment_event", "moment", "patches_of"]

_DID_SOMETHING = ("success", "running")


def moment(written: object) -> float:
    """Unix seconds of a time as the API writes it, NaN where it is none."""
    return TimeParser()(written) if isinstance(written, str) else math.nan


def deployment_event(item: Any, *, project: str, service: str) -> ChangeEvent | None:
    """The change event, at the time at which the job began; None without a readable number, commit or time.

    Whatever did not come to `running` or `success` did nothing: its status is the error.
    """
    if not isinstance(item, dict) or not isinstance(item.get("id"), int):
        return None
    times = (moment(part_of(item, "deployable").get("started_at")), moment(item.get("created_at")))
    time = next((at for at in times if not math.isnan(at)), math.nan)
    sha, status = text_in(item, "sha"), text_in(item, "status")
    if math.isnan(time) or not sha:
        return None
    ref, environment = text_in(item, "ref"), text_in(part_of(item, "environment"), "name")
    return ChangeEvent(
        id=f"{project}/deployments/{item['id']}",
        time=time,
        kind=ChangeKind.DEPLOY,
        action="deploy",
        target=service,
        actor=text_in(part_of(item, "user"), "username"),
        summary=f"{service} {ref} to {environment}".strip(),
        origin=project,
        resources=(ref,) if ref else (),
        parameters={"environment": environment, "state": status},
        error="" if status in _DID_SOMETHING else status,
        commit=sha,
    )


def commit_of(item: Any) -> Commit | None:
    """A commit; None without a sha or a readable time."""
    if not isinstance(item, dict):
        return None
    time, sha = moment(item.get("committed_date") or item.get("created_at")), text_in(item, "id")
    if not sha or math.isnan(time):
        return None
    message = text_in(item, "message") or text_in(item, "title")
    return Commit(sha, time, message.rstrip("\n"), text_in(item, "author_name"))


def patches_of(items: list[Any]) -> Iterator[FilePatch]:
    """The files of a diff; those that GitLab finds too large come without a patch."""
    for item in items:
        if isinstance(item, dict) and (text_in(item, "new_path") or text_in(item, "old_path")):
            before = "" if item.get("new_file") is True else text_in(item, "old_path")
            after = "" if item.get("deleted_file") is True else text_in(item, "new_path")
            yield FilePatch(before, after, text_in(item, "diff"))
