"""GitHub's connector keeps the contract."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from andon.connectors.github import GitHubConnector
from andon.testing.contract import ConnectorContract
from andon.testing.imitations.github import GitHubImitation, GitHubRepository

COMMIT = {"sha": "a1", "commit": {"message": "Fix", "committer": {"date": "2026-06-19T10:20:00Z"}}}
DEPLOYMENT = {"id": 1, "sha": "a1", "created_at": "2026-06-19T10:25:00Z"}


class TestGitHub(ConnectorContract):
    connector = GitHubConnector
    imitation = partial(
        GitHubImitation, {"shop/api": GitHubRepository(deployments=[DEPLOYMENT], commits=[COMMIT])}
    )
    options: ClassVar = {"scope": {"repositories": ["shop/api"]}}
