"""What runs where: namespaces, workloads, their pods on nodes, and the Services that select them.

A workload is the topmost owner of its pods; it is a container of the C4 model, its namespace the software system,
a pod an instance of it on the deployment node that carries it.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from andon.connectors.kubernetes.objects import (
    Owner,
    controller_of,
    labels_of,
    parts,
    section,
    service_name,
    text,
)
from andon.connectors.kubernetes.templates import images
from andon.telemetry import Element, ElementKind, Relationship, Topology

__all__ = ["Held", "topology_of"]

_DONE = ("Succeeded", "Failed")


@dataclass(frozen=True)
class Held:
    """What one namespace holds: lists of objects by kind (`Pod`, `Service`, `Deployment`, …)."""

    namespace: str
    objects: Mapping[str, Sequence[Mapping[str, Any]]] = field(default_factory=dict)

    def of(self, kind: str) -> Iterable[Mapping[str, Any]]:
        return self.objects.get(kind, ())


@dataclass
class _Workload:
    owner: Owner
    labels: dict[str, str] = field(default_factory=dict)
    """Those that its pods carry."""
    own_labels: dict[str, str] = field(default_factory=dict)
    images: tuple[str, ...] = ()
    replicas: str = ""
    pods: list[Mapping[str, Any]] = field(default_factory=list)


def topology_of(held: Iterable[Held], name: str, service_labels: Sequence[str]) -> Topology:
    """The topology of these namespaces; `name` names the cluster, and is the environment of what is deployed."""
    elements: dict[str, Element] = {}
    relationships: list[Relationship] = []
    for one in held:
        workloads = _workloads(one)
        for element in _elements(one, workloads, name, service_labels):
            elements.setdefault(element.id, element)
        relationships += _selections(one, workloads)
    return Topology(tuple(elements.values()), tuple(relationships), name)


def _workloads(held: Held) -> dict[str, _Workload]:
    """Workloads by the id of their element."""
    found: dict[str, _Workload] = {}
    above = {
        text(section(item, "metadata"), "uid"): controller_of(item)
        for kind in ("ReplicaSet", "Job")
        for item in held.of(kind)
    }
    for kind in ("Deployment", "StatefulSet", "DaemonSet", "CronJob", "ReplicaSet", "Job"):
        for item in held.of(kind):
            if controller_of(item) is None:
                _declared(found, held.namespace, kind, item)
    for pod in held.of("Pod"):
        if section(pod, "status").get("phase") in _DONE:
            continue
        owner = _topmost(pod, above)
        one = found.setdefault(_id(held.namespace, owner.kind, owner.name), _Workload(owner))
        one.pods.append(pod)
        one.labels = one.labels or labels_of(pod)
        one.images = one.images or tuple(images(pod).values())
    return found


def _declared(found: dict[str, _Workload], namespace: str, kind: str, item: Mapping[str, Any]) -> None:
    about, spec = section(item, "metadata"), section(item, "spec")
    if kind == "ReplicaSet" and not spec.get("replicas"):
        return
    template = section(spec, "template") or section(spec, "jobTemplate", "spec", "template")
    replicas = spec.get("replicas")
    found[_id(namespace, kind, text(about, "name"))] = _Workload(
        Owner(kind, text(about, "name"), text(about, "uid")),
        labels_of(template),
        labels_of(item),
        tuple(images(template).values()),
        str(replicas) if isinstance(replicas, int) else "",
    )


def _topmost(pod: Mapping[str, Any], above: Mapping[str, Owner | None]) -> Owner:
    """The owner of its owners; a pod that nobody owns is a workload of its own."""
    about = section(pod, "metadata")
    owner = controller_of(pod) or Owner("Pod", text(about, "name"), text(about, "uid"))
    seen = {owner.uid}
    while (higher := above.get(owner.uid)) is not None and higher.uid not in seen:
        seen.add(higher.uid)
        owner = higher
    return owner


def _elements(
    held: Held, workloads: Mapping[str, _Workload], environment: str, service_labels: Sequence[str]
) -> Iterator[Element]:
    home = f"namespace/{held.namespace}"
    yield Element(home, ElementKind.SOFTWARE_SYSTEM, f"namespace {held.namespace}")
    for identifier, one in workloads.items():
        service = service_name(one.labels | one.own_labels, service_labels, one.owner.name)
        yield Element(
            identifier,
            ElementKind.CONTAINER,
            one.owner.name,
            description=", ".join(dict.fromkeys(one.images)),
            technology=f"Kubernetes {one.owner.kind}",
            properties={"service.name": service},
            parent=home,
            group=held.namespace,
            instances=one.replicas,
        )
        yield from _placed(held.namespace, identifier, one.pods, environment)
    for item in held.of("Service"):
        name = text(section(item, "metadata"), "name")
        yield Element(
            _id(held.namespace, "Service", name),
            ElementKind.INFRASTRUCTURE_NODE,
            f"{name}.{held.namespace}",
            technology="Kubernetes Service",
            environment=environment,
        )


def _placed(
    namespace: str, identifier: str, pods: Iterable[Mapping[str, Any]], environment: str
) -> Iterator[Element]:
    for pod in pods:
        name, node = text(section(pod, "metadata"), "name"), text(section(pod, "spec"), "nodeName")
        home = f"node/{node}" if node else ""
        if home:
            yield Element(home, ElementKind.DEPLOYMENT_NODE, node, environment=environment)
        yield Element(
            _id(namespace, "Pod", name)
            if not identifier.endswith(f"/pod/{name}")
            else f"{identifier}@{node}",
            ElementKind.CONTAINER_INSTANCE,
            name,
            parent=home,
            instance_of=identifier,
            environment=environment,
        )


def _selections(held: Held, workloads: Mapping[str, _Workload]) -> Iterator[Relationship]:
    for item in held.of("Service"):
        spec = section(item, "spec")
        selector = section(spec, "selector")
        if not selector:
            continue
        source = _id(held.namespace, "Service", text(section(item, "metadata"), "name"))
        ports = ", ".join(f"{text(p, 'protocol') or 'TCP'}/{p.get('port')}" for p in parts(spec, "ports"))
        for identifier, one in workloads.items():
            if one.labels and selector.items() <= one.labels.items():
                yield Relationship(source, identifier, "selects", ports)


def _id(namespace: str, kind: str, name: str) -> str:
    return f"{namespace}/{kind.casefold()}/{name}"
