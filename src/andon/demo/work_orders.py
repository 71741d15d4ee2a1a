"""Work orders: what a maintenance system (CMMS) keeps of the work that was done on equipment."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

__all__ = ["Maintenance", "WorkOrder"]


@dataclass(frozen=True, slots=True)
class WorkOrder:
    """One order on one piece of equipment, named by its tag."""

    number: str
    equipment: str
    type: str
    description: str
    technician: str


class Maintenance:
    """The closed work orders of an estate, in one file of its folder."""

    def __init__(self, folder: Path) -> None:
        self._file = folder / "work-orders.jsonl"

    def close(self, order: WorkOrder) -> str:
        """Writes down that the order is done now; its number."""
        done = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
        with self._file.open("a", encoding="utf-8") as file:
            file.write(json.dumps({**asdict(order), "status": "completed", "completed_at": done}) + "\n")
        return order.number

    def read(self) -> list[dict[str, Any]]:
        """The closed orders in the order of their closing."""
        if not self._file.is_file():
            return []
        return [json.loads(line) for line in self._file.read_text(encoding="utf-8").splitlines()]
