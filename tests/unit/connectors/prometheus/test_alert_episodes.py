from __future__ import annotations

from typing import Any

from andon.connectors.prometheus.alert_episodes import alert_of, episodes, summaries
from andon.telemetry import Window

WINDOW = Window(0.0, 150.0)


def fired(*times: float, **labels: str) -> dict[str, Any]:
    metric = {"__name__": "ALERTS", "alertstate": "firing", "alertname": "Slow", **labels}
    return {"metric": metric, "values": [[time, "1"] for time in times]}


def test_runs_of_points_are_episodes() -> None:
    found = episodes([fired(30, 45, 60, 105, 120)], WINDOW, 15.0)
    assert [(e.start, e.end, e.cut) for e in found] == [(30.0, 75.0, False), (105.0, 135.0, False)]


def test_what_fires_at_the_borders_of_the_window() -> None:
    (first, last) = episodes([fired(0, 15, job="a"), fired(135, 150, job="b")], WINDOW, 15.0)
    assert first.cut and first.end == 30.0 and not last.cut and last.end is None


def test_parts_of_a_window_are_joined() -> None:
    (found,) = episodes([fired(30, 45), fired(60, 75)], WINDOW, 15.0)
    assert (found.start, found.end) == (30.0, 90.0)


def test_the_most_specific_words_are_taken() -> None:
    rules = {
        "groups": [
            {
                "rules": [
                    {
                        "name": "Slow",
                        "annotations": {"summary": "It is slow"},
                        "alerts": [
                            {
                                "labels": {"alertname": "Slow", "job": "a"},
                                "annotations": {"summary": "a is slow"},
                            }
                        ],
                    },
                    {"name": "Other", "annotations": {"summary": "{{ $labels.job }} is not there"}},
                ]
            }
        ]
    }
    told = summaries(rules)
    (first, second) = episodes([fired(30, job="a", severity="page"), fired(30, job="b")], WINDOW, 15.0)
    alert = alert_of(first, 30.0, ("job",), told, "prom")
    assert alert.summary == "a is slow" and alert.service == "a" and alert.severity == "page"
    assert "alertstate" not in alert.labels and alert.origin == "prom"
    assert alert_of(second, 30.0, ("job",), told, "prom").summary == "It is slow"
    assert all("{{" not in text for _, text in told)


def test_rules_of_another_shape_say_nothing() -> None:
    for rules in (None, [], {"groups": 3}, {"groups": [{"rules": [{"alerts": [1]}]}, 4]}):
        assert summaries(rules) == ()
