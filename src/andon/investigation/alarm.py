"""Which alert to start from, where nobody says what is wrong."""

from __future__ import annotations

from collections.abc import Collection, Sequence

from andon.telemetry import Alert

__all__ = ["firing_at", "worst_alert"]

_GRAVITY = (
    frozenset(["critical", "page", "emergency", "disaster", "fatal", "p1", "sev1"]),
    frozenset(["error", "high", "major", "p2", "sev2"]),
    frozenset(["warning", "average", "minor", "p3", "sev3"]),
)
"""What Prometheus, PagerDuty, CloudWatch and Zabbix users call severities, the worst first."""


def worst_alert(alerts: Sequence[Alert]) -> Alert | None:
    """The gravest alert that fires and that nobody muted; of equally grave ones the one that fires longest.

    One that stopped is taken only where none fires any more.
    """
    loud = [alert for alert in alerts if not alert.silenced]
    return min(
        loud, key=lambda alert: (alert.end is not None, _gravity(alert), alert.start, alert.id), default=None
    )


def firing_at(alerts: Sequence[Alert], services: Collection[str], until: float) -> float | None:
    """Since when an alert about one of these services fires that still does at `until` (Unix seconds); the first of several."""
    starts = [
        alert.start
        for alert in alerts
        if alert.service in services and not alert.silenced and (alert.end is None or alert.end >= until)
    ]
    return min(starts, default=None)


def _gravity(alert: Alert) -> int:
    severity = alert.severity.casefold()
    return next((place for place, words in enumerate(_GRAVITY) if severity in words), len(_GRAVITY))
