from __future__ import annotations

import sys

import pytest

from andon.connectors.received.frames import Kind
from andon.connectors.received.libraries import request_class, require, response_class, service
from andon.errors import MissingExtra


def test_the_classes_of_each_kind() -> None:
    assert [request_class(kind).__name__ for kind in (Kind.METRICS, Kind.LOGS, Kind.TRACES)] == [
        "ExportMetricsServiceRequest",
        "ExportLogsServiceRequest",
        "ExportTraceServiceRequest",
    ]
    assert response_class(Kind.LOGS).__name__ == "ExportLogsServiceResponse"
    assert service(Kind.TRACES).full_name == "opentelemetry.proto.collector.trace.v1.TraceService"


def test_a_library_that_is_missing_names_the_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "grpc", None)
    with pytest.raises(MissingExtra, match="grpc") as caught:
        require("grpc")
    assert "andon[otlp]" in caught.value.hint
