"""What really happened: the culprits of an incident, all answers that are right, and the innocent changes."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from andon.errors import ParseError

__all__ = ["Culprit", "Decoy", "GroundTruth", "read_ground_truth"]


@dataclass(frozen=True, slots=True)
class Culprit:
    """One cause, and all answers that name it rightly.

    `components` are the elements that may be named, `mechanisms` the slugs that may (none: any may); `path` lists
    everything that the effect passes through, cause first, branches one after the other. `change` is the id of the
    guilty event, empty where nothing was changed; `injected` is in Unix seconds.
    """

    components: tuple[str, ...]
    mechanisms: tuple[str, ...] = ()
    path: tuple[str, ...] = ()
    change: str = ""
    injected: float = 0.0


@dataclass(frozen=True, slots=True)
class Decoy:
    """An innocent change: where, which actions, the ids of its events, and when (Unix seconds)."""

    component: str
    actions: tuple[str, ...]
    events: tuple[str, ...]
    time: float = 0.0


@dataclass(frozen=True, slots=True)
class GroundTruth:
    """The truth of one incident; without culprits it is a control, in which nothing was broken."""

    fault: str
    culprits: tuple[Culprit, ...] = ()
    decoys: tuple[Decoy, ...] = ()
    seed: int = 0

    @property
    def control(self) -> bool:
        return not self.culprits

    @property
    def injected(self) -> float | None:
        """When the first culprit acted."""
        return min((culprit.injected for culprit in self.culprits), default=None)


def read_ground_truth(file: Path) -> GroundTruth:
    """The truth file that lies beside a recording. Raises ParseError when it is none."""
    try:
        told = json.loads(file.read_text(encoding="utf-8"))
        return GroundTruth(
            str(told["fault"]),
            tuple(_culprit(culprit) for culprit in told["culprits"]),
            tuple(_decoy(decoy) for decoy in told.get("decoys", ())),
            int(told.get("seed", 0)),
        )
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise ParseError(f"no ground truth: {error}", file=str(file)) from error


def _culprit(told: Mapping[str, Any]) -> Culprit:
    return Culprit(
        tuple(told["components"]),
        tuple(told.get("mechanisms", ())),
        tuple(told.get("path", ())),
        str(told.get("change") or ""),
        float(told.get("injected", 0.0)),
    )


def _decoy(told: Mapping[str, Any]) -> Decoy:
    return Decoy(
        str(told["component"]),
        tuple(told.get("actions", ())),
        tuple(told.get("events", ())),
        float(told.get("time", 0.0)),
    )
