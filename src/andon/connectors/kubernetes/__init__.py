"""Kubernetes: events, rollout history and edits as changes, workloads and Services as topology.

Lists objects of the namespaces in its scope through the API server; reads no contents of ConfigMaps and Secrets,
follows no logs and runs no program.
"""

from andon.connectors.kubernetes.config import KubernetesConfig, KubernetesScope
from andon.connectors.kubernetes.connector import KubernetesConnector
from andon.connectors.kubernetes.resources import RULES, role_yaml

__all__ = ["RULES", "KubernetesConfig", "KubernetesConnector", "KubernetesScope", "role_yaml"]
