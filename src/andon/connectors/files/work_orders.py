"""Work orders of a maintenance system (CMMS) in JSON: what was done on which equipment, when and by whom.

An array of records, an array under `work_orders`, `orders` or `workorders`, or JSON lines. The names of the fields are
those that IBM Maximo, SAP PM and smaller systems export.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from andon.connectors.files.columns import Collected
from andon.connectors.files.fields import text_of
from andon.connectors.files.reader import FileReader
from andon.telemetry import ChangeEvent, ChangeKind

__all__ = ["parse_work_orders"]

_TIMES = ("completed_at", "finished_at", "actual_finish", "actfinish", "closed_at", "reported_at", "timestamp", "time", "date")  # fmt: skip
_NUMBERS = ("number", "work_order", "order", "order_number", "wonum", "id")
_EQUIPMENT = ("equipment", "asset", "assetnum", "tag", "functional_location", "location")
_TYPES = ("type", "work_type", "worktype", "activity", "order_type")
_TEXTS = ("description", "summary", "text", "long_text")
_PEOPLE = ("technician", "completed_by", "assigned_to", "lead", "actor")
_NOT_DONE = frozenset({"cancelled", "canceled", "rejected", "can"})


def parse_work_orders(file: FileReader, into: Collected) -> None:
    """One change event an order; a cancelled order carries its status as the error, for it changed nothing."""
    stated = file.column("time")
    for line, record in file.records("work_orders", "workorders", "orders"):
        time = file.times(record.get(stated) if stated else _first(record, _TIMES))
        if time != time:
            file.problem("work order without a readable time left out", line=line)
            continue
        into.changes.append(_event(record, time))


def _event(record: Mapping[str, Any], time: float) -> ChangeEvent:
    number, equipment = (text_of(_first(record, names)) for names in (_NUMBERS, _EQUIPMENT))
    status = text_of(record.get("status"))
    known = {*_TIMES, *_NUMBERS, *_EQUIPMENT, *_TYPES, *_TEXTS, *_PEOPLE}
    return ChangeEvent(
        id=number or f"work-order:{equipment}@{time:.0f}",
        time=time,
        kind=ChangeKind.WORK_ORDER,
        action=text_of(_first(record, _TYPES)) or "work order",
        target=equipment,
        actor=text_of(_first(record, _PEOPLE)),
        summary=text_of(_first(record, _TEXTS)),
        parameters={key: value for key, value in record.items() if key not in known},
        error=status if status.casefold() in _NOT_DONE else "",
    )


def _first(record: Mapping[str, Any], names: tuple[str, ...]) -> Any:
    return next((record[name] for name in names if record.get(name)), None)
