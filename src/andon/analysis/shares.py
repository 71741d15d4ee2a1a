"""Shares of a symptom by place: a service's own work, or a call between two services.

A *place* is `service` or `caller → callee`. A call is a place of its own because it can cost what
neither end does: a packet dropped on the way, a name that does not resolve, a queue between them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from typing import Literal

from andon.analysis.accounting import Account, account
from andon.analysis.calls import CallTally, Tally
from andon.analysis.node_masses import NodeMass

__all__ = ["ARROW", "account_calls", "account_masses", "link_place", "symptom_strength"]

ARROW = " → "
CallQuantity = Literal["delay", "failures", "missing"]


def link_place(caller: str, callee: str) -> str:
    """The place of the calls from one service to another."""
    return f"{caller}{ARROW}{callee}"


def _added(tally: Tally, quantity: CallQuantity) -> tuple[float, float]:
    """Added mass and its noise."""
    return {
        "delay": (tally.delay, tally.delay_noise),
        "failures": (tally.failures, tally.failures_noise),
        "missing": (tally.missing, tally.missing_noise),
    }[quantity]


def _mass(tally: Tally, quantity: CallQuantity) -> float:
    """Mass beyond one standard deviation of its noise."""
    added, noise = _added(tally, quantity)
    return max(0.0, added - noise)


def account_calls(tally: CallTally, quantity: CallQuantity, symptom: Sequence[str]) -> Account:
    """Shares by place, from traces: services pass mass to their calls, calls to the callee's work."""
    masses: dict[str, float] = {}
    callees: dict[str, list[str]] = {}
    for node in tally.nodes:
        masses[node.caller] = _mass(node, quantity)
    for link in tally.links:
        place = link_place(link.caller, link.callee)
        masses[place] = _mass(link, quantity)
        callees.setdefault(link.caller, []).append(place)
        callees[place] = [link.callee]
    return account(masses, callees, symptom)


def symptom_strength(tally: CallTally, quantity: CallQuantity, symptom: Iterable[str]) -> float:
    """How many standard deviations of noise the symptom's own mass amounts to, at its services."""
    felt = set(symptom)
    added = noise = 0.0
    for node in tally.nodes:
        if node.caller in felt:
            mass, sigma = _added(node, quantity)
            added, noise = added + mass, (noise**2 + sigma**2) ** 0.5
    return added / noise if noise > 0 else 0.0


def account_masses(
    masses: Sequence[NodeMass], callees: Mapping[str, Sequence[str]], symptom: Sequence[str]
) -> Account:
    """Shares by service, from metrics, which do not say who called.

    A callee's mass is divided among its callers by their requests. Where the callee's usual time
    exceeds the caller's, the caller cannot have waited for all of it, and gets only that fraction.
    """
    by_service = {mass.service: mass for mass in masses}
    callers: dict[str, list[str]] = {}
    for caller, kids in callees.items():
        for kid in kids:
            callers.setdefault(kid, []).append(caller)
    graph: dict[str, list[str]] = {}
    carried: dict[str, float] = {s: max(0.0, by_service[s].added) for s in symptom if s in by_service}
    for caller, kids in callees.items():
        graph[caller] = []
        for kid in kids:
            place = link_place(caller, kid)
            carried[place] = _reaching(by_service, callers, caller, kid)
            graph[caller].append(place)
            graph[place] = [kid]
    for mass in masses:
        if mass.service not in carried:
            carried[mass.service] = max(0.0, mass.added - mass.noise)
    found = account(carried, graph, symptom)
    return Account(found.total, _merged(found.shares), found.carried)


def _reaching(
    by_service: Mapping[str, NodeMass], callers: Mapping[str, Sequence[str]], caller: str, kid: str
) -> float:
    """How much of the callee's mass the caller can have waited for."""
    mass = by_service.get(kid)
    if mass is None:
        return 0.0
    certain = max(0.0, mass.added - mass.noise)
    requests = sum(by_service[c].requests for c in callers[kid] if c in by_service)
    mine = by_service[caller].requests if caller in by_service else 0.0
    share = mine / requests if requests > 0 else 1 / len(callers[kid])
    if caller in by_service and mass.usual > 0:
        share *= min(1.0, by_service[caller].usual / (mass.usual * share)) if share else 0.0
    return certain * share


def _merged(shares: Mapping[str, float]) -> dict[str, float]:
    """Shares of places folded into services: metrics cannot tell a call from the callee's work."""
    merged: dict[str, float] = {}
    for place, share in shares.items():
        service = place.rsplit(ARROW, 1)[-1]
        merged[service] = merged.get(service, 0.0) + share
    return merged
