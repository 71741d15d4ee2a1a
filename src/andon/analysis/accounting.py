"""Accounting for a symptom: which nodes of a call graph add it, and which only pass it on.

A symptom is a quantity that is conserved along calls: seconds of delay, failed requests. Each node
carries a mass of it (added during the incident, summed over its requests). What a node adds beyond
what the nodes that it calls carry is its own share; and no node can contribute more than the path to
the symptom carries. The symptom's mass flows from where it is felt down the calls, is split between
callees by the mass that each carries, and stays where callees cannot account for it.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

__all__ = ["Account", "account"]


@dataclass(frozen=True, slots=True)
class Account:
    """`shares` add up to 1 over the nodes (none when the symptom has no mass); `carried` is the part
    of the symptom that flows through each node, own share included."""

    total: float
    shares: Mapping[str, float]
    carried: Mapping[str, float]


def account(
    masses: Mapping[str, float], callees: Mapping[str, Sequence[str]], symptom: Sequence[str]
) -> Account:
    """Shares of the mass that is felt at the symptom nodes.

    `masses`: node to mass, in one unit; absent or negative counts as nothing. `callees`: node to the
    nodes that it calls, in any order: heavier ones are walked first, and cycles are cut where they
    close. A callee reached by several callers gives each no more than what is left of its own mass.
    """
    left = {node: max(0.0, mass) for node, mass in masses.items()}
    inflow = {node: left.get(node, 0.0) for node in symptom}
    total = sum(inflow.values())
    if total <= 0:
        return Account(0.0, {}, {})
    own: dict[str, float] = {}
    carried: dict[str, float] = {}
    heaviest = sorted(dict.fromkeys(symptom), key=lambda node: (-left.get(node, 0.0), node))
    ordered = {
        node: sorted(dict.fromkeys(kids), key=lambda kid: (-left.get(kid, 0.0), kid))
        for node, kids in callees.items()
    }
    for node, kids in _callers_first(ordered, heaviest):
        flow = inflow.get(node, 0.0)
        if flow <= 0:
            continue
        carried[node] = flow / total
        capacity = {kid: left.get(kid, 0.0) for kid in kids}
        available = sum(capacity.values())
        passed = min(flow, available)
        for kid, mass in capacity.items():
            if available > 0 and mass > 0:
                part = passed * (mass / available)
                inflow[kid] = inflow.get(kid, 0.0) + part
                left[kid] -= part
        own[node] = (flow - passed) / total
    return Account(total, {node: share for node, share in own.items() if share > 0}, carried)


def _callers_first(
    callees: Mapping[str, Sequence[str]], start: Sequence[str]
) -> Iterator[tuple[str, tuple[str, ...]]]:
    """Reachable nodes, each after all its callers, with the callees that close no cycle."""
    finished: list[str] = []
    kept: dict[str, list[str]] = {}
    state: dict[str, int] = {}
    for root in start:
        if root in state:
            continue
        state[root] = 1
        kept[root] = []
        stack = [(root, iter(callees.get(root, ())))]
        while stack:
            node, remaining = stack[-1]
            for kid in remaining:
                if state.get(kid) == 1:
                    continue
                kept[node].append(kid)
                if kid not in state:
                    state[kid] = 1
                    kept[kid] = []
                    stack.append((kid, iter(callees.get(kid, ()))))
                    break
            else:
                state[node] = 2
                finished.append(node)
                stack.pop()
    for node in reversed(finished):
        yield node, tuple(dict.fromkeys(kept[node]))
