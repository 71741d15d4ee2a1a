from __future__ import annotations

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.connectors.files import FilesSource
from andon.connectors.received.frames import Form, Frame, Kind
from andon.connectors.received.reading import ReceivedStore
from andon.connectors.received.requests import check
from andon.connectors.received.retention import Retention
from andon.connectors.received.segments import listing
from andon.connectors.received.writing import SegmentWriter
from andon.errors import SourceError
from andon.telemetry import Status, Window
from unit.connectors.received.otlp_requests import BEGAN, as_json, frame, logs, metrics, traces

ALL = Window(0.0, 4e9)
FORMS = pytest.mark.parametrize("form", [Form.PROTOBUF, Form.JSON])
REQUESTS: dict[Kind, list[Any]] = {
    Kind.LOGS: [logs([3, 1]), logs([2, 60], "payments")],
    Kind.TRACES: [traces([3, 1, 2]), traces([2.5], "payments")],
    Kind.METRICS: [metrics([0, 60, 120]), metrics([180, 240]), metrics([0, 60], "payments")],
}


def filled(folder: Path, frames: Sequence[Frame]) -> ReceivedStore:
    writer = SegmentWriter(folder, Retention(seconds=1e12))
    writer.append(frames)
    writer.close()
    return ReceivedStore.open(folder)


def change(identity: str, moment: float, actor: str = "") -> Frame:
    told = {
        "id": identity,
        "time": BEGAN + moment,
        "kind": "deploy",
        "action": "rollout",
        "target": "orders",
        "actor": actor,
    }
    found = check(Kind.CHANGES, Form.JSON, json.dumps(told).encode(), gzip=False, received=1.0).frame
    assert found is not None
    return found


@FORMS
def test_the_same_telemetry_comes_out_as_of_a_file(tmp_path: Path, form: Form) -> None:
    (tmp_path / "bundle").mkdir()
    for kind, requests in REQUESTS.items():
        lines = [json.dumps(as_json(request)) for request in requests]
        (tmp_path / "bundle" / f"{kind.name.lower()}.otlp.jsonl").write_text("\n".join(lines))
    file = FilesSource.open(tmp_path / "bundle")
    store = filled(
        tmp_path / "store",
        [frame(kind, request, form) for kind, requests in REQUESTS.items() for request in requests],
    )
    assert list(store.logs(ALL).value) == list(file.logs(ALL).value)
    assert list(store.spans(ALL).value) == list(file.spans(ALL).value)
    ours, theirs = ({series.key: series for series in source.metrics(ALL).value} for source in (store, file))
    assert ours.keys() == theirs.keys() and len(ours) > 20
    for key, series in ours.items():
        assert series.unit == theirs[key].unit
        np.testing.assert_array_equal(series.times, theirs[key].times)
        np.testing.assert_array_equal(series.values, theirs[key].values)
    assert store.extent() == Window(BEGAN, float(np.nextafter(BEGAN + 240, np.inf)))
    assert {store.logs(ALL).status, store.spans(ALL).status, store.metrics(ALL).status} == {Status.OK}


@FORMS
def test_windows_and_services_narrow(tmp_path: Path, form: Form) -> None:
    store = filled(
        tmp_path, [frame(kind, request, form) for kind, requests in REQUESTS.items() for request in requests]
    )
    window = Window(BEGAN + 2, BEGAN + 60)
    assert list(store.logs(window).value.bodies) == ["at 2", "at 3"]
    assert list(store.logs(window, ("payments",)).value.bodies) == ["at 2"]
    assert list(store.spans(window, ("orders",)).value.starts) == [BEGAN + 2, BEGAN + 3]
    series = store.metrics(Window(BEGAN + 60, BEGAN + 61), ("orders",))
    assert {one.service for one in series.value} == {"orders"}
    (total,) = (one for one in series.value if one.name == "sum")
    assert total.values.tolist() == [30.0]
    assert store.logs(Window(BEGAN + 100, BEGAN + 200)).status is Status.EMPTY


def test_changes_come_in_order_and_once(tmp_path: Path) -> None:
    store = filled(tmp_path, [change("b", 5), change("a", 3), change("b", 5, "again"), change("c", 99)])
    result = store.changes(Window(BEGAN, BEGAN + 50))
    assert [(event.id, event.actor) for event in result.value] == [("a", ""), ("b", "again")]
    assert result.count == 2 and result.status is Status.OK


def test_what_is_written_meanwhile_is_seen(tmp_path: Path) -> None:
    writer = SegmentWriter(tmp_path, Retention(seconds=1e12))
    store = ReceivedStore.open(tmp_path)
    assert store.logs(ALL).status is Status.EMPTY and store.extent() is None and store.arrivals() is None
    for count in range(1, 4):
        writer.append([frame(Kind.LOGS, logs([count]), received=float(count))])
        assert store.logs(ALL).count == count
    assert store.arrivals() == Window(1.0, 3.0)
    whole = listing(tmp_path)[0].path
    half = frame(Kind.LOGS, logs([9]))
    with whole.open("ab") as file:
        file.write((half.head() + half.packed)[:-3])
    assert store.logs(ALL).count == 3 and store.logs(ALL).status is Status.OK
    writer.close()


def test_damaged_requests_are_counted_and_the_others_read(tmp_path: Path) -> None:
    filled(tmp_path, [frame(Kind.LOGS, logs([i])) for i in range(3)])
    path = listing(tmp_path)[0].path
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 0xFF
    path.write_bytes(data)
    result = ReceivedStore.open(tmp_path).logs(ALL)
    assert result.count == 2
    assert result.status is Status.PARTIAL and result.problems[0].place == path.name


def test_a_folder_that_is_not_there_is_said(tmp_path: Path) -> None:
    with pytest.raises(SourceError, match="No such file"):
        ReceivedStore.open(tmp_path / "nowhere")


@settings(deadline=None, max_examples=60)
@given(st.data())
def test_no_bytes_in_a_segment_break_the_reader(
    tmp_path_factory: pytest.TempPathFactory, data: st.DataObject
) -> None:
    folder = tmp_path_factory.mktemp("store")
    frames = [frame(kind, request) for kind, requests in REQUESTS.items() for request in requests]
    whole = bytearray(b"".join(one.head() + one.packed for one in frames))
    for _ in range(data.draw(st.integers(0, 5))):
        at = data.draw(st.integers(0, len(whole) - 1))
        whole[at : at + data.draw(st.integers(0, 3))] = data.draw(st.binary(max_size=4))
    (folder / f"{1:012d}.otlp").write_bytes(whole)
    store = ReceivedStore.open(folder)
    for result in (store.logs(ALL), store.spans(ALL), store.metrics(ALL), store.changes(ALL)):
        assert result.status in (Status.OK, Status.PARTIAL, Status.EMPTY)


JSON = st.recursive(
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**63 - 1)
    | st.floats(allow_nan=False)
    | st.text(st.characters(exclude_categories=["Cs"])),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(st.characters(exclude_categories=["Cs"]), max_size=8), inner, max_size=3)
    ),
    max_leaves=8,
)
LEAVES = ("timeUnixNano", "startTimeUnixNano", "endTimeUnixNano", "body", "attributes", "traceId", "severityNumber", "kind", "status",
          "events", "name", "unit", "gauge", "sum", "histogram", "summary", "dataPoints", "asInt", "count", "flags", "quantileValues")  # fmt: skip


@settings(deadline=None, max_examples=150)
@given(st.sampled_from([Kind.LOGS, Kind.TRACES, Kind.METRICS]), st.data())
def test_what_was_acknowledged_can_be_read_whatever_it_holds(
    tmp_path_factory: pytest.TempPathFactory, kind: Kind, data: st.DataObject
) -> None:
    told = as_json(REQUESTS[kind][0])
    for _ in range(data.draw(st.integers(1, 3))):
        _scramble(told, data)
    from andon.connectors.received.undecodable import Undecodable

    try:
        found = check(kind, Form.JSON, json.dumps(told).encode(), gzip=False, received=1.0)
    except Undecodable:
        return
    if found.frame is None:
        return
    store = filled(tmp_path_factory.mktemp("store"), [found.frame, frame(kind, REQUESTS[kind][1])])
    result = {Kind.LOGS: store.logs, Kind.TRACES: store.spans, Kind.METRICS: store.metrics}[kind](ALL)
    assert result.count > 0


def _scramble(value: Any, data: st.DataObject) -> None:
    """Puts anything in some place of it."""
    while True:
        if isinstance(value, dict) and value:
            key = data.draw(st.sampled_from(sorted(value) + list(LEAVES)))
            if isinstance(value.get(key), dict | list) and data.draw(st.integers(0, 9)):
                value = value[key]
                continue
            value[key] = data.draw(JSON)
        elif isinstance(value, list) and value:
            at = data.draw(st.integers(0, len(value) - 1))
            if isinstance(value[at], dict | list) and data.draw(st.integers(0, 9)):
                value = value[at]
                continue
            value[at] = data.draw(JSON)
        return
