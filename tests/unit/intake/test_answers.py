from __future__ import annotations

import json

import pytest
from opentelemetry.proto.collector.logs.v1.logs_service_pb2 import ExportLogsServiceResponse
from opentelemetry.proto.collector.metrics.v1.metrics_service_pb2 import ExportMetricsServiceResponse
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import ExportTraceServiceResponse

from andon.connectors.received import Checked, Form, Kind
from andon.intake.answers import accepted, refused
from andon.intake.refusals import Reason, Refusal

PARTLY = Checked(None, 3, 2, "no time")


def test_success_is_empty_in_either_form() -> None:
    whole = Checked(None, 3)
    assert accepted(Kind.LOGS, Form.PROTOBUF, whole).body == b""
    assert json.loads(accepted(Kind.LOGS, Form.JSON, whole).body) == {}
    assert json.loads(accepted(Kind.CHANGES, Form.JSON, whole).body) == {"accepted": 3}


@pytest.mark.parametrize(
    ("kind", "message", "field", "name"),
    [
        (Kind.LOGS, ExportLogsServiceResponse, "rejected_log_records", "rejectedLogRecords"),
        (Kind.TRACES, ExportTraceServiceResponse, "rejected_spans", "rejectedSpans"),
        (Kind.METRICS, ExportMetricsServiceResponse, "rejected_data_points", "rejectedDataPoints"),
    ],
)
def test_partial_success_counts_what_was_refused(kind: Kind, message: type, field: str, name: str) -> None:
    found = message.FromString(accepted(kind, Form.PROTOBUF, PARTLY).body).partial_success  # type: ignore[attr-defined]
    assert (getattr(found, field), found.error_message) == (2, "no time")
    told = json.loads(accepted(kind, Form.JSON, PARTLY).body)
    assert told == {"partialSuccess": {name: "2", "errorMessage": "no time"}}


def test_refusals_say_what_to_do_in_their_headers() -> None:
    assert dict(refused(Refusal(Reason.OVERLOADED, "x"), Form.JSON).headers())["retry-after"] == "1"
    assert (
        dict(refused(Refusal(Reason.UNAUTHENTICATED, "x"), Form.JSON).headers())["www-authenticate"]
        == "Bearer"
    )
    assert (
        dict(refused(Refusal(Reason.MALFORMED, "x"), Form.JSON).closing().headers())["connection"] == "close"
    )
    answer = refused(Refusal(Reason.MALFORMED, "why"), Form.JSON)
    assert (answer.status, json.loads(answer.body)) == (400, {"code": 3, "message": "why"})
