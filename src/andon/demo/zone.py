"""The private hosted zone: which name stands for which address, and how Route 53 changes it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from andon.demo.certificates import host_name
from andon.demo.dns import Record
from andon.demo.inventory import SERVICES

__all__ = ["Zone"]

_ADDRESS = "10.0.0.1"


class Zone:
    """Every service stands behind one address at first. Changes are serialised by the control plane."""

    def __init__(self) -> None:
        self._records = {host_name(service): Record(_ADDRESS) for service in SERVICES}

    def lookup(self, name: str) -> Record | None:
        return self._records.get(name)

    def change(self, batch: Mapping[str, Any]) -> None:
        """Carries out a `changeBatch` of ChangeResourceRecordSets."""
        for change in batch["changes"]:
            described = change["resourceRecordSet"]
            if change["action"] == "DELETE":
                self._records.pop(str(described["name"]), None)
            else:
                self._records[str(described["name"])] = _record(described)


def _record(described: Mapping[str, Any]) -> Record:
    if "aliasTarget" in described:
        return Record(alias=str(described["aliasTarget"]["dNSName"]))
    return Record(str(described["resourceRecords"][0]["value"]), ttl=int(described["tTL"]))
