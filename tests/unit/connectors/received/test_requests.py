from __future__ import annotations

import gzip
import json
from contextlib import suppress
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.connectors.received.frames import Form, Kind, Overlong, unpack
from andon.connectors.received.requests import MOST_UNPACKED, Checked, check
from andon.connectors.received.undecodable import Undecodable
from unit.connectors.received.otlp_requests import BEGAN, as_json, logs, metrics, traces

MAKERS = {Kind.LOGS: logs, Kind.TRACES: traces, Kind.METRICS: metrics}
BOTH = pytest.mark.parametrize("form", [Form.PROTOBUF, Form.JSON])


def body_of(request: Any, form: Form) -> bytes:
    return request.SerializeToString() if form is Form.PROTOBUF else json.dumps(as_json(request)).encode()


def checked(kind: Kind, form: Form, body: bytes, packed: bool = False) -> Checked:
    return check(kind, form, body, gzip=packed, received=9.0)


@BOTH
@pytest.mark.parametrize(("kind", "items"), [(Kind.LOGS, 2), (Kind.TRACES, 2), (Kind.METRICS, 10)])
def test_a_request_is_kept_as_it_came(kind: Kind, items: int, form: Form) -> None:
    body = body_of(MAKERS[kind]([3, 8]), form)
    found = checked(kind, form, body)
    assert (found.items, found.refused, found.why) == (items, 0, "")
    assert found.frame is not None
    header = found.frame.header
    assert (header.kind, header.form, header.items, header.received) == (kind, form, items, 9.0)
    assert (header.first, header.last) == (BEGAN + 3, BEGAN + 8)
    assert unpack(found.frame.packed, header.unpacked) == body


@BOTH
def test_gzip_is_not_packed_again(form: Form) -> None:
    packed = gzip.compress(body_of(logs([1]), form), 9)
    found = checked(Kind.LOGS, form, packed, packed=True)
    assert found.frame is not None and found.frame.packed == packed


@BOTH
@pytest.mark.parametrize("kind", [Kind.LOGS, Kind.TRACES, Kind.METRICS])
def test_items_that_do_not_say_when_are_refused_alone(kind: Kind, form: Form) -> None:
    request = MAKERS[kind]([1, 2, 3])
    if kind is Kind.LOGS:
        request.resource_logs[0].scope_logs[0].log_records[1].time_unix_nano = 0
    elif kind is Kind.TRACES:
        request.resource_spans[0].scope_spans[0].spans[1].end_time_unix_nano = 0
    else:
        request.resource_metrics[0].scope_metrics[0].metrics[0].gauge.data_points[1].time_unix_nano = 0
    found = checked(kind, form, body_of(request, form), packed=False)
    assert found.refused == 1 and "Nano" in found.why
    assert found.frame is not None
    again = checked(kind, form, unpack(found.frame.packed, MOST_UNPACKED))
    assert again.refused == 0 and again.items == found.items == found.frame.header.items


@BOTH
def test_a_record_may_say_only_when_it_was_observed(form: Form) -> None:
    request = logs([1])
    record = request.resource_logs[0].scope_logs[0].log_records[0]
    record.time_unix_nano, record.observed_time_unix_nano = 0, record.time_unix_nano
    assert checked(Kind.LOGS, form, body_of(request, form)).items == 1


def test_an_empty_request_is_fine_and_leaves_no_frame() -> None:
    for form, body in ((Form.PROTOBUF, b""), (Form.JSON, b"{}"), (Form.JSON, b'{"resourceLogs":[]}')):
        assert checked(Kind.LOGS, form, body) == Checked(None, 0)


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"{",
        b"[]",
        b"3",
        b'{"resourceLogs":3}',
        b'{"resourceLogs":[3]}',
        b'{"resourceLogs":[{"scopeLogs":{}}]}',
        b'{"a":"\xff"}',
    ],
)
def test_json_of_another_shape_is_undecodable(body: bytes) -> None:
    with pytest.raises(Undecodable):
        checked(Kind.LOGS, Form.JSON, body)


def test_names_in_snake_case_and_of_old_writers_are_known() -> None:
    old = {
        "resource_spans": [
            {
                "instrumentationLibrarySpans": [
                    {"spans": [{"start_time_unix_nano": 10**18, "end_time_unix_nano": 10**18}]}
                ]
            }
        ]
    }
    assert checked(Kind.TRACES, Form.JSON, json.dumps(old).encode()).items == 1


def test_a_bomb_is_overlong() -> None:
    with pytest.raises(Overlong):
        checked(Kind.LOGS, Form.PROTOBUF, gzip.compress(b"\0" * (MOST_UNPACKED + 1)), packed=True)
    with pytest.raises(Overlong):
        checked(Kind.LOGS, Form.PROTOBUF, b"\0" * (MOST_UNPACKED + 1))


@settings(deadline=None)
@given(st.sampled_from(list(Kind)), st.sampled_from(list(Form)), st.binary(max_size=200), st.booleans())
def test_anything_is_taken_or_undecodable(kind: Kind, form: Form, body: bytes, packed: bool) -> None:
    try:
        found = checked(kind, form, gzip.compress(body) if packed else body, packed)
    except Undecodable:
        return
    assert (found.frame is None) == (found.items == 0)


@settings(deadline=None)
@given(st.sampled_from([Kind.LOGS, Kind.TRACES, Kind.METRICS]), st.sampled_from(list(Form)), st.data())
def test_damaged_requests_are_taken_or_undecodable(kind: Kind, form: Form, data: st.DataObject) -> None:
    body = bytearray(body_of(MAKERS[kind]([1, 2]), form))
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    del body[data.draw(st.integers(len(body) // 2, len(body))) :]
    with suppress(Undecodable):
        checked(kind, form, bytes(body))
