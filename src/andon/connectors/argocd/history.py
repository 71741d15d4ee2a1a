"""From an application of Argo CD to change events: its history of syncs, and one that failed or still runs."""

from __future__ import annotations

import math
import re
from collections.abc import Iterator, Mapping
from typing import Any

from andon.connectors.files.times import TimeParser
from andon.connectors.json_values import part_of, text_in
from andon.telemetry import ChangeEvent, ChangeKind

__all__ = ["Unreadable", "syncs"]

_COMMIT = re.compile(r"[0-9a-f]{40}")
_FAILED = ("Failed", "Error")
_UNDER_WAY = ("Running", "Terminating")
_LONGEST = 500

Entry = Mapping[str, Any]


class Unreadable(ValueError):
    """An entry of the history without a readable time or revision."""


def syncs(application: Entry, *, service: str) -> Iterator[ChangeEvent | Unreadable]:
    """One event for each entry of `status.history`, and one for an operation that is no success.

    The time is that at which the sync began, where the version tells it, else that at which it was done. The newest
    sync carries the state of the application now.
    """
    status, before = part_of(application, "status"), ""
    entries = sorted(_list(status, "history"), key=_number)
    for entry in entries:
        newest = entry is entries[-1]
        try:
            event = _synced(application, entry, before, service, _now(status) if newest else {})
        except Unreadable as gap:
            yield gap
            continue
        before = str(event.parameters["revision"])
        yield event
    operation = part_of(status, "operationState")
    if text_in(operation, "phase") in (*_FAILED, *_UNDER_WAY):
        try:
            yield _attempted(application, operation, service)
        except Unreadable as gap:
            yield gap


def _synced(application: Entry, entry: Entry, before: str, service: str, now: dict[str, str]) -> ChangeEvent:
    name, revision = _name(application), _revision(entry)
    time = _first_time(entry, "deployStartedAt", "deployedAt")
    source = part_of(entry, "source") or next(iter(_list(entry, "sources")), {})
    started = part_of(entry, "initiatedBy")
    words = f"{before[:12]} -> {revision[:12]}" if before and before != revision else revision[:12]
    return ChangeEvent(
        id=f"{name}/history/{entry.get('id')}",
        time=time,
        kind=ChangeKind.DEPLOY,
        action="sync",
        target=service,
        actor=text_in(started, "username") or ("automated" if started.get("automated") is True else ""),
        summary=f"application {name}: {words} of {text_in(source, 'repoURL')}",
        origin=text_in(part_of(application, "spec"), "project"),
        resources=(name,) if name != service else (),
        parameters=_parameters(application, source, revision, before) | now,
        commit=revision if _COMMIT.fullmatch(revision) else "",
    )


def _attempted(application: Entry, operation: Entry, service: str) -> ChangeEvent:
    """A sync that failed, and did nothing or half of it, or one that is under way."""
    name, phase = _name(application), text_in(operation, "phase")
    result, asked = part_of(operation, "syncResult"), part_of(part_of(operation, "operation"), "sync")
    revision = _revision(result, needed=False) or _revision(asked, needed=False)
    message = text_in(operation, "message")[:_LONGEST]
    time = _first_time(operation, "startedAt", "finishedAt")
    started = part_of(part_of(operation, "operation"), "initiatedBy")
    return ChangeEvent(
        id=f"{name}/operation@{time:.0f}",
        time=time,
        kind=ChangeKind.DEPLOY,
        action="sync",
        target=service,
        actor=text_in(started, "username") or ("automated" if started.get("automated") is True else ""),
        summary=f"application {name}: sync {phase.lower()}" + (f": {message}" if message else ""),
        origin=text_in(part_of(application, "spec"), "project"),
        resources=(name,) if name != service else (),
        parameters=_parameters(application, part_of(result, "source"), revision, "") | {"phase": phase},
        error=(message or phase) if phase in _FAILED else "",
        commit=revision if _COMMIT.fullmatch(revision) else "",
    )


def _parameters(application: Entry, source: Entry, revision: str, before: str) -> dict[str, Any]:
    told = {
        "revision": revision,
        "previous": before,
        "repository": text_in(source, "repoURL"),
        "path": text_in(source, "path") or text_in(source, "chart"),
        "namespace": text_in(part_of(part_of(application, "spec"), "destination"), "namespace"),
    }
    return {key: value for key, value in told.items() if value}


def _now(status: Entry) -> dict[str, str]:
    found = {
        "sync now": text_in(part_of(status, "sync"), "status"),
        "health now": text_in(part_of(status, "health"), "status"),
    }
    return {key: value for key, value in found.items() if value}


def _revision(entry: Entry, *, needed: bool = True) -> str:
    """The revision, of several sources the first that is a commit."""
    several = entry.get("revisions")
    texts = [r for r in several if isinstance(r, str) and r] if isinstance(several, list) else []
    found = text_in(entry, "revision") or next((r for r in texts if _COMMIT.fullmatch(r)), "")
    found = found or next(iter(texts), "")
    if needed and not found:
        raise Unreadable
    return found


def _first_time(entry: Entry, *keys: str) -> float:
    seconds = TimeParser()
    times = (seconds(entry[key]) for key in keys if isinstance(entry.get(key), str))
    time = next((at for at in times if not math.isnan(at)), math.nan)
    if math.isnan(time):
        raise Unreadable
    return time


def _name(application: Entry) -> str:
    return text_in(part_of(application, "metadata"), "name")


def _number(entry: Entry) -> int:
    """The place of a sync in the history; it counts up."""
    number = entry.get("id")
    return number if isinstance(number, int) else -1


def _list(entry: Entry, key: str) -> list[Entry]:
    value = entry.get(key)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []
