"""GitHub: deployments and commits as changes.

Reads the repositories in its scope through the REST API; knows nothing of pull requests, releases and workflows.
"""

from andon.connectors.github.connector import GitHubConfig, GitHubConnector, GitHubScope

__all__ = ["GitHubConfig", "GitHubConnector", "GitHubScope"]
