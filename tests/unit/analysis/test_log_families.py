from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import asdict, replace
from typing import Any

import pytest

from andon.analysis import log_families
from andon.analysis.log_families import ErrorFamilies, FamilyTally, _traced, families
from andon.analysis.templates import mine
from andon.telemetry import ERROR, INFO, LogRecord, Logs, Texts, Window

BASELINE, INCIDENT = Window(0, 100), Window(100, 200)
TRACE = "order {n} failed\ncom.shop.StockException: none of {n} left\n\tat com.shop.{place}(Stock.java:{n})\n"


def record(
    time: float,
    body: str,
    severity: int = ERROR,
    service: str = "cart",
    attributes: Mapping[str, Any] | None = None,
) -> LogRecord:
    return LogRecord(time, severity, service, body, attributes=attributes or {})


def found(*records: LogRecord) -> ErrorFamilies:
    logs = Logs.of(records)
    return families(logs, mine(logs.bodies), BASELINE, INCIDENT)


def test_traces_from_one_place_are_one_family() -> None:
    (family,) = found(
        record(10, TRACE.format(n=1, place="Stock.take")),
        record(110, TRACE.format(n=2, place="Stock.take"), service="mail"),
    ).families
    assert family.exception == "com.shop.StockException"
    assert family.frames == ("com.shop.Stock.take",)
    assert family.templates == ("order <number> failed",)
    assert family.services == ("cart", "mail")
    assert (family.baseline_count, family.incident_count) == (1, 1)
    assert (family.first_seen, family.last_seen) == (10, 110)
    assert not family.new
    assert [sample.time for sample in family.samples] == [110]


def test_traces_from_different_places_are_different_families_new_ones_first() -> None:
    known = [record(t, TRACE.format(n=1, place="Stock.take")) for t in (10, 110, 120, 130)]
    first, second = found(*known, record(150, TRACE.format(n=1, place="Stock.put"))).families
    assert first.new
    assert first.frames == ("com.shop.Stock.put",)
    assert second.incident_count == 3


def test_lines_without_a_trace_are_grouped_by_template() -> None:
    result = found(
        record(110, "call to 10.0.0.1 refused", severity=INFO),
        record(120, "call to 10.0.0.2 refused", severity=INFO),
        record(130, "strange state"),
        record(140, "java.io.IOException: broken pipe 7"),
        record(150, "all is well", severity=INFO),
    )
    assert {(f.exception, f.templates[0], f.incident_count) for f in result.families} == {
        ("", "call to <ip> refused", 2),
        ("", "strange state", 1),
        ("java.io.IOException", "java.io.IOException: broken pipe <number>", 1),
    }


def test_traces_in_json_and_in_attributes_are_read() -> None:
    trace = TRACE.format(n=3, place="Stock.take")
    result = found(
        record(110, json.dumps({"message": "failed", "stack_trace": trace})),
        record(120, json.dumps({"message": "failed", "error": {"stack": trace}})),
        record(130, "failed", attributes={"exception.stacktrace": trace}),
        record(140, '{"broken": "\\n'),
    )
    assert [(f.exception, f.incident_count) for f in result.families if f.frames] == [
        ("com.shop.StockException", 3)
    ]


class Packed(Sequence[Mapping[str, Any]]):
    """Attributes as JSON, and which of them were taken apart."""

    def __init__(self, mappings: Sequence[Mapping[str, Any]]) -> None:
        self.packed = Texts.of([json.dumps(mapping) for mapping in mappings])
        self.opened: list[int] = []

    def __len__(self) -> int:
        return len(self.packed)

    def __getitem__(self, i: Any) -> Any:
        self.opened.append(i)
        return json.loads(self.packed[i])


def test_packed_attributes_are_taken_apart_only_where_they_may_hold_a_trace() -> None:
    trace = TRACE.format(n=3, place="Stock.take")
    attributes: list[dict[str, Any]] = [
        {"host": "a"},
        {"exception.stacktrace": trace},
        {"about": "exception.stacktrace"},
    ]
    plain = Logs.of([record(110 + i, "failed", attributes=own) for i, own in enumerate(attributes)])
    packed = Packed(attributes)
    table = mine(plain.bodies)
    tally = FamilyTally(BASELINE, INCIDENT)
    assert _traced(packed).tolist() == [False, True, False]
    assert sorted(packed.opened) == [1, 2]
    tally.add(replace(plain, attributes=packed), table.codes)
    assert tally.result(table) == families(plain, table, BASELINE, INCIDENT)


def test_records_outside_both_windows_have_no_say() -> None:
    assert found(record(-1, "failed"), record(200, "failed")).families == ()
    assert found().families == ()


def test_traces_beyond_the_cap_are_counted(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(log_families, "MAX_TRACES", 1)
    result = found(
        *(record(110 + i, TRACE.format(n=1, place=place)) for i, place in enumerate(("A.x", "B.y", "A.x")))
    )
    assert result.unread_traces == 1
    assert sum(f.incident_count for f in result.families) == 3


def test_it_can_be_stored_as_json() -> None:
    assert json.dumps(asdict(found(record(110, "failed"))), allow_nan=False)
