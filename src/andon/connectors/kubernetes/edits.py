"""Who changed an object when, from `managedFields`: names, times and the fields that they own, no contents.

Server-side apply keeps one entry for each manager, with the time of its last write: earlier writes
of the same manager are not told, and an owned field need not be the one that was written last.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from itertools import islice
from typing import Any

from andon.connectors.kubernetes.objects import labels_of, managed, section, text
from andon.connectors.service_labels import service_of
from andon.telemetry import ChangeEvent, ChangeKind

__all__ = ["edits", "merged"]

_CONTROLLER = "kube-controller-manager"
_ELECTION = "control-plane.alpha.kubernetes.io/leader"
_MOST_FIELDS = 8
_DEEPEST = 12
_AT_ONCE = 5.0
"""Seconds between a write to a Deployment and the revision that the controller makes of it."""


def edits(
    item: Mapping[str, Any], kind: str, seconds: Callable[[Any], float], service_labels: Sequence[str]
) -> Iterator[ChangeEvent]:
    """The last write of every manager of an object; those of status and of its own controller are left out."""
    about = section(item, "metadata")
    if _ELECTION in section(about, "annotations"):
        return
    created = seconds(about.get("creationTimestamp"))
    name, namespace, uid = text(about, "name"), text(about, "namespace"), text(about, "uid")
    service = service_of(labels_of(item), service_labels)
    for entry in managed(item):
        time, manager, part = seconds(entry.get("time")), text(entry, "manager"), text(entry, "subresource")
        if math.isnan(time) or part == "status" or (manager == _CONTROLLER and part != "scale"):
            continue
        fields = ", ".join(islice(_owned(section(entry, "fieldsV1"), "", 0), _MOST_FIELDS))
        action = "create" if time == created else "scale" if part == "scale" else "update"
        yield ChangeEvent(
            id=f"{uid or f'{namespace}/{kind}/{name}'}/{manager}/{text(entry, 'operation')}{part}@{time:.0f}",
            time=time,
            kind=ChangeKind.CONFIG,
            action=action,
            target=name,
            actor=manager,
            summary=f"{kind} {name}: {action} by {manager}" + (f", who owns {fields}" if fields else ""),
            origin=namespace,
            resources=tuple(part for part in (f"{kind}/{name}", service) if part),
            parameters={"kind": kind, "namespace": namespace},
        )


def merged(rolled: Sequence[ChangeEvent], edited: Sequence[ChangeEvent]) -> Iterator[ChangeEvent]:
    """Both, with a write that made a revision told once: it gives the rollout its actor."""
    spent: set[str] = set()
    for rollout in rolled:
        made = [
            edit
            for edit in edited
            if edit.origin == rollout.origin
            and edit.resources[0] == rollout.resources[0]
            and 0 <= rollout.time - edit.time <= _AT_ONCE
        ]
        spent.update(edit.id for edit in made)
        actor = max(made, key=lambda edit: edit.time).actor if made else ""
        yield replace(rollout, actor=actor)
    yield from (edit for edit in edited if edit.id not in spent)


def _owned(fields: Mapping[str, Any], path: str, depth: int) -> Iterator[str]:
    """Paths such as `data.LOG_LEVEL`; list items by their key, without the fields inside."""
    for key, inner in fields.items():
        if not isinstance(key, str) or not key.startswith("f:"):
            continue
        here = f"{path}.{key[2:]}" if path else key[2:]
        nested = isinstance(inner, dict) and any(str(k).startswith("f:") for k in inner)
        if nested and depth < _DEEPEST:
            yield from _owned(inner, here, depth + 1)
        elif not here.startswith("metadata"):
            yield here
