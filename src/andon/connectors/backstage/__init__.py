"""Backstage: the software catalogue as topology.

Reads components, APIs, resources, systems and domains; knows nothing of templates, people and documents.
"""

from andon.connectors.backstage.connector import BackstageConfig, BackstageConnector, BackstageScope

__all__ = ["BackstageConfig", "BackstageConnector", "BackstageScope"]
