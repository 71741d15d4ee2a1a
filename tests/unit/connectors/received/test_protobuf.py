from __future__ import annotations

import pytest

from andon.connectors.received.frames import Kind
from andon.connectors.received.moments import Moments
from andon.connectors.received.protobuf import batch_of_protobuf, check_protobuf
from andon.connectors.received.undecodable import Undecodable
from unit.connectors.received.otlp_requests import BEGAN, as_json, logs, metrics, traces


def always(moment: float) -> bool:
    return moment > 0


def numbers_as_texts(value: object, key: str = "") -> object:
    """As protobuf's own JSON writes 64-bit integers."""
    if isinstance(value, dict):
        return {name: numbers_as_texts(inner, name) for name, inner in value.items()}
    if isinstance(value, list):
        return [numbers_as_texts(inner, key) for inner in value]
    wide = key.endswith("UnixNano") or key in ("intValue", "asInt", "count", "bucketCounts")
    return str(value) if wide else value


@pytest.mark.parametrize(
    ("kind", "make"), [(Kind.LOGS, logs), (Kind.TRACES, traces), (Kind.METRICS, metrics)]
)
def test_it_reads_as_the_json_that_others_make_of_it(kind: Kind, make: object) -> None:
    request = make([1, 2])  # type: ignore[operator]
    assert numbers_as_texts(batch_of_protobuf(kind, request.SerializeToString(), always, ())) == as_json(
        request
    )


def test_only_what_is_wanted_is_taken_apart() -> None:
    body = logs([1, 2, 3]).SerializeToString() + logs([2], service="payments").SerializeToString()
    batch = batch_of_protobuf(Kind.LOGS, body, lambda moment: moment >= BEGAN + 2, ("orders",))
    (resource,) = batch["resourceLogs"]
    assert [record["body"] for record in resource["scopeLogs"][0]["logRecords"]] == [
        {"stringValue": "at 2"},
        {"stringValue": "at 3"},
    ]
    assert batch_of_protobuf(Kind.LOGS, body, lambda _: False, ()) == {"resourceLogs": []}


def test_a_count_of_zero_is_zero_and_not_missing() -> None:
    request = metrics([1])
    request.resource_metrics[0].scope_metrics[0].metrics[2].histogram.data_points[0].count = 0
    batch = batch_of_protobuf(Kind.METRICS, request.SerializeToString(), always, ())
    assert (
        batch["resourceMetrics"][0]["scopeMetrics"][0]["metrics"][2]["histogram"]["dataPoints"][0]["count"]
        == 0
    )


def test_what_does_not_decode_is_said() -> None:
    with pytest.raises(Undecodable, match="ExportTraceServiceRequest"):
        check_protobuf(Kind.TRACES, b"\xff\xff", Moments())
    with pytest.raises(Undecodable, match="ExportLogsServiceRequest"):
        batch_of_protobuf(Kind.LOGS, b"\xff\xff", always, ())
