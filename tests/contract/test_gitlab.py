"""GitLab's connector keeps the contract."""

from __future__ import annotations

from functools import partial
from typing import ClassVar

from andon.connectors.gitlab import GitLabConnector
from andon.testing.contract import ConnectorContract
from andon.testing.imitations.gitlab import GitLabImitation, GitLabProject

COMMIT = {"id": "a1", "title": "Fix", "committed_date": "2026-06-19T10:20:00Z"}
DEPLOYMENT = {
    "id": 1,
    "sha": "a1",
    "status": "success",
    "created_at": "2026-06-19T10:25:00Z",
    "updated_at": "2026-06-19T10:26:00Z",
}


class TestGitLab(ConnectorContract):
    connector = GitLabConnector
    imitation = partial(GitLabImitation, {"shop/api": GitLabProject([DEPLOYMENT], [COMMIT])})
    options: ClassVar = {"scope": {"projects": ["shop/api"]}}
