"""incident.yaml: what a bundle of files is, in a few lines that a person can write."""

from __future__ import annotations

import math
from datetime import date, datetime
from pathlib import Path
from typing import Annotated, Any, Literal

import yaml
from pydantic import (
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    ValidationError,
    field_validator,
    model_validator,
)

from andon.connectors.files.registry import format_named, formats_of
from andon.connectors.files.times import TimeParser, zone_named
from andon.connectors.source import Signal
from andon.errors import ConfigError
from andon.telemetry import Window

__all__ = [
    "MANIFEST_NAME",
    "FileEntry",
    "Manifest",
    "Period",
    "load_manifest",
    "parse_manifest",
    "write_manifest_text",
]

MANIFEST_NAME = "incident.yaml"


def _as_text(value: Any) -> Any:
    """YAML reads bare dates and times by itself; here they are texts, read with the manifest's zone."""
    if isinstance(value, datetime | date):
        return value.isoformat()
    return str(value) if isinstance(value, int | float) and not isinstance(value, bool) else value


def _zone(value: str) -> str:
    if value:
        zone_named(value)
    return value


Moment = Annotated[str, BeforeValidator(_as_text)]


class _Model(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True, populate_by_name=True)


class Period(_Model):
    """From and to, as written; times without a zone are in the manifest's."""

    start: Moment = Field(alias="from")
    end: Moment = Field(alias="to")

    def window(self, timezone: str) -> Window:
        """The window in Unix seconds; ValueError when a time cannot be read or the end lies first."""
        read = TimeParser(zone_named(timezone) if timezone else None)
        start, end = read.text(self.start), read.text(self.end)
        for written, time in ((self.start, start), (self.end, end)):
            if math.isnan(time):
                raise ValueError(f"{written!r} is not a time; write it as 2026-06-19T10:25:00Z")
        return Window(start, end)


class FileEntry(_Model):
    """One file: `columns` maps roles to header names; `service` and `unit` hold where the file states none."""

    path: str
    signal: Signal
    format: str
    columns: dict[str, str | list[str]] = {}
    timezone: str = ""
    unit: str = ""
    service: str = ""

    _checked_zone = field_validator("timezone")(_zone)

    @model_validator(mode="after")
    def _known_format(self) -> FileEntry:
        names = formats_of(self.signal)
        if self.format not in names:
            raise ValueError(
                f"format {self.format!r} is unknown for {self.signal.value}: one of {', '.join(names)}"
            )
        allowed = format_named(self.signal, self.format).columns
        if unknown := [role for role in self.columns if role not in allowed]:
            raise ValueError(
                f"columns {', '.join(unknown)} mean nothing to {self.format}: one of {', '.join(allowed) or '(none)'}"
            )
        return self


class Manifest(_Model):
    """The whole of incident.yaml, version 1.

    `alert` is a moment inside the incident, for whoever does not know when it began; `ignore` lists
    files that are there but hold no telemetry.
    """

    version: Literal[1] = 1
    title: str = ""
    timezone: str = ""
    symptom: str = ""
    incident: Period | None = None
    baseline: Period | None = None
    alert: Moment | None = None
    files: tuple[FileEntry, ...] = ()
    ignore: tuple[str, ...] = ()

    _checked_zone = field_validator("timezone")(_zone)

    @model_validator(mode="after")
    def _readable_periods(self) -> Manifest:
        for name in ("incident", "baseline"):
            period = getattr(self, name)
            if period is not None:
                try:
                    period.window(self.timezone)
                except ValueError as error:
                    raise ValueError(f"{name}: {error}") from error
        if self.alert_time is not None and math.isnan(self.alert_time):
            raise ValueError(f"alert: {self.alert!r} is not a time; write it as 2026-06-19T10:25:00Z")
        return self

    @property
    def alert_time(self) -> float | None:
        """The stated moment inside the incident, in Unix seconds."""
        if self.alert is None:
            return None
        return TimeParser(zone_named(self.timezone) if self.timezone else None).text(self.alert)

    def window_of(self, name: Literal["incident", "baseline"]) -> Window | None:
        period = self.incident if name == "incident" else self.baseline
        return period.window(self.timezone) if period else None


def load_manifest(path: Path) -> Manifest:
    """Reads an incident.yaml; ConfigError names the file, the key and what to write instead."""
    try:
        text = path.read_bytes()
    except OSError as error:
        raise ConfigError(f"{path}: cannot be read ({error.strerror})", hint="check the path") from error
    return parse_manifest(text, str(path))


def parse_manifest(text: bytes, place: str) -> Manifest:
    """The manifest in YAML text; `place` is its name in messages. Raises ConfigError."""
    try:
        data = yaml.safe_load(text.decode("utf-8-sig", "replace"))
    except (yaml.YAMLError, ValueError, RecursionError, OverflowError) as error:
        mark = getattr(error, "problem_mark", None)
        where = f"{place}:{mark.line + 1}" if mark else place
        raise ConfigError(
            f"{where}: not valid YAML ({' '.join(str(getattr(error, 'problem', error)).split())})"
        ) from error
    if not isinstance(data, dict):
        raise ConfigError(f"{place}: holds no mapping", hint="begin with `version: 1` and a list of `files:`")
    try:
        return Manifest.model_validate(data)
    except ValidationError as error:
        first = error.errors()[0]
        key = ".".join(str(part) for part in first["loc"]) or "(top)"
        more = f" (and {error.error_count() - 1} more)" if error.error_count() > 1 else ""
        message = first["msg"].removeprefix("Value error, ")
        raise ConfigError(f"{place}: {key}: {message}{more}", hint=_hint(first["type"], key)) from error


def _hint(kind: str, key: str) -> str:
    known = Manifest if "." not in key else FileEntry
    names = ", ".join(field.alias or name for name, field in known.model_fields.items())
    hints = {
        "extra_forbidden": f"known keys: {names}",
        "missing": "add this key",
        "enum": f"one of {', '.join(signal.value for signal in Signal)}",
        "literal_error": "this version of andon reads `version: 1`",
    }
    return hints.get(kind, "see the reference of incident.yaml")


def write_manifest_text(manifest: Manifest) -> str:
    """The manifest as YAML, without what is at its default."""
    data = manifest.model_dump(mode="json", by_alias=True, exclude_defaults=True)
    return yaml.safe_dump({"version": 1, **data}, sort_keys=False, allow_unicode=True, width=110)
