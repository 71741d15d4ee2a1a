"""journald's connector: records of the journal in a window, as many as are wanted."""

from __future__ import annotations

import math
import time
from collections.abc import Sequence
from functools import partial
from typing import ClassVar

from andon.connectors.connector import Check, CheckState, Connector, ConnectorConfig, Need
from andon.connectors.journald.config import JournaldConfig
from andon.connectors.journald.program import Journalctl
from andon.connectors.journald.records import (
    FIELDS,
    SERVICE_FIELDS,
    Entry,
    entries_of,
    record_of,
    service_of_entry,
)
from andon.connectors.log_levels import AIMED, thinned, wanted
from andon.connectors.reading import Reading
from andon.connectors.sampling import sample
from andon.connectors.session import Session
from andon.connectors.source import Signal
from andon.connectors.unanswered import Unanswered
from andon.telemetry import LogRecord, Logs, Result, Status, Window, isoformat

__all__ = ["JournaldConnector"]

_SEVERE = "--priority=emerg..warning"
_SEVERE_PRIORITIES = frozenset("01234")
_ENTRY = 600.0
"""Bytes of a record in JSON with the fields that are asked for, about."""
_LATE = 3600.0
"""Seconds without a record after which it is told: a quiet machine still writes every hour."""
_GROUP = "add the user that andon runs as to the group systemd-journal (or adm)"


class JournaldConnector(Connector):
    """Records with their severity, unit or program, and host."""

    kind = "journald"
    title = "journald"
    signals = (Signal.LOGS,)
    proved = "journalctl of systemd 252 (Debian 12)"
    Config: ClassVar[type[ConnectorConfig]] = JournaldConfig
    config: JournaldConfig

    def __init__(self, name: str, config: JournaldConfig, session: Session) -> None:
        super().__init__(name, config, session)
        self.program = Journalctl(name, config, session)
        self.place = str(config.directory) if config.directory else "this machine"

    def check(self) -> tuple[Check, ...]:
        try:
            version = (
                self.program.run(["--version"], fresh=True).output.split(b"\n")[0].decode("utf-8", "replace")
            )
            written = self.program.run([*self._where(), "--output=json", "--lines=1"], fresh=True)
            entries, _ = entries_of(written.output)
        except Unanswered as gap:
            return (Check("reach", CheckState.FAILED, gap.message, gap.hint),)
        reach = Check("reach", CheckState.OK, version[:80])
        access = Check("access", CheckState.OK, "the whole journal")
        if written.limited:
            found = "only what this user's own programs wrote"
            access = Check("access", CheckState.FAILED, found, _GROUP)
        return reach, access, _newest(entries), self._oldest()

    def logs(self, need: Need) -> Result[Logs]:
        reading = Reading(self.name)
        found: list[LogRecord] = []
        with reading.part(self.place):
            match = self._match(self._admitted(need.services, reading))
            severe = self._counted(need.window, [_SEVERE, *match], reading)
            total = max(severe, self._counted(need.window, match, reading))
            affordable = int(0.8 * (self.session.left(self.name, self.config.limits.bytes)) / _ENTRY)
            items = max(1, min(need.items, self.config.limits.items, affordable))
            budgets = wanted(severe, total - severe, items)
            entries: list[Entry] = []
            if severe:
                part, most = [_SEVERE, *match], _most(budgets[0], severe)
                entries += self._stratum(need.window, part, budgets[0] / severe, severe, reading, most)
            if total > severe:
                share, most = budgets[1] / (total - severe), _most(budgets[1], total - severe)
                entries += self._stratum(need.window, match, share, total, reading, most, mild=True)
            found = [record_of(entry) for entry in entries]
        return reading.result(Logs.of(found), len(found))

    def _admitted(self, services: tuple[str, ...], reading: Reading) -> tuple[str, ...]:
        """The services that the scope admits. Raises Unanswered (DENIED) when it admits none of them."""
        bounds = [
            {service_of_entry({name: value}) for value in values}
            for name, values in self.config.scope.match.items()
            if name in SERVICE_FIELDS
        ]
        outside = [service for service in services if any(service not in bound for bound in bounds)]
        for service in outside:
            message = f"service {service} is outside the scope of source {self.name}"
            hint = "widen scope.match, or ask for less"
            if len(outside) == len(services):
                raise Unanswered(message, status=Status.DENIED, hint=hint)
            reading.lacking(Status.DENIED, message, hint=hint)
        return tuple(service for service in services if service not in outside)

    def _match(self, services: Sequence[str]) -> list[str]:
        """Matches of fields: those of one field are alternatives, those of several hold together, `+` begins anew."""
        scope = [f"{name}={value}" for name, values in self.config.scope.match.items() for value in values]
        groups = []
        for name in SERVICE_FIELDS if services else ():
            ending = ".service" if "UNIT" in name else ""
            groups.append([f"{name}={service}{ending}" for service in services] + scope)
        return [word for i, group in enumerate(groups) for word in (["+"] if i else []) + group] or scope

    def _where(self) -> list[str]:
        return [f"--directory={self.config.directory}"] if self.config.directory else []

    def _during(self, window: Window) -> list[str]:
        """Options for a window that is not smaller than this one, in whole milliseconds."""
        since, until = math.floor(window.start * 1000) / 1000, math.ceil(window.end * 1000) / 1000
        return [*self._where(), f"--since=@{since:.3f}", f"--until=@{until:.3f}"]

    def _counted(self, window: Window, match: Sequence[str], reading: Reading) -> int:
        """How many records match, by one short field that each has."""
        options = [*self._during(window), "--output=cat", "--output-fields=_TRANSPORT"]
        written = self.program.run([*options, *match])
        if written.limited:
            message = "only what this user's own programs wrote is seen"
            reading.lacking(Status.PARTIAL, message, place=self.place, hint=_GROUP)
        lines = written.output.splitlines()
        count = sum(1 for line in lines if line and not line.startswith(b"-- "))
        reading.fetched(_told([*options, *match]), place=self.place, size=len(written.output))
        return count

    def _stratum(
        self,
        window: Window,
        match: Sequence[str],
        share: float,
        there: float,
        reading: Reading,
        most: int,
        mild: bool = False,
    ) -> Sequence[Entry]:
        """So large a share of the records that match, and the note of what was fetched."""
        taken = sample(window, 1.0 / share if share < 1.0 else 1.0, 1, self.config.limits.slices)
        windows = list(taken.windows)
        if len(windows) == 1:
            parts = 1 + int(there * _ENTRY * 4 / self.config.limits.answer_bytes)
            step = window.seconds / parts
            edges = [window.start + i * step for i in range(parts)] + [window.end]
            windows = [Window(edges[i], edges[i + 1]) for i in range(parts)]
        tasks = [partial(self._slice, one, match, reading, mild) for one in windows]
        answered = self.session.together(tasks, self.config.limits.requests_at_once)
        entries = [entry for found, _, _ in answered for entry in found]
        kept = thinned(entries, most)
        share = taken.share * (len(kept) / len(entries) if entries else 1.0)
        for found, text, size in answered:
            if text:
                reading.fetched(text, place=self.place, items=len(found), size=size, share=share)
        return kept

    def _slice(
        self, window: Window, match: Sequence[str], reading: Reading, mild: bool
    ) -> tuple[list[Entry], str, int]:
        """The records of one part of the window, what was asked, and the bytes that came."""
        fields = ",".join(dict.fromkeys((*FIELDS, *self.config.scope.match)))
        options = [*self._during(window), "--output=json", "--all", f"--output-fields={fields}", *match]
        try:
            written = self.program.run(options)
        except Unanswered as gap:
            reading.lacking(gap.status, gap.message, place=self.place, hint=gap.hint)
            return [], "", 0
        entries, strange = entries_of(written.output)
        for _ in range(strange):
            reading.lacking(Status.PARTIAL, "a malformed record was left out", place=self.place)
        inside = [
            entry for entry in entries if entry[0] / 1e6 in window and self.config.scope.admits(entry[1])
        ]
        if mild:
            inside = [entry for entry in inside if entry[1].get("PRIORITY") not in _SEVERE_PRIORITIES]
        return inside, _told(options), len(written.output)

    def _oldest(self) -> Check:
        try:
            options = [*self._where(), "--output=json", "--output-fields=PRIORITY"]
            entries, _ = entries_of(self.program.run(options, first_line=True, fresh=True).output)
        except Unanswered as gap:
            return Check("history", CheckState.FAILED, gap.message, gap.hint)
        if not entries:
            return Check("history", CheckState.WARNING, "the journal is empty")
        return Check("history", CheckState.OK, f"back to {isoformat(entries[0][0] / 1e6)}")


def _most(budget: float, there: int) -> int:
    """How many records of a stratum may be kept: a sample is aimed below its budget."""
    return there if budget >= there else math.ceil(budget / AIMED)


def _told(arguments: Sequence[str]) -> str:
    return " ".join(["journalctl", *arguments])


def _newest(entries: Sequence[Entry]) -> Check:
    if not entries:
        return Check("logs", CheckState.WARNING, "no record at all", "is journald running?")
    age = time.time() - entries[-1][0] / 1e6
    if age > _LATE:
        found = f"the newest record is {age / 3600:,.1f} hours old"
        return Check("logs", CheckState.WARNING, found, "is it the journal of a machine that still runs?")
    return Check("logs", CheckState.OK, f"the newest record is {max(0.0, age):.0f} s old")
