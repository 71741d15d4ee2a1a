"""The edge gateway: readings and alarms of the plant as OTLP, one resource for each equipment tag."""

from __future__ import annotations

import http.client
import json
import time
from collections.abc import Sequence
from itertools import groupby
from operator import attrgetter
from typing import Any

from andon.demo import otlp
from andon.demo.emitter import INFO, WARN
from andon.demo.plant.alarms import Alarm
from andon.demo.plant.instruments import Reading

__all__ = ["EdgeGateway", "logs_request", "metrics_request"]

_SITE = "vehicle-plant"


def metrics_request(readings: Sequence[Reading], version: str, now: int) -> dict[str, Any]:
    """An `ExportMetricsServiceRequest` with one gauge a reading; `now` in nanoseconds."""
    parts = [
        otlp.metrics_request(_resource(tag, version), [_gauge(reading, now) for reading in group])
        for tag, group in groupby(sorted(readings, key=attrgetter("tag")), key=attrgetter("tag"))
    ]
    return {"resourceMetrics": [one for part in parts for one in part["resourceMetrics"]]}


def logs_request(alarms: Sequence[Alarm], version: str, now: int) -> dict[str, Any]:
    """An `ExportLogsServiceRequest` with one record an alarm; `now` in nanoseconds."""
    parts = [otlp.logs_request(_resource(alarm.tag, version), [_record(alarm, now)]) for alarm in alarms]
    return {"resourceLogs": [one for part in parts for one in part["resourceLogs"]]}


class EdgeGateway:
    """Sends to the OTLP/HTTP receiver on a port of loopback; what cannot be sent is dropped and counted."""

    def __init__(self, receiver: int, version: str) -> None:
        self.dropped = 0
        self._version = version
        self._connection = http.client.HTTPConnection("127.0.0.1", receiver, timeout=2)

    def send(self, readings: Sequence[Reading], alarms: Sequence[Alarm]) -> None:
        """The readings of one second, and the alarms that they raised or ended."""
        now = time.time_ns()
        self._post("metrics", metrics_request(readings, self._version, now), len(readings))
        if alarms:
            self._post("logs", logs_request(alarms, self._version, now), len(alarms))

    def close(self) -> None:
        self._connection.close()

    def _post(self, signal: str, request: dict[str, Any], items: int) -> None:
        body = json.dumps(request, separators=(",", ":")).encode()
        try:
            self._connection.request("POST", f"/v1/{signal}", body, {"Content-Type": "application/json"})
            self._connection.getresponse().read()
        except (OSError, http.client.HTTPException):
            self.dropped += items
            self._connection.close()


def _resource(tag: str, version: str) -> dict[str, Any]:
    values = {"service.name": tag, "service.namespace": _SITE, "service.version": version}
    return {"attributes": otlp.attributes(values)}


def _gauge(reading: Reading, now: int) -> dict[str, Any]:
    point = {"timeUnixNano": str(now), "asDouble": reading.value}
    return {"name": reading.metric, "unit": reading.unit, "gauge": {"dataPoints": [point]}}


def _record(alarm: Alarm, now: int) -> dict[str, Any]:
    severity = WARN if alarm.raised else INFO
    return {
        "timeUnixNano": str(now),
        "severityNumber": severity,
        "severityText": otlp.SEVERITY_TEXT[severity],
        "body": {"stringValue": alarm.text},
        "attributes": [],
    }
