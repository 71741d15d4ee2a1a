"""Questions: what a model may ask of a desk. All of it only reads, and answers with sentences computed from rows."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from typing import Any

from andon.analysis.calls import Tally
from andon.errors import AndonError
from andon.investigation.agent.citations import Cited, Unborne
from andon.investigation.agent.desk import ANSWER, MOST, TOP, Desk, as_data, clipped, packed, visible
from andon.investigation.agent.times import moment
from andon.investigation.evidence import share_evidence
from andon.investigation.findings import Row
from andon.investigation.tools import alerts, lines, metrics
from andon.investigation.tools.alerts import Alerts
from andon.investigation.tools.lines import LogLines
from andon.investigation.tools.periods import whole
from andon.investigation.windows import extent
from andon.storage import Observation
from andon.telemetry import ChangeEvent, Window, clock

__all__ = ["Questions"]


@dataclass
class Questions:
    """One method a question; every one gives text for the model and never raises for what the model asks wrongly."""

    desk: Desk

    def architecture(self, component: str = "") -> str:
        """Which components there are, or who calls a component and whom it calls."""
        desk, model = self.desk, self.desk.case.findings.model
        if not component:
            known = [
                f"{e.id}: {e.name} ({e.kind})" for e in model.topology.elements if e.id in model.services_of
            ]
            rest = [
                f"{e.id}: {e.name} ({e.kind})"
                for e in model.topology.elements
                if e.id not in model.services_of
            ]
            listed = known + rest
            return desk.answer(
                f"{len(listed)} components, those that send telemetry first", listed[:40], total=len(listed)
            )
        element = desk.element(component)
        if element is None:
            return desk.unknown(component)
        found = []
        for r in model.topology.relationships:
            if element in (r.source, r.destination):
                seen = f", {r.calls} calls seen" if r.calls else ", no calls seen" if r.calls == 0 else ""
                found.append(
                    f"{model.name(r.source)} → {model.name(r.destination)}: {r.description or 'calls'}{seen}"
                )
        known_as = model.topology.by_id.get(element)
        about = f"{model.name(element)}, services {', '.join(desk.services(element))}"
        if known_as and known_as.technology:
            about += f", {known_as.technology}"
        return desk.answer(about, found[:MOST], total=len(found))

    def metrics(self, component: str = "", contains: str = "", top: int = TOP) -> str:
        """Series that changed in the incident, of a component or of all; `contains` is part of a series' name."""
        found = self.desk.case.findings
        asked = self._asked(component)
        if isinstance(asked, str):
            return asked
        wanted = contains.casefold()

        def fits(row: Row[Any]) -> bool:
            held = row.value.service in asked or not component
            return held and wanted in f"{row.value.name} {row.value.key}".casefold()

        rows = sorted(filter(fits, found.series), key=lambda r: (r.value.p, -abs(r.value.z), r.value.key))
        every = [
            Row(seen.observation, ("series", i), one)
            for seen in found.metrics
            for i, one in enumerate(seen.content.series)
            if not one.changed and fits(Row(seen.observation, ("series", i), one))
        ]
        steady = every[: max(0, min(3, top - len(rows)))]
        head = f"metrics: {len(rows)} series changed, {len(every)} did not; {self.desk.windows}"
        return self._told(head, [*rows[: _most(top)], *steady], len(rows) + len(steady), top, found.metrics)

    def logs(self, component: str = "", contains: str = "", top: int = TOP) -> str:
        """Log templates that are new, gone, more or fewer in the incident, and new kinds of error."""
        found = self.desk.case.findings
        asked = self._asked(component)
        if isinstance(asked, str):
            return asked
        wanted = contains.casefold()
        families = [
            row
            for row in found.families
            if (not component or asked & set(row.value.services))
            and wanted in f"{row.value.exception} {' '.join(row.value.templates)}".casefold()
        ]
        order = {"new": 0, "more": 1, "vanished": 2, "fewer": 3}
        templates = sorted(
            (
                row
                for row in found.templates
                if (not component or row.value.service in asked) and wanted in row.value.template.casefold()
            ),
            key=lambda r: (not r.value.error, order[r.value.kind], r.value.q_value, r.value.template_id),
        )
        head = f"logs: {len(templates)} templates changed, {len(families)} new kinds of error; {self.desk.windows}"
        rows: list[Row[Any]] = [*families[:2], *templates]
        return self._told(head, rows[: _most(top)], len(rows), top, found.logs)

    def log_lines(self, text: str, component: str = "", top: int = TOP) -> str:
        """Lines of the log that hold a text, first and last ones."""
        desk = self.desk
        asked = self._asked(component)
        if isinstance(asked, str):
            return asked
        windows = desk.case.findings.windows
        services = tuple(sorted(asked)) if component else ()
        seen = lines.find(desk.box, whole(windows.baseline, windows.incident), services, text, _most(top))
        rows = self._rows_of(seen, LogLines, "lines")
        total = sum(desk.citations.typed(o, LogLines).found for o in seen if o.content is not None)
        return self._cited(f"{total} lines hold {text[:60]!r}", rows, total, top, seen)

    def traces(self, component: str = "", top: int = TOP) -> str:
        """How calls changed: failures, time, calls without an answer; and how much of the symptom each place adds."""
        found, location = self.desk.case.findings, self.desk.case.location
        asked = self._asked(component)
        if isinstance(asked, str):
            return asked
        concerned = [
            row
            for row in (*found.links, *found.nodes)
            if not component or {row.value.caller, row.value.callee} & asked
        ]
        rows = sorted(concerned, key=lambda r: -_turmoil(r.value))
        element = self.desk.element(component) if component else None
        shares = [
            self.desk.citations.register(
                share.observation,
                "share",
                share_evidence(share, location, found),
                (share.element, share.caller),
            )
            for share in sorted(location.shares, key=lambda s: -s.share)
            if location.quantity != "deviation"
            and share.share > _LITTLE
            and element in (None, share.element, share.caller)
        ]
        head = f"traces: {len(rows)} services and calls between them; {self.desk.windows}"
        cited = [*shares[:3], *map(self.desk.citations.cite, rows[: _most(top)])]
        return self._cited(
            head, cited[: _most(top)], len(rows) + len(shares), top, [s.observation for s in found.calls]
        )

    def changes(self, component: str = "", contains: str = "", top: int = TOP) -> str:
        """What people and systems changed, those nearest to the onset first, each with its id."""
        desk, found = self.desk, self.desk.case.findings
        element = desk.element(component) if component else None
        if component and element is None:
            return desk.unknown(component)
        onset = found.symptom.onset or found.windows.incident.start
        wanted = contains.casefold()
        rows = [
            row
            for row in found.events
            if (not wanted or wanted in _said_of(row.value))
            and (element is None or element in desk.touched(row))
        ]
        rows.sort(key=lambda r: (r.value.time > onset, abs(r.value.time - onset)))
        told = []
        for row in rows[: _most(top)]:
            cited = desk.citations.cite(row)
            refused = "; it was refused and did nothing" if row.value.error else ""
            told.append(
                f"[{cited.ref}] id={row.value.commit or row.value.id} {cited.evidence.claim}{refused}"
            )
        head = f"changes: {len(rows)}; the trouble began about {clock(onset)}"
        return desk.answer(
            head, told, total=len(rows), observations=[s.observation for s in found.changes], room=_room(top)
        )

    def instruments(self, component: str = "", top: int = TOP) -> str:
        """What the instruments of equipment say together: readings, unsteadiness, departures from the common flow."""
        found = self.desk.case.findings
        asked = self._asked(component)
        if isinstance(asked, str):
            return asked
        rows = [
            row
            for row in found.instruments
            if row.value.change.changed and (not component or row.value.change.service in asked)
        ]
        rows.sort(key=lambda r: (r.value.change.p, -abs(r.value.change.z)))
        return self._told(
            f"instruments: {len(rows)} changed", rows[: _most(top)], len(rows), top, found.checks
        )

    def alerts(self) -> str:
        """Alerts that fired in the incident."""
        seen = alerts.fired(self.desk.box, self.desk.case.findings.windows.incident)
        rows = self._rows_of(seen, Alerts, "alerts")
        return self._cited(f"{len(rows)} alerts", rows[:TOP], len(rows), TOP, seen)

    def series(self, ref: str) -> str:
        """The course of one series: means of twelve equal parts of both windows."""
        desk = self.desk
        try:
            row = desk.citations.read(ref).row
        except Unborne as error:
            return str(error)
        key = getattr(row.value, "key", None) if row else None
        if row is None or not key:
            return f"{ref} is no series"
        windows = desk.case.findings.windows
        span = whole(windows.baseline, windows.incident)
        observation = metrics.points(desk.box, row.observation.source, key, span)
        if observation.content is None:
            return desk.answer(f"{key}: no points", [], observations=[observation])
        cited = desk.citations.read(f"{observation.id}:points")
        content = observation.content
        return desk.answer(
            as_data(cited.evidence.claim),
            [f"[{cited.ref}]", *_course(content["times"], content["values"], span)],
        )

    def row(self, ref: str) -> str:
        """All that one row holds."""
        try:
            cited = self.desk.citations.read(ref)
        except Unborne as error:
            return str(error)
        held: Any = cited.evidence.quote or ""
        if cited.row is not None:
            held = cited.row.observation.content
            for step in cited.row.path:
                held = held[step]
        text = as_data(cited.evidence.claim)
        body = clipped(visible(packed(held)), ANSWER - 600)
        return f"<data>\n{text}\n{body}\n</data>"

    def suspects(self, top: int = TOP) -> str:
        """Whom the engine suspects, likeliest first, with what speaks for each."""
        return self._suspects(f"{len(self.desk.case.suspects)} suspects of the engine", top)

    def _suspects(self, head: str, top: int = TOP) -> str:
        desk = self.desk
        told = []
        for suspect in desk.case.suspects[: _most(top)]:
            change = f", change {suspect.change_id}" if suspect.change_id else ""
            name = desk.case.findings.model.name(suspect.element)
            told.append(
                f"{suspect.element} ({name}): {suspect.mechanism.slug}{change}; place {suspect.place:.2f}, "
                f"signs {suspect.fit.score:.2f}, time {suspect.timing:.2f}"
            )
        return desk.answer(head, told, total=len(desk.case.suspects))

    def look_again(
        self, start: str = "", end: str = "", exclude: str = "", also: str = "", symptom_at: str = ""
    ) -> str:
        """Ranks again: with another time of the incident, without a component, or with the symptom felt elsewhere."""
        desk, question = self.desk, self.desk.case.question
        windows = desk.case.findings.windows
        first, last = moment(start, windows.incident), moment(end, windows.incident)
        if (start and first is None) or (end and last is None):
            return "a time is written 10:21:30 or 2026-06-19T10:21:30Z"
        if first is not None or last is not None:
            since = windows.incident.start if first is None else first
            until = windows.incident.end if last is None else last
            if until <= since:
                return "the incident would end before it starts"
            known = extent(desk.case.infos)
            since, until = max(since, known.start), min(until, known.end)
            if until <= since:
                return (
                    f"nothing was fetched of that time; there is {clock(known.start)} to {clock(known.end)}"
                )
            question = replace(question, incident=Window(since, until))
        named = [text for text in (exclude, also, symptom_at) if text]
        unknown = next((text for text in named if desk.element(text) is None), None)
        if unknown is not None:
            return desk.unknown(unknown)
        if exclude:
            question = replace(question, exclude=(*question.exclude, desk.element(exclude) or exclude))
        if also:
            question = replace(question, also=(*question.also, desk.element(also) or also))
        if symptom_at:
            question = replace(question, components=(desk.element(symptom_at) or symptom_at,))
        try:
            desk.take(desk.relook(question))
        except AndonError as error:
            return f"that cannot be looked at: {error.message}"
        desk.redirected.append(_spoken(start, end, exclude, also, symptom_at))
        return self._suspects(f"{desk.report.headline} {desk.windows}")

    def _asked(self, component: str) -> set[str] | str:
        """The services that are asked about, all of none where none is named; or what to say where there is none."""
        if not component:
            return set()
        element = self.desk.element(component)
        if element is None and self.desk.widen():
            element = self.desk.element(component)
        return self.desk.unknown(component) if element is None else set(self.desk.services(element))

    def _told(self, head: str, rows: Sequence[Row[Any]], total: int, top: int, seen: Iterable[Any]) -> str:
        cited = [self.desk.citations.cite(row) for row in rows]
        return self._cited(head, cited, total, top, [one.observation for one in seen])

    def _cited(
        self, head: str, cited: Sequence[Cited], total: int, top: int, observations: Iterable[Observation]
    ) -> str:
        return self.desk.answer(head, cited, total=total, observations=observations, room=_room(top))

    def _rows_of(self, seen: Iterable[Observation], type_: Any, key: str) -> list[Cited]:
        typed: Callable[[Observation], Any] = lambda o: self.desk.citations.typed(o, type_)  # noqa: E731
        return [
            self.desk.citations.cite(Row(o, (key, i), value))
            for o in seen
            if o.content is not None
            for i, value in enumerate(getattr(typed(o), key))
        ]


_LITTLE = 0.01
"""The share of the symptom below which a place is not told."""
_PARTS = 12
"""Parts into which the course of a series is divided."""


def _said_of(event: ChangeEvent) -> str:
    """What a change is searched by, in lower case."""
    return f"{event.action} {event.target} {event.summary} {event.actor}".casefold()


def _most(top: int) -> int:
    return max(1, min(top, MOST))


def _room(top: int) -> int:
    """Characters of an answer: more where more rows are asked for."""
    return ANSWER if top <= TOP else ANSWER * _most(top) // TOP


def _turmoil(tally: Tally) -> float:
    """How much of failed, slow and missing calls there is at a place, in units of their noise."""
    marks = (
        (tally.failures, tally.failures_noise),
        (tally.delay, tally.delay_noise),
        (tally.missing, tally.missing_noise),
        (tally.unanswered_incident - tally.unanswered_baseline, 1.0),
    )
    return max(mass / max(noise, 1e-9) for mass, noise in marks)


def _course(times: Sequence[float], values: Sequence[float | None], span: Window) -> list[str]:
    told = []
    for part in range(_PARTS):
        start = span.start + part * span.seconds / _PARTS
        end = start + span.seconds / _PARTS
        inside = [v for t, v in zip(times, values, strict=True) if v is not None and start <= t < end]
        mean = f"{sum(inside) / len(inside):.4g}" if inside else "no value"
        told.append(f"{clock(start)} {mean} ({len(inside)} points)")
    return told


def _spoken(start: str, end: str, exclude: str, also: str, symptom_at: str) -> str:
    labels = (("from", start), ("to", end), ("without", exclude), ("also", also), ("felt at", symptom_at))
    return ", ".join(f"{label} {text}" for label, text in labels if text) or "once more"
