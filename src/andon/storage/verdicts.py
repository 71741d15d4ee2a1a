"""Verdicts: what engineers found to be the cause of an incident, kept with the time, and without who said so."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from andon.storage.store import Store

__all__ = ["Verdict", "keep_verdict", "kept_verdicts"]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A verdict on a run: `at` in Unix seconds, `body` plain JSON that this room does not read."""

    run: str
    at: float
    body: Mapping[str, Any]


def keep_verdict(store: Store, run: str, body: Mapping[str, Any]) -> Verdict:
    """Keeps a verdict on a run of the store; a later one on the same run takes its place when they are read."""
    return Verdict(run, store.judge(run, body), body)


def kept_verdicts(store: Store) -> tuple[Verdict, ...]:
    """The last verdict on each run, oldest first."""
    last = {run: Verdict(run, at, body) for run, at, body in store.judgements()}
    return tuple(sorted(last.values(), key=lambda verdict: verdict.at))
