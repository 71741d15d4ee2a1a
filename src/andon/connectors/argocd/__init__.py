"""Argo CD: what was synced into which application, and what failed to.

Reads the applications in its scope; knows nothing of manifests, logs and the clusters themselves.
"""

from andon.connectors.argocd.connector import ArgoCdConfig, ArgoCdConnector, ArgoCdScope

__all__ = ["ArgoCdConfig", "ArgoCdConnector", "ArgoCdScope"]
