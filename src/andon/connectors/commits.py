"""Commits and deployments as code hosts tell them: the same change events as files of them give."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from andon.telemetry import ChangeEvent, ChangeKind

__all__ = ["LONGEST_DIFF", "Commit", "FilePatch", "commit_event", "looked_into"]

LONGEST_DIFF = 200_000
"""Characters of one commit's diff that are kept; the analysis of code reads no more."""


@dataclass(frozen=True, slots=True)
class FilePatch:
    """One file of a commit; an empty path says that it was not there before or is not there after."""

    before: str
    after: str
    patch: str = ""

    @property
    def path(self) -> str:
        return self.after or self.before

    def unified(self) -> str:
        """As `git diff` writes it."""
        old = f"a/{self.before}" if self.before else "/dev/null"
        new = f"b/{self.after}" if self.after else "/dev/null"
        return f"--- {old}\n+++ {new}\n{self.patch.rstrip()}\n" if self.patch else ""


@dataclass(frozen=True, slots=True)
class Commit:
    """A commit of a repository at the time (Unix seconds) at which it was committed."""

    sha: str
    time: float
    message: str = ""
    author: str = ""
    patches: tuple[FilePatch, ...] = ()


def commit_event(commit: Commit, *, repository: str, service: str) -> ChangeEvent:
    """The change event of a commit; its id is the sha, as in files of commits."""
    first = commit.message.splitlines()[0] if commit.message else ""
    return ChangeEvent(
        id=commit.sha,
        time=commit.time,
        kind=ChangeKind.COMMIT,
        action="commit",
        target=service,
        actor=commit.author,
        summary=first,
        origin=repository,
        parameters={"message": commit.message} if "\n" in commit.message else {},
        commit=commit.sha,
        files=tuple(dict.fromkeys(patch.path for patch in commit.patches)),
        diff="".join(patch.unified() for patch in commit.patches)[:LONGEST_DIFF],
    )


def looked_into(deployed: Iterable[str], listed: Sequence[Commit], most: int) -> tuple[str, ...]:
    """The commits whose files are fetched: those that were deployed, then the newest, at most so many."""
    newest = sorted(listed, key=lambda commit: -commit.time)
    return tuple(dict.fromkeys([*filter(None, deployed), *(commit.sha for commit in newest)]))[:most]
