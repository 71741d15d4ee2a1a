"""Alerts: what a monitoring system says is wrong."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

__all__ = ["Alert"]


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert: since when (Unix seconds), until when (None while it fires), of which service.

    `id` is the same for the same alert in every answer; `service` is empty when the source does not say.
    `summary` is one sentence for people, `silenced` true while somebody muted it.
    """

    id: str
    name: str
    start: float
    end: float | None = None
    service: str = ""
    severity: str = ""
    summary: str = ""
    silenced: bool = False
    labels: Mapping[str, str] = field(default_factory=dict)
    origin: str = ""
