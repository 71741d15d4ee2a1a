"""GitLab: deployments and commits as changes.

Reads the projects in its scope through the REST API v4; knows nothing of merge requests, pipelines and packages.
"""

from andon.connectors.gitlab.connector import GitLabConfig, GitLabConnector, GitLabScope

__all__ = ["GitLabConfig", "GitLabConnector", "GitLabScope"]
