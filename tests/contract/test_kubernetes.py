"""Kubernetes' connector keeps the contract."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from andon.connectors.kubernetes import KubernetesConnector
from andon.testing.contract import ConnectorContract
from andon.testing.imitations.kubernetes import KubernetesImitation

ABOUT = {"namespace": "shop", "creationTimestamp": "2026-06-19T10:00:00Z"}
POD = {"kind": "Pod", "metadata": {**ABOUT, "name": "api-1", "uid": "p1"}, "spec": {"nodeName": "n1"}}
EVENT = {
    "kind": "Event",
    "metadata": {**ABOUT, "name": "api-1.17f", "uid": "e1"},
    "involvedObject": {"kind": "Pod", "namespace": "shop", "name": "api-1"},
    "reason": "BackOff",
    "firstTimestamp": "2026-06-19T10:25:00Z",
}


class TestKubernetes(ConnectorContract):
    connector = KubernetesConnector
    imitation = partial(KubernetesImitation, [POD, EVENT])
    options: ClassVar = {"scope": {"namespaces": ["shop"]}}
