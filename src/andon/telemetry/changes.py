"""Change events: what people and programs did to the system."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

__all__ = ["ChangeEvent", "ChangeKind"]


class ChangeKind(StrEnum):
    """Where a change came from."""

    CONTROL_PLANE = "control-plane"
    """An API call that creates, changes or removes infrastructure (CloudTrail and its like)."""
    DEPLOY = "deploy"
    COMMIT = "commit"
    FLAG = "flag"
    CONFIG = "config"
    KUBERNETES = "kubernetes"
    WORK_ORDER = "work-order"


@dataclass(frozen=True, slots=True)
class ChangeEvent:
    """One change at one moment (Unix seconds).

    `target` names what was changed as the source names it (a service, a security group, a database);
    `resources` further identifiers that occur in it. `read_only` is true for calls that look and do
    not touch. `error` is what the source answered when the change was refused: such a change did
    nothing. `diff` is unified-diff text for commits; a deploy names its commit in `commit`.
    """

    id: str
    time: float
    kind: ChangeKind
    action: str
    target: str
    actor: str = ""
    summary: str = ""
    origin: str = ""
    resources: tuple[str, ...] = ()
    parameters: Mapping[str, Any] = field(default_factory=dict)
    read_only: bool = False
    error: str = ""
    commit: str = ""
    files: tuple[str, ...] = ()
    diff: str = ""
