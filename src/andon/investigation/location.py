"""Location: where the symptom comes from, as shares of it by place.

Heads of evidence are routed, not summed: the account of the calls where there are traces, the account
of the metrics where there are not or where traces are a sample, the marks of `heads` and how far each
component's own series deviate where neither can account for the symptom. At equipment, what departs from
the common flow decides. Which quantity is accounted for follows the kind of trouble that was said,
unless that one is quiet and another is not.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

from andon.analysis.shares import ARROW, CallQuantity, account_calls, account_masses, symptom_strength
from andon.analysis.signals import SignalKind
from andon.investigation.departures import clearness, own_departures
from andon.investigation.equipment import is_equipment
from andon.investigation.findings import Findings, Seen
from andon.investigation.heads import Mark, marks, strongest, surprise_of
from andon.investigation.report import SymptomKind
from andon.investigation.toolbox import Toolbox, content
from andon.investigation.tools import metrics
from andon.investigation.tools.metrics import MassTable
from andon.storage import Observation

__all__ = ["Location", "Share", "locate", "symptom_services"]

CLEAR = 4.0
"""Standard deviations of noise beyond which the mass of calls counts as abnormal."""
RARE = 0.05
"""Share of quiet windows that may look as bad as one that is called abnormal."""
_BEYOND_CHANCE = -math.log10(RARE)
"""Surprise from which on what the heads say counts as abnormal."""
_ASIDE = 0.3
"""What a component counts that the symptom's calls do not reach: it may act in a way that nobody traces."""
_SAMPLE = 0.5
"""Traces that hold a smaller part of the counted requests are a sample, and metrics are asked too."""
_ENOUGH = 10
"""Calls below which traces of a service are too few to judge by."""
_FEW = 20
"""Calls of the symptom in the incident below which one or two strays look like trouble."""
_STRAYS = 3
"""Failed calls below which nothing is made of them, however rare failures are."""
_PLACES = 4
"""At so many places where the symptom is felt each is asked alone as well; beyond, they are one crowd."""
_WORTH = {"delay": 0.1, "failures": 0.01, "missing": 0.2}
"""What the added mass must be of the usual (delay, missing) or of all calls (failures) to matter."""

_ORDER: Mapping[SymptomKind, Sequence[CallQuantity]] = {
    SymptomKind.UNAVAILABLE: ("failures", "delay", "missing"),
    SymptomKind.SLOW: ("delay", "failures", "missing"),
    SymptomKind.MISSING: ("missing", "failures", "delay"),
}
_BAD_KINDS = {
    SignalKind.ERRORS: 1,
    SignalKind.LATENCY: 1,
    SignalKind.SATURATION: 1,
    SignalKind.AVAILABILITY: -1,
    SignalKind.SUCCESSES: -1,
}


@dataclass(frozen=True, slots=True)
class Share:
    """A place's part of the symptom: an element's own work (`caller` empty) or a call to `element`."""

    element: str
    caller: str
    share: float
    observation: Observation
    recipe: str
    args: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Location:
    """`quantity` is delay, failures, missing or deviation; `shares` add up to at most 1.

    `abnormal` tells whether the symptom is there at all; `strength` by how much, in units of noise;
    `measured` whether the quantity was measured where the symptom is felt. `faint`: the shares tell
    only what comes nearest to being a trace of trouble, no more than chance may bring about.
    """

    quantity: str
    shares: tuple[Share, ...]
    abnormal: bool
    strength: float
    measured: bool = True
    others: tuple[Location, ...] = ()
    """The same for other quantities that are abnormal as well: there may be a second trouble."""
    faint: bool = False

    def own(self, element: str) -> float:
        """Share of the element's own work."""
        return sum(s.share for s in self.shares if s.element == element and not s.caller)


def symptom_services(findings: Findings) -> tuple[str, ...]:
    """The services at which the symptom is felt: those of its components, or the nearest below them."""
    model = findings.model
    components = findings.symptom.components
    if not components:
        return _entry_services(findings)
    near = sorted(model.topology.distances(components).items(), key=lambda pair: pair[1])
    inside = [e.id for e in model.topology.elements if e.parent in components]
    found: list[str] = []
    reached: int | None = None
    for element, hops in [*near, *((e, 1) for e in inside)]:
        services = model.services_of.get(element, ())
        if services and (reached is None or hops <= reached):
            reached = hops if reached is None else reached
            found.extend(services)
    return tuple(dict.fromkeys(found)) or _entry_services(findings)


def _entry_services(findings: Findings) -> tuple[str, ...]:
    """Services that nobody calls, where calls are known; else all."""
    topology = findings.model.topology
    services = findings.model.services_of
    entries = [s for e, many in services.items() if not topology.callers.get(e) for s in many]
    called = {link.value.callee for link in findings.links}
    active = {link.value.caller for link in findings.links}
    seen = sorted(active - called)
    return tuple(seen or entries or sorted(findings.model.element_of))


def locate(box: Toolbox, findings: Findings) -> Location:
    """Shares by place, from the first head that can account for the symptom.

    Where the components that were named are quiet, the entry points above them are asked too: people
    name what they care about, and feel it where they call.
    """
    symptom = symptom_services(findings)
    machines = [s for s in symptom if is_equipment(findings.element(s), findings.model.topology)]
    if 2 * len(machines) > len(symptom):
        return _from_equipment(findings)
    if _too_little(findings, symptom):
        return Location("delay", (), abnormal=False, strength=0.0)
    found = _routed(box, findings, symptom)
    spoken_of = findings.symptom.kind in _ORDER
    return found if found.abnormal or spoken_of else _faint(findings, symptom) or found


def _routed(box: Toolbox, findings: Findings, symptom: tuple[str, ...]) -> Location:
    """The first head that can account for the symptom, or the strongest."""
    above = _entries_above(symptom, findings)
    heads: list[Location] = []
    watched = False
    for felt in dict.fromkeys((symptom, above)):
        traced = list(_from_calls(findings, felt)) if _traced(findings, felt) else []
        watched = watched or bool(traced)
        for route in (traced, () if _dense(traced, findings, felt) else _from_metrics(box, findings, felt)):
            found = list(route)
            heads += found
            wanted = _ORDER.get(findings.symptom.kind, ("",))[0]
            watched = watched or any(head.measured and head.quantity == wanted for head in found)
            abnormal = [head for head in found if head.abnormal]
            if abnormal:
                first = _fitting(abnormal, findings.symptom.kind)
                chosen = _stronger(first, findings, symptom)
                others = [head for head in abnormal if head is not first]
                return replace(chosen, others=(*others, *_alone(findings, felt)))
    marked = _from_marks(findings, symptom)
    if marked.abnormal:
        return marked
    deviating = _from_deviations(findings, symptom)
    if heads and (watched or not deviating.abnormal):
        return max(heads, key=lambda head: head.strength)
    return deviating


def _alone(findings: Findings, services: Sequence[str]) -> Iterator[Location]:
    """What each of the places where the symptom is felt says by itself: two troubles may be felt at two places."""
    for service in services if 1 < len(services) <= _PLACES else ():
        if not _too_little(findings, (service,)):
            yield from (head for head in _from_calls(findings, (service,)) if head.abnormal)


def _stronger(accounted: Location, findings: Findings, symptom: Sequence[str]) -> Location:
    """The account, or what the heads say where that is the more surprising.

    They may overrule it where nobody said what kind of trouble it is; and of delay, where a network adds it around one
    component, all of whose calls share it. Delay of which nobody spoke must have been added somewhere: where no service and
    no way between two became slower than all others did, it is the mix of requests or the hour of the day.
    """
    marked, found = _from_marks(findings, symptom), marks(findings)
    delayed, spoken_of = accounted.quantity == "delay", findings.symptom.kind in _ORDER
    if delayed and not spoken_of:
        return marked if marked.abnormal else replace(accounted, abnormal=False)
    network = delayed and bool(found) and found[0].head == "network"
    overruled = marked.abnormal and (network or not spoken_of)
    return marked if overruled and marked.strength > surprise_of(accounted.strength) else accounted


def _from_marks(findings: Findings, symptom: Sequence[str]) -> Location:
    """Shares by how surprising each component is to its strongest head, at the symptom or below it."""
    near = set(findings.model.topology.distances({findings.element(s) for s in symptom}))
    found = marks(findings)
    elsewhere = [replace(mark, surprise=_ASIDE * mark.surprise) for mark in found if mark.element not in near]
    kept = [mark for mark in found if mark.element in near] + elsewhere
    return _marked(sorted(kept, key=lambda mark: -mark.surprise))


def _faint(findings: Findings, symptom: Sequence[str]) -> Location | None:
    """What comes nearest to trouble where nothing is beyond chance; None where no head speaks, or of too few calls.

    Each place has the odds of its mark against chance, which is one more place: the shares add up to less than 1.
    """
    near = set(findings.model.topology.distances({findings.element(s) for s in symptom}))
    found = [mark for mark in strongest(findings) if mark.element in near]
    calls = [row.value.incident_calls for row in findings.nodes if row.value.caller in symptom]
    if not found or (calls and sum(calls) < _FEW):
        return None
    shares = _weighed(found, [10**mark.surprise for mark in found], 1.0)
    return Location("deviation", shares, abnormal=False, strength=max(0.0, found[0].surprise), faint=True)


def _marked(found: Sequence[Mark]) -> Location:
    shares = _weighed(found, [mark.surprise for mark in found])
    strongest = max((mark.surprise for mark in found), default=0.0)
    return Location("deviation", shares, strongest >= _BEYOND_CHANCE, strongest)


def _weighed(found: Sequence[Mark], weights: Sequence[float], rest: float = 0.0) -> tuple[Share, ...]:
    """A share for each mark, in proportion to its weight; `rest` is the weight of what has no mark."""
    total = rest + sum(weights)
    return tuple(
        Share(mark.element, "", weight / total, mark.observation, "field", {"path": list(mark.path)})
        for mark, weight in zip(found, weights, strict=True)
    )


def _fitting(abnormal: Sequence[Location], kind: SymptomKind) -> Location:
    """The head whose quantity fits the kind of trouble best; the strongest where no kind was said."""
    order = _ORDER.get(kind)
    if order is None:
        return max(abnormal, key=lambda head: head.strength)
    return min(abnormal, key=lambda head: order.index(head.quantity))


def _dense(traced: Sequence[Location], findings: Findings, services: Sequence[str]) -> bool:
    """Whether traces hold all calls, not a sample: as many as the request metrics of the services count."""
    if not traced:
        return False
    calls = sum(row.value.incident_calls for row in findings.nodes if row.value.caller in services)
    counted = max(
        (
            series.incident_mean * series.incident_points
            for seen in findings.metrics
            for series in seen.content.series
            if series.service in services and series.kind is SignalKind.REQUESTS
        ),
        default=0.0,
    )
    return calls >= _SAMPLE * counted


def _traced(findings: Findings, services: Sequence[str]) -> bool:
    """Whether enough calls of the services were seen in both windows to judge by them."""
    seen = [row.value for row in findings.nodes if row.value.caller in services]
    return sum(t.baseline_calls for t in seen) >= _ENOUGH and sum(t.incident_calls for t in seen) >= _ENOUGH


def _too_little(findings: Findings, services: Sequence[str]) -> bool:
    """Whether the usual traffic would bring too few calls in the incident to judge by."""
    seen = [row.value for row in findings.nodes if row.value.caller in services]
    calls, missing = (sum(getattr(t, name) for t in seen) for name in ("incident_calls", "missing"))
    return sum(t.baseline_calls for t in seen) >= _FEW and max(calls, calls + missing) < _FEW


def _entries_above(services: Sequence[str], findings: Findings) -> tuple[str, ...]:
    """The services that nobody calls from which these can be reached."""
    model = findings.model
    above = model.topology.distances({findings.element(s) for s in services}, upstream=True)
    callers = model.topology.callers
    known = model.services_of
    entries = [e for e in above if e in known and not any(c in known for c in callers.get(e, ()))]
    return tuple(s for e in entries for s in known[e]) or tuple(services)


def _from_calls(findings: Findings, symptom: Sequence[str]) -> Iterator[Location]:
    for seen in findings.calls:
        for quantity in _ORDER[SymptomKind.UNAVAILABLE]:
            account = account_calls(seen.content, quantity, symptom)
            strength = symptom_strength(seen.content, quantity, symptom)
            shares = tuple(
                _share(findings, seen.observation, place, share, quantity, symptom)
                for place, share in sorted(account.shares.items(), key=lambda pair: -pair[1])
            )
            matters = account.total > _WORTH[quantity] * _scale(seen, quantity, symptom)
            matters = matters and (quantity != "failures" or account.total >= _STRAYS)
            yield Location(quantity, shares, strength >= CLEAR and matters, strength)


def _scale(seen: Seen[Any], quantity: CallQuantity, symptom: Sequence[str]) -> float:
    """What the added mass is measured against: usual seconds, or calls."""
    nodes = [node for node in seen.content.nodes if node.caller in symptom]
    if quantity == "delay":
        return float(sum(node.incident_seconds - node.delay for node in nodes))
    if quantity == "missing":
        return float(sum(node.incident_calls + max(0.0, node.missing) for node in nodes))
    return float(sum(node.incident_calls for node in nodes))


def _share(
    findings: Findings,
    observation: Observation,
    place: str,
    share: float,
    quantity: str,
    symptom: Sequence[str],
) -> Share:
    caller, _, callee = place.rpartition(ARROW)
    args = {"quantity": quantity, "symptom": list(symptom), "place": place}
    called_by = findings.element(caller) if caller else ""
    return Share(findings.element(callee), called_by, share, observation, "share", args)


def _from_metrics(box: Toolbox, findings: Findings, symptom: tuple[str, ...]) -> Iterator[Location]:
    callees = _service_callees(findings)
    windows = findings.windows.baseline, findings.windows.incident
    for quantity in ("delay", "failures"):
        for observation in metrics.masses(box, quantity, windows, symptom, callees):
            if observation.content is None:
                continue
            table = content(observation, MassTable)
            felt = [mass for mass in table.masses if mass.service in symptom and mass.added > 0]
            account = account_masses(table.masses, table.callees, symptom)
            shares = tuple(
                Share(
                    findings.element(service),
                    "",
                    share,
                    observation,
                    "mass_share",
                    {"symptom": list(symptom), "service": service},
                )
                for service, share in sorted(account.shares.items(), key=lambda pair: -pair[1])
            )
            rarest = min((mass.p for mass in felt if mass.z > 0), default=1.0)
            strength = max((mass.added / mass.noise for mass in felt if mass.noise > 0), default=0.0)
            measured = any(mass.service in symptom for mass in table.masses)
            clear = rarest <= RARE and strength >= 1 and bool(shares)
            yield Location(quantity, shares, clear, strength, measured)


def _service_callees(findings: Findings) -> dict[str, tuple[str, ...]]:
    """Who calls whom among services, from the fused topology."""
    model = findings.model
    found: dict[str, tuple[str, ...]] = {}
    for element, services in model.services_of.items():
        callees = [
            s for kid in model.topology.callees.get(element, ()) for s in model.services_of.get(kid, ())
        ]
        for service in services:
            if callees:
                found[service] = tuple(callees)
    return found


def _from_equipment(findings: Findings) -> Location:
    """Shares by what each piece of equipment adds to what the common flow explains."""
    found: dict[str, tuple[float, Share]] = {}
    for row in own_departures(findings):
        element, strength = findings.element(row.value.change.service), clearness(row)
        if strength > found.get(element, (0.0, None))[0]:
            args = {"path": [*row.path, "change", "z"]}
            found[element] = strength, Share(element, "", 0.0, row.observation, "field", args)
    shares = _proportional(found.values())
    strongest = max((abs(row.value.change.z) for row in own_departures(findings)), default=0.0)
    return Location("deviation", shares, bool(shares), strongest)


def _proportional(found: Iterable[tuple[float, Share]]) -> tuple[Share, ...]:
    """The shares in proportion to their strengths, the strongest first."""
    ranked = sorted(found, key=lambda pair: -pair[0])
    total = sum(strength for strength, _ in ranked)
    return tuple(replace(share, share=strength / total) for strength, share in ranked)


def _from_deviations(findings: Findings, symptom: Sequence[str]) -> Location:
    """Shares by how far each component's own series moved for the worse, at the symptom or below it."""
    near = set(findings.model.topology.distances({findings.element(s) for s in symptom}))
    found: dict[str, tuple[float, Share]] = {}
    for row in findings.series:
        change = row.value
        element = findings.element(change.service)
        if _BAD_KINDS.get(change.kind, change.direction) != change.direction:
            continue
        strength = min(50.0, max(abs(change.z), abs(change.peak_z) / 2)) * (1.0 if element in near else 0.3)
        if strength > found.get(element, (0.0, None))[0]:
            share = Share(element, "", 0.0, row.observation, "field", {"path": [*row.path, "z"]})
            found[element] = strength, share
    shares = _proportional(found.values())
    felt = max((strength for element, (strength, _) in found.items() if element in near), default=0.0)
    return Location("deviation", shares, felt >= CLEAR, felt)
