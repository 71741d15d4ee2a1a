"""The rollout history of workloads: which revision came when, and what it changed.

A Deployment keeps a ReplicaSet for each revision (`deployment.kubernetes.io/revision`), a StatefulSet and
a DaemonSet a ControllerRevision. A revision that was rolled back to keeps its object, with a higher number
and its old creation time; its time is then that of the last write to the object, which is at the latest when it
was rolled out.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any

from andon.connectors.kubernetes.objects import (
    Owner,
    controller_of,
    labels_of,
    managed,
    section,
    service_name,
    text,
)
from andon.connectors.kubernetes.templates import RESTARTED_AT, Difference, differences, images, told
from andon.telemetry import ChangeEvent, ChangeKind

__all__ = ["Revision", "revision_of", "rollouts"]

_NUMBER = "deployment.kubernetes.io/revision"
_FORMER_NUMBERS = "deployment.kubernetes.io/revision-history"
_DESIRED = "deployment.kubernetes.io/desired-replicas"
_CAUSE = "kubernetes.io/change-cause"
_ONE_WRITE = 2.0
"""Seconds within which an object is written when it is made; times in metadata are whole seconds."""

Seconds = Callable[[Any], float]


@dataclass(frozen=True, slots=True)
class Revision:
    """One revision of a workload; `again` when it was there before and has been rolled back to."""

    owner: Owner
    namespace: str
    number: int
    time: float
    template: Mapping[str, Any]
    desired: str = ""
    cause: str = ""
    again: bool = False


def revision_of(item: Mapping[str, Any], seconds: Seconds) -> Revision | None:
    """The revision that a ReplicaSet or ControllerRevision keeps; None where it has no owner, number or time."""
    owner, notes = controller_of(item), section(item, "metadata", "annotations")
    number = item.get("revision", notes.get(_NUMBER))
    template = section(item, "data", "spec", "template") or section(item, "spec", "template")
    created = seconds(section(item, "metadata").get("creationTimestamp"))
    if owner is None or not template or math.isnan(created) or not str(number).isdecimal():
        return None
    written = max((t for t in _writes(item, seconds) if not math.isnan(t)), default=created)
    bare = "revision" in item and written > created + _ONE_WRITE
    again = bare or bool(text(notes, _FORMER_NUMBERS))
    return Revision(
        owner,
        text(section(item, "metadata"), "namespace"),
        int(str(number)),
        max(created, written) if again else created,
        template,
        text(notes, _DESIRED),
        text(notes, _CAUSE),
        again,
    )


def rollouts(revisions: Iterable[Revision], service_labels: Sequence[str]) -> Iterator[ChangeEvent]:
    """One event for each revision, with what it changed against the one before where that is still kept."""
    of_owner: dict[tuple[str, Owner], list[Revision]] = {}
    for revision in revisions:
        of_owner.setdefault((revision.namespace, revision.owner), []).append(revision)
    for kept in of_owner.values():
        timed = list(_in_order(kept))
        yield _event(None, timed[0], service_labels)
        yield from (_event(old, new, service_labels) for old, new in pairwise(timed))


def _in_order(kept: list[Revision]) -> Iterator[Revision]:
    """By number; one that was rolled back to was not later than what followed it."""
    kept.sort(key=lambda revision: revision.number)
    for i, revision in enumerate(kept):
        following = min((later.time for later in kept[i + 1 :]), default=math.inf)
        yield replace(revision, time=min(revision.time, following)) if revision.again else revision


def _writes(item: Any, seconds: Seconds) -> Iterator[float]:
    return (seconds(entry.get("time")) for entry in managed(item) if not entry.get("subresource"))


def _event(old: Revision | None, new: Revision, service_labels: Sequence[str]) -> ChangeEvent:
    changed = differences(old.template, new.template) if old else ()
    if old and old.desired and new.desired and old.desired != new.desired:
        changed = (*changed, ("replicas", old.desired, new.desired))
    workload, used = f"{new.owner.kind}/{new.owner.name}", tuple(dict.fromkeys(images(new.template).values()))
    first = "first revision" if new.number == 1 else "the revision before is no longer kept"
    words = told(changed) or ("the same template" if old else f"{first}: {', '.join(used)}")
    return ChangeEvent(
        id=f"{new.owner.uid or workload}/{new.number}",
        time=new.time,
        kind=_kind(old, changed),
        action=_action(new, changed),
        target=service_name(labels_of(new.template), service_labels, new.owner.name),
        summary=f"{workload} revision {new.number}: {words}" + (f" ({new.cause})" if new.cause else ""),
        origin=new.namespace,
        resources=(workload, *used),
        parameters={
            "kind": new.owner.kind,
            "namespace": new.namespace,
            "revision": new.number,
            "changed": {path: {"old": before, "new": after} for path, before, after in changed},
        },
    )


def _kind(old: Revision | None, changed: Sequence[Difference]) -> ChangeKind:
    if old is None or any(path.endswith(".image") for path, _, _ in changed):
        return ChangeKind.DEPLOY
    return ChangeKind.KUBERNETES if _restarted(changed) else ChangeKind.CONFIG


def _action(new: Revision, changed: Sequence[Difference]) -> str:
    if new.again:
        return "rollback"
    return "restart" if _restarted(changed) else "rollout"


def _restarted(changed: Sequence[Difference]) -> bool:
    return [path for path, _, _ in changed] == [RESTARTED_AT]
