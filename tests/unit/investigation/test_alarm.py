from __future__ import annotations

from andon.investigation.alarm import firing_at, worst_alert
from andon.telemetry import Alert


def name(*alerts: Alert) -> str | None:
    found = worst_alert(alerts)
    return found.name if found else None


def test_the_gravest_wins_then_the_longest():
    late, early = Alert("1", "late", 20.0, severity="page"), Alert("2", "early", 10.0, severity="PAGE")
    assert name(Alert("0", "disk", 1.0, severity="warning"), late, early) == "early"
    assert name(Alert("0", "unknown", 1.0), Alert("3", "warned", 9.0, severity="warning")) == "warned"


def test_what_is_muted_is_not_asked_about():
    assert name(Alert("1", "muted", 1.0, silenced=True)) is None
    assert name() is None


def test_what_stopped_counts_where_nothing_fires():
    over = Alert("1", "over", 1.0, end=5.0, severity="page")
    assert name(over) == "over"
    assert name(over, Alert("2", "now", 9.0)) == "now"


def test_since_when_an_alert_about_the_symptom_fires():
    alerts = (
        Alert("1", "Later", 30.0, service="bff"),
        Alert("2", "First", 20.0, service="bff"),
        Alert("3", "Elsewhere", 5.0, service="db"),
        Alert("4", "Over", 1.0, end=10.0, service="bff"),
        Alert("5", "Muted", 2.0, service="bff", silenced=True),
    )
    assert firing_at(alerts, {"bff"}, 100.0) == 20.0
    assert firing_at(alerts, {"api"}, 100.0) is None
