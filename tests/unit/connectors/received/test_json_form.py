from __future__ import annotations

import json

import pytest

from andon.connectors.received.frames import Kind
from andon.connectors.received.json_form import batch_of_json, check_json
from andon.connectors.received.moments import Moments
from andon.connectors.received.undecodable import Undecodable
from unit.connectors.received.otlp_requests import BEGAN, as_json, logs, metrics, traces


@pytest.mark.parametrize(
    ("kind", "make"), [(Kind.LOGS, logs), (Kind.TRACES, traces), (Kind.METRICS, metrics)]
)
def test_all_of_it_is_all_of_it(kind: Kind, make: object) -> None:
    told = as_json(make([1, 2]))  # type: ignore[operator]
    assert batch_of_json(kind, json.dumps(told).encode(), lambda _: True, ()) == told


def test_only_what_is_wanted_is_kept() -> None:
    both = {
        "resourceLogs": as_json(logs([1, 2, 3]))["resourceLogs"]
        + as_json(logs([2], "payments"))["resourceLogs"]
    }
    batch = batch_of_json(
        Kind.LOGS, json.dumps(both).encode(), lambda moment: moment >= BEGAN + 2, ("orders",)
    )
    (resource,) = batch["resourceLogs"]
    assert [record["body"]["stringValue"] for record in resource["scopeLogs"][0]["logRecords"]] == [
        "at 2",
        "at 3",
    ]
    late = as_json(metrics([1, 5]))
    assert batch_of_json(Kind.METRICS, json.dumps(late).encode(), lambda moment: moment > BEGAN + 9, ()) == {
        "resourceMetrics": []
    }


def test_items_that_are_no_objects_are_refused() -> None:
    told = as_json(logs([1]))
    told["resourceLogs"][0]["scopeLogs"][0]["logRecords"] += [3, None, {}, {"timeUnixNano": "soon"}]
    moments = Moments()
    kept = check_json(Kind.LOGS, json.dumps(told).encode(), moments)
    assert (moments.items, moments.refused) == (1, 4)
    assert json.loads(kept) == as_json(logs([1]))


def test_metrics_that_are_no_objects_are_undecodable() -> None:
    with pytest.raises(Undecodable, match="metrics"):
        check_json(Kind.METRICS, b'{"resourceMetrics":[{"scopeMetrics":[{"metrics":[3]}]}]}', Moments())
