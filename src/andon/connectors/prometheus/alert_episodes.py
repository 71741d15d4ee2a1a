"""From points of the series `ALERTS` to alerts: when each fired, and in which words its rule says so."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from andon.connectors.prometheus.answers import points_of
from andon.connectors.service_labels import service_of
from andon.telemetry import Alert, Window

__all__ = ["Episode", "alert_of", "episodes", "summaries"]

_OWN = ("__name__", "alertstate")
Labels = tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Episode:
    """An alert fired from `start` to `end` (None: still at the last moment asked for); labels without its state.

    `cut`: it fired already at the first moment, so it began there or before.
    """

    labels: Mapping[str, str]
    start: float
    end: float | None
    cut: bool


def episodes(result: Iterable[Mapping[str, Any]], window: Window, step: float) -> tuple[Episode, ...]:
    """The runs of points in the answer to a range query over the aligned window: a gap of a step ends one."""
    times_of: dict[Labels, list[float]] = {}
    for one in result:
        labels, values = one.get("metric"), one.get("values")
        if not isinstance(labels, dict) or not isinstance(values, list) or "alertname" not in labels:
            continue
        key = tuple(sorted((str(n), str(v)) for n, v in labels.items() if n not in _OWN))
        times_of.setdefault(key, []).extend(points_of(values)[0].tolist())
    found = []
    for key, listed in times_of.items():
        times = np.unique(listed)
        if not len(times):
            continue
        for run in np.split(times, np.flatnonzero(np.diff(times) > 1.5 * step) + 1):
            last = float(run[-1])
            end = None if last > window.end - 0.5 * step else last + step
            found.append(Episode(dict(key), float(run[0]), end, float(run[0]) < window.start + 0.5 * step))
    return tuple(sorted(found, key=lambda e: (e.start, sorted(e.labels.items()))))


def summaries(rules: Any) -> tuple[tuple[Mapping[str, str], str], ...]:
    """Labels and summary of each alert that `/api/v1/rules` tells; of a rule by itself where its text is plain."""
    found: list[tuple[Mapping[str, str], str]] = []
    groups = rules.get("groups") if isinstance(rules, dict) else None
    for rule in (rule for group in _dicts(groups) for rule in _dicts(group.get("rules"))):
        alerts = [one for one in _dicts(rule.get("alerts")) if isinstance(one.get("labels"), dict)]
        found += [(alert["labels"], _summary(alert.get("annotations"))) for alert in alerts]
        plain = _summary(rule.get("annotations"))
        if plain and "{{" not in plain:
            found.append(({"alertname": str(rule.get("name", ""))}, plain))
    return tuple((labels, text) for labels, text in found if text)


def alert_of(
    episode: Episode,
    start: float,
    service_labels: Sequence[str],
    told: Sequence[tuple[Mapping[str, str], str]],
    origin: str,
) -> Alert:
    """An episode as an alert; its summary is that of the rules whose labels it has, the most specific first."""
    labels = dict(episode.labels)
    fitting = [(len(wanted), text) for wanted, text in told if wanted.items() <= labels.items()]
    key = ",".join(f"{name}={value}" for name, value in sorted(labels.items()))
    return Alert(
        id=f"{key}@{start:.0f}",
        name=labels.get("alertname", ""),
        start=start,
        end=episode.end,
        service=service_of(labels, service_labels),
        severity=labels.get("severity", ""),
        summary=max(fitting, default=(0, ""))[1],
        labels=labels,
        origin=origin,
    )


def _summary(annotations: Any) -> str:
    notes = annotations if isinstance(annotations, dict) else {}
    return str(notes.get("summary") or notes.get("description") or "")


def _dicts(listed: Any) -> list[dict[str, Any]]:
    return [one for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
