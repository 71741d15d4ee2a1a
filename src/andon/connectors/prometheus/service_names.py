"""Which services a Prometheus has metrics of, without reading a sample."""

from __future__ import annotations

from andon.connectors.prometheus.api import PrometheusApi
from andon.connectors.prometheus.config import PrometheusConfig
from andon.connectors.prometheus.ownership import Ownership, owner_of
from andon.connectors.prometheus.scope import selector
from andon.connectors.reading import Reading
from andon.telemetry import Window

__all__ = ["service_names"]


def service_names(
    api: PrometheusApi, config: PrometheusConfig, window: Window, reading: Reading
) -> tuple[str, ...]:
    """The values of the most believed label of each kind of metric: of services, of hosts, of what an orchestrator runs.

    For an exporter's metrics one of them stands for all, since it shows them all. Raises Unanswered.
    """
    everything = selector("", config.scope.matchers())
    names = api.values("__name__", everything, window).data
    usual = owner_of("", config.service_labels)
    asked: dict[Ownership, str] = {}
    for name in sorted(names):
        owner = owner_of(name, config.service_labels)
        asked.setdefault(owner, everything if owner == usual else selector(name, config.scope.matchers()))
    found: set[str] = set()
    for owner, match in asked.items():
        there = api.labels(match, window).data
        label = next((one for one in owner.labels if one in there), "")
        if label:
            answer = api.values(label, match, window)
            reading.fetched(f"values of {label} of {match}", items=len(answer.data), size=answer.size)
            found |= {owner.service({label: value}) for value in answer.data}
    outside = config.scope.outside(tuple(found), config.service_labels)
    return tuple(sorted(found.difference(outside) - {""}))
