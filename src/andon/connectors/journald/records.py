"""Records of the journal as `journalctl --output=json` writes them.

Source: systemd's Journal JSON Format and systemd.journal-fields(7). A field is a text; a list of numbers where it is not
UTF-8 text; a list of those where it occurs more than once; null where it is too large (not with `--all`).
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import orjson

from andon.connectors.files.fields import severity_of
from andon.connectors.files.logs_json import body_from
from andon.connectors.log_records import log_record
from andon.telemetry import LogRecord

__all__ = ["FIELDS", "SERVICE_FIELDS", "Entry", "entries_of", "record_of", "service_of_entry"]

SERVICE_FIELDS = (
    "CONTAINER_NAME",
    "UNIT",
    "USER_UNIT",
    "_SYSTEMD_USER_UNIT",
    "_SYSTEMD_UNIT",
    "SYSLOG_IDENTIFIER",
    "_COMM",
)
"""In the order in which they are believed: a container, the unit that systemd speaks of, the unit that speaks, a program."""
FIELDS = (
    *SERVICE_FIELDS,
    "MESSAGE",
    "PRIORITY",
    "_HOSTNAME",
    "_PID",
    "_TRANSPORT",
    "MESSAGE_ID",
    "TRACE_ID",
)
"""The fields that are asked for."""

_SERVICE = ".service"
_DROPPED = ("MESSAGE", "PRIORITY", "_BOOT_ID")

Entry = tuple[int, dict[str, Any]]
"""Unix microseconds, fields."""


def entries_of(output: bytes) -> tuple[list[Entry], int]:
    """The records in the order of the output, and how many lines were malformed."""
    found: list[Entry] = []
    strange = 0
    for line in output.splitlines():
        if not line.strip() or line.startswith(b"-- "):
            continue
        try:
            fields = orjson.loads(line)
            moment = int(fields["__REALTIME_TIMESTAMP"])
        except (orjson.JSONDecodeError, KeyError, TypeError, ValueError):
            strange += 1
            continue
        if not 0 <= moment < 1 << 62:
            strange += 1
            continue
        texts = {name: _text(value) for name, value in fields.items() if not name.startswith("__")}
        found.append((moment, {name: text for name, text in texts.items() if text is not None}))
    return found, strange


def _text(value: Any) -> str | None:
    if isinstance(value, list):
        if value and all(isinstance(one, int) and 0 <= one < 256 for one in value):
            return bytes(value).decode("utf-8", "replace")
        texts = [text for one in value if not isinstance(one, int) and (text := _text(one)) is not None]
        return "\n".join(texts) if texts else None
    return value if isinstance(value, str) else None


def service_of_entry(fields: Mapping[str, Any]) -> str:
    """A container's name, else a service's unit without its ending, else what the program calls itself."""
    for name in SERVICE_FIELDS:
        value = str(fields.get(name, ""))
        if "UNIT" in name:
            if value.endswith(_SERVICE) and not value.startswith("user@"):
                return value.removesuffix(_SERVICE)
        elif value:
            return value
    return ""


def record_of(entry: Entry) -> LogRecord:
    """The record of an entry.

    What a service writes to its standard output has the same priority whatever it says, so its own words go before.
    """
    moment, fields = entry
    message = fields.get("MESSAGE")
    rest = {name: value for name, value in fields.items() if name not in _DROPPED}
    body = message if isinstance(message, str) else body_from(None, dict(rest))
    priority = severity_of(fields.get("PRIORITY"))
    time, service = moment / 1e6, service_of_entry(fields)
    if fields.get("_TRANSPORT") != "stdout":
        return log_record(time, body, rest, severity=priority, service=service)
    record = log_record(time, body, rest, service=service)
    return record if record.severity else log_record(time, body, rest, severity=priority, service=service)
