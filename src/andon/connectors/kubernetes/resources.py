"""The resources of the Kubernetes API that are listed, and the Role that allows it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

__all__ = [
    "CONTROLLER_REVISIONS",
    "CRON_JOBS",
    "DAEMON_SETS",
    "DEPLOYMENTS",
    "EDITED",
    "EVENTS",
    "FOR_CHANGES",
    "FOR_TOPOLOGY",
    "JOBS",
    "NAMESPACES",
    "PODS",
    "REPLICA_SETS",
    "RULES",
    "SECRETS",
    "SERVICES",
    "STATEFUL_SETS",
    "Resource",
    "role_yaml",
    "rules",
]


@dataclass(frozen=True, slots=True)
class Resource:
    """One kind of object; the core group is empty."""

    group: str
    version: str
    plural: str
    kind: str

    @property
    def name(self) -> str:
        """As `kubectl auth can-i list` takes it, `deployments.apps`."""
        return f"{self.plural}.{self.group}" if self.group else self.plural

    def path(self, namespace: str = "") -> str:
        root = f"/apis/{self.group}/{self.version}" if self.group else f"/api/{self.version}"
        return f"{root}/namespaces/{namespace}/{self.plural}" if namespace else f"{root}/{self.plural}"

    def rule(self) -> str:
        """The rule of a Role that allows to list it."""
        return f'apiGroups: ["{self.group}"], resources: ["{self.plural}"], verbs: ["list"]'


EVENTS = Resource("", "v1", "events", "Event")
NAMESPACES = Resource("", "v1", "namespaces", "Namespace")
PODS = Resource("", "v1", "pods", "Pod")
SERVICES = Resource("", "v1", "services", "Service")
CONFIG_MAPS = Resource("", "v1", "configmaps", "ConfigMap")
SECRETS = Resource("", "v1", "secrets", "Secret")
DEPLOYMENTS = Resource("apps", "v1", "deployments", "Deployment")
REPLICA_SETS = Resource("apps", "v1", "replicasets", "ReplicaSet")
STATEFUL_SETS = Resource("apps", "v1", "statefulsets", "StatefulSet")
DAEMON_SETS = Resource("apps", "v1", "daemonsets", "DaemonSet")
CONTROLLER_REVISIONS = Resource("apps", "v1", "controllerrevisions", "ControllerRevision")
CRON_JOBS = Resource("batch", "v1", "cronjobs", "CronJob")
JOBS = Resource("batch", "v1", "jobs", "Job")
INGRESSES = Resource("networking.k8s.io", "v1", "ingresses", "Ingress")
NETWORK_POLICIES = Resource("networking.k8s.io", "v1", "networkpolicies", "NetworkPolicy")
AUTOSCALERS = Resource("autoscaling", "v2", "horizontalpodautoscalers", "HorizontalPodAutoscaler")

EDITED = (
    DEPLOYMENTS,
    STATEFUL_SETS,
    DAEMON_SETS,
    CONFIG_MAPS,
    SERVICES,
    INGRESSES,
    NETWORK_POLICIES,
    AUTOSCALERS,
)
"""Whose metadata tell who changed them when."""
FOR_CHANGES = (EVENTS, REPLICA_SETS, CONTROLLER_REVISIONS, *EDITED)
FOR_TOPOLOGY = (
    PODS,
    SERVICES,
    DEPLOYMENTS,
    STATEFUL_SETS,
    DAEMON_SETS,
    REPLICA_SETS,
    CRON_JOBS,
    JOBS,
)


def rules(resources: Sequence[Resource]) -> tuple[dict[str, list[str]], ...]:
    """The rules of a Role that allow to list these, one for each API group."""
    groups: dict[str, list[str]] = {}
    for resource in dict.fromkeys(resources):
        groups.setdefault(resource.group, []).append(resource.plural)
    return tuple(
        {"apiGroups": [group], "resources": sorted(plurals), "verbs": ["list"]}
        for group, plurals in groups.items()
    )


RULES = rules((*FOR_CHANGES, *FOR_TOPOLOGY))
"""All that is needed where `secrets` is off: one verb, in the namespaces of the scope."""


def role_yaml(namespace: str = "shop", account: str = "andon") -> str:
    """A ServiceAccount, a Role with the rules and the RoleBinding between them, as YAML documents."""
    import yaml

    about = {"name": account, "namespace": namespace}
    rbac = "rbac.authorization.k8s.io"
    documents: list[dict[str, Any]] = [
        {"apiVersion": "v1", "kind": "ServiceAccount", "metadata": dict(about)},
        {
            "apiVersion": f"{rbac}/v1",
            "kind": "Role",
            "metadata": dict(about),
            "rules": [dict(rule) for rule in RULES],
        },
        {
            "apiVersion": f"{rbac}/v1",
            "kind": "RoleBinding",
            "metadata": dict(about),
            "roleRef": {"apiGroup": rbac, "kind": "Role", "name": account},
            "subjects": [{"kind": "ServiceAccount", **about}],
        },
    ]
    return yaml.safe_dump_all(documents, sort_keys=False)
