"""Other methods on a case of a campaign: they rank the components that have metrics, told when it began.

They see the metrics of every service as one table and, if they care, who calls whom. Changes, logs and traces they do
not read. A security group has no metrics, so of a fault there they can at best name what it guards, which is wrong.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from dataclasses import dataclass

from andon.connectors import SourceInfo
from andon.connectors.files import FilesSource
from andon.evaluation import GroundTruth
from andon.investigation.binding import bind
from andon.telemetry import Topology, Window
from benchmarks.campaign_records import Peers
from benchmarks.methods import Method, anomaly_traversal, n_sigma, place, public
from benchmarks.tables import Graph, Table, gathered

__all__ = ["compare"]

_STEP = 2.0
"""Seconds between rows: how often the estate exports its metrics."""
_CUSTOMER = "customer"
"""Stands for whoever complains; calls every component that none of the others calls."""


@dataclass(frozen=True, slots=True)
class _Case:
    table: Table
    graph: Graph
    target: str
    baseline: Window
    incident: Window


def compare(truth: GroundTruth, source: FilesSource, info: SourceInfo, topology: Topology) -> Peers:
    """Every method that is installed, on the metrics of the recording."""
    if truth.injected is None or info.extent is None:
        return Peers()
    case = _case(truth.injected, source, info.extent, topology)
    nodes = {node for node, _, _ in case.table.columns}
    accepted = {c for culprit in truth.culprits for c in culprit.components}
    places, cpu = {}, {}
    for name, method in _methods():
        began = time.process_time()
        places[name] = place(name, method, case, accepted)
        cpu[name] = time.process_time() - began
    return Peers(len(nodes), len(nodes & accepted), places, cpu)


def _methods() -> Iterator[tuple[str, Method]]:
    yield "N-Sigma (ours)", n_sigma
    yield "anomaly traversal (ours)", anomaly_traversal
    yield from public()


def _case(injected: float, source: FilesSource, extent: Window, topology: Topology) -> _Case:
    table = gathered(source.metrics(extent).value or (), extent, _STEP)
    element = {b.service: b.element for b in bind(topology, {node for node, _, _ in table.columns})}
    columns = tuple((element[node], metric, statistic) for node, metric, statistic in table.columns)
    nodes = {node for node, _, _ in columns}
    return _Case(
        Table(table.times, table.values, columns),
        _graph(topology, nodes),
        _CUSTOMER,
        Window(extent.start, injected),
        Window(injected, extent.end),
    )


def _graph(topology: Topology, nodes: set[str]) -> Graph:
    calls = {node: tuple(c for c in topology.callees.get(node, ()) if c in nodes) for node in nodes}
    called = {callee for node, callees in calls.items() for callee in callees if callee != node}
    return {**calls, _CUSTOMER: tuple(sorted(nodes - called))}
