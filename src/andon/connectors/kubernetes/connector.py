"""Kubernetes: what changed in a cluster, and what runs where.

Plain HTTP, no client library: only `list` and, to check, SelfSubjectAccessReview, which asks and changes
nothing. Every list is namespaced, so that a Role is enough.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from functools import partial
from typing import Any, ClassVar

from andon.connectors.connector import Check, CheckState, ConnectorConfig, Need
from andon.connectors.files.kubernetes import kubernetes_changes
from andon.connectors.files.times import TimeParser
from andon.connectors.kubernetes.access import access_to
from andon.connectors.kubernetes.config import EVERY_NAMESPACE, KubernetesConfig
from andon.connectors.kubernetes.edits import edits, merged
from andon.connectors.kubernetes.listing import PAGE, Listed, Lists
from andon.connectors.kubernetes.resources import (
    CONTROLLER_REVISIONS,
    EDITED,
    EVENTS,
    FOR_CHANGES,
    FOR_TOPOLOGY,
    JOBS,
    NAMESPACES,
    REPLICA_SETS,
    SECRETS,
    Resource,
)
from andon.connectors.kubernetes.rollouts import revision_of, rollouts
from andon.connectors.kubernetes.workloads import Held, topology_of
from andon.connectors.reading import Reading
from andon.connectors.session import Session
from andon.connectors.source import Signal
from andon.connectors.unanswered import Unanswered
from andon.connectors.wire import HttpConnector
from andon.telemetry import ChangeEvent, Result, Status, Topology, isoformat

__all__ = ["KubernetesConnector"]

_REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
_IN_FULL = (EVENTS, REPLICA_SETS, CONTROLLER_REVISIONS)
_Objects = dict[Resource, tuple[dict[str, Any], ...]]


class KubernetesConnector(HttpConnector):
    """Events, rollout history and edits as changes; workloads, pods, nodes and Services as topology."""

    kind = "kubernetes"
    title = "Kubernetes"
    signals = (Signal.CHANGES, Signal.TOPOLOGY)
    proved = "an imitation of the Kubernetes API 1.31"
    Config: ClassVar[type[ConnectorConfig]] = KubernetesConfig
    config: KubernetesConfig

    def __init__(self, name: str, config: KubernetesConfig, session: Session) -> None:
        access = access_to(config, session.vault)
        self._headers = access.headers
        super().__init__(name, access.http, session)
        self.config = config
        self._lists = Lists(self.wire, session, config.limits.items)
        self._seconds = TimeParser()

    def headers(self) -> Mapping[str, str]:
        return self._headers

    def check(self) -> tuple[Check, ...]:
        reach = self.tried("reach", self._version)
        if reach.state is CheckState.FAILED:
            return (reach,)
        for_changes = (*FOR_CHANGES, SECRETS) if self.config.secrets else FOR_CHANGES
        return (
            reach,
            self._permission("changes", for_changes),
            self._permission("topology", FOR_TOPOLOGY),
            self.tried("history", self._history),
            self.clock(),
        )

    def changes(self, need: Need) -> Result[tuple[ChangeEvent, ...]]:
        reading = Reading(self.name)
        edited = (*EDITED, SECRETS) if self.config.secrets else EDITED
        held = self._held(reading, _IN_FULL, edited)
        found: list[ChangeEvent] = []
        for namespace, objects in held.items():
            found += self._events(reading, namespace, objects[EVENTS])
            found += self._rollouts_and_edits(objects, edited)
        found = sorted((one for one in found if one.time in need.window), key=lambda c: (c.time, c.id))
        return reading.result(tuple(found), len(found))

    def topology(self) -> Result[Topology]:
        reading = Reading(self.name)
        held = self._held(reading, [r for r in FOR_TOPOLOGY if r is not JOBS], [JOBS])
        if not any(items for objects in held.values() for items in objects.values()):
            return reading.result(Topology(name=self.name), 0)
        spaces = (
            Held(namespace, {resource.kind: items for resource, items in objects.items()})
            for namespace, objects in held.items()
        )
        topology = topology_of(spaces, self.name, self.config.service_labels)
        return reading.result(topology, len(topology.elements))

    def _held(
        self, reading: Reading, whole: Sequence[Resource], metadata: Sequence[Resource]
    ) -> dict[str, _Objects]:
        """What the namespaces hold of these resources, of some of them only the metadata."""
        asked = [
            (namespace, resource, resource in metadata)
            for namespace in self._namespaces(reading)
            for resource in (*whole, *metadata)
        ]
        lists = self._together([partial(self._listed, reading, *one) for one in asked])
        held: dict[str, _Objects] = {}
        for (namespace, resource, _), items in zip(asked, lists, strict=True):
            held.setdefault(namespace, {})[resource] = items
        return held

    def _namespaces(self, reading: Reading) -> tuple[str, ...]:
        """Those of the scope, or those that there are where it says all."""
        scope = self.config.scope
        if not scope.every:
            return tuple(dict.fromkeys(scope.namespaces))
        with reading.part():
            listed = self._lists.of(NAMESPACES, metadata=True)
            names = [item["metadata"].get("name") for item in listed.items]
            reading.fetched(f"GET {NAMESPACES.path()}", items=len(names), size=listed.size)
            return tuple(name for name in names if scope.admits(name))
        return ()

    def _listed(
        self, reading: Reading, namespace: str, resource: Resource, metadata: bool
    ) -> tuple[dict[str, Any], ...]:
        """The objects, with what was fetched and what is lacking noted."""
        with reading.part(namespace):
            listed = self._lists.of(resource, namespace, metadata=metadata)
            query = f"GET {resource.path(namespace)}?limit={PAGE}" + (" (metadata only)" if metadata else "")
            reading.fetched(query, place=namespace, items=len(listed.items), size=listed.size)
            _note_gaps(reading, listed, resource, namespace)
            return listed.items
        return ()

    def _events(
        self, reading: Reading, namespace: str, items: Iterable[dict[str, Any]]
    ) -> Iterator[ChangeEvent]:
        for item in items:
            told = kubernetes_changes(item, self._seconds)
            yield from told
            if not told:
                reading.lacking(Status.PARTIAL, "events without a readable time and reason", place=namespace)

    def _rollouts_and_edits(self, objects: _Objects, edited: Sequence[Resource]) -> Iterator[ChangeEvent]:
        labels = self.config.service_labels
        kept = [
            revision
            for resource in (REPLICA_SETS, CONTROLLER_REVISIONS)
            for item in objects[resource]
            if (revision := revision_of(item, self._seconds)) is not None
        ]
        written = [
            one
            for resource in edited
            for item in objects[resource]
            for one in edits(item, resource.kind, self._seconds, labels)
        ]
        return merged(list(rollouts(kept, labels)), written)

    def _together(self, tasks: Sequence[Callable[[], Any]]) -> list[Any]:
        return self.session.together(tasks, self.config.limits.requests_at_once)

    def _version(self) -> str:
        reply = self.wire.get("/version", fresh=True).json()
        version = reply.get("gitVersion") if isinstance(reply, dict) else None
        if not isinstance(version, str):
            raise Unanswered("answers, but not as the Kubernetes API does")
        return f"Kubernetes {version}"

    def _permission(self, what: str, resources: Sequence[Resource]) -> Check:
        scope = self.config.scope
        asked = [(resource, ns) for ns in scope.namespaces for resource in resources if ns != EVERY_NAMESPACE]
        if scope.every:
            asked = [(resource, "") for resource in (NAMESPACES, *resources)]
        try:
            allowed = self._together([partial(self._may_list, *one) for one in asked])
        except Unanswered as gap:
            return Check(what, CheckState.FAILED, gap.message, gap.hint)
        missing = [one for one, granted in zip(asked, allowed, strict=True) if not granted]
        if not missing:
            spaces = "every namespace" if scope.every else ", ".join(scope.namespaces)
            return Check(what, CheckState.OK, f"may list {len(set(resources))} kinds of objects in {spaces}")
        refused = ", ".join(f"{r.name} in {ns}" if ns else f"{r.name} anywhere" for r, ns in missing)
        return Check(what, CheckState.FAILED, f"may not list {refused}", "; ".join(_rules(missing)))

    def _may_list(self, resource: Resource, namespace: str) -> bool:
        attributes = {"verb": "list", "group": resource.group, "resource": resource.plural}
        review = {
            "apiVersion": "authorization.k8s.io/v1",
            "kind": "SelfSubjectAccessReview",
            "spec": {"resourceAttributes": attributes | ({"namespace": namespace} if namespace else {})},
        }
        answer = self.wire.post(_REVIEWS, json=review).json()
        status = answer.get("status") if isinstance(answer, dict) else None
        if not isinstance(status, dict):
            raise Unanswered("answers, but not as the Kubernetes API does")
        return status.get("allowed") is True

    def _history(self) -> str:
        reading = Reading(self.name)
        held = self._held(reading, [EVENTS], [])
        times = [e.time for ns, objects in held.items() for e in self._events(reading, ns, objects[EVENTS])]
        gaps = reading.result((), len(times)).problems
        if gaps and not times:
            raise Unanswered(gaps[0].message, hint=gaps[0].hint)
        since = f"events since {isoformat(min(times))}" if times else "no events"
        return f"{since}; the API server keeps them for 1 h unless --event-ttl says otherwise"


def _note_gaps(reading: Reading, listed: Listed, resource: Resource, namespace: str) -> None:
    if not listed.whole:
        message = f"more {resource.plural} than limits.items; the first {len(listed.items):,} were read"
        reading.lacking(Status.TRUNCATED, message, place=namespace, hint="raise limits.items")
    if listed.malformed:
        message = f"{listed.malformed} of the {resource.plural} cannot be read"
        reading.lacking(Status.PARTIAL, message, place=namespace)
    if listed.foreign:
        message = f"{listed.foreign} {resource.plural} of other namespaces, outside the scope, were left out"
        reading.lacking(Status.DENIED, message, place=namespace)


def _rules(missing: Sequence[tuple[Resource, str]]) -> Iterator[str]:
    """What to add, one rule for each role."""
    by_rule: dict[str, dict[str, None]] = {}
    for resource, namespace in missing:
        by_rule.setdefault(resource.rule(), {})[namespace] = None
    for rule, spaces in by_rule.items():
        where = "the ClusterRole" if "" in spaces else f"the Role in {', '.join(spaces)}"
        yield f"add to {where}: {rule}"
