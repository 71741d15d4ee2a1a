from __future__ import annotations

import asyncio
import gzip
import json
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from andon.connectors.received import MOST_UNPACKED, ReceivedStore
from andon.intake.access import Access
from andon.intake.http import HttpIntake
from andon.intake.pressure import Pressure
from andon.intake.recorder import Recorder
from andon.telemetry import Window
from unit.connectors.received.otlp_requests import as_json, logs, metrics, traces

ALL = Window(0.0, 4e9)
PROTOBUF, JSON = "application/x-protobuf", "application/json"


@pytest.fixture
def intake(recorder: Recorder) -> HttpIntake:
    return HttpIntake(recorder, Pressure(64 << 20, 100), Access())


class Got:
    """An answer as the server hands it on."""

    def __init__(self, sent: list[dict[str, Any]]) -> None:
        self.status: int = sent[0]["status"]
        self.headers = {name.decode(): value.decode() for name, value in sent[0]["headers"]}
        self.body: bytes = sent[1]["body"]
        assert int(self.headers["content-length"]) == len(self.body)


async def ask(
    intake: HttpIntake, path: str, parts: Iterable[bytes | None], method: str = "POST", **headers: str
) -> Got:
    """One request; a part that is None is a connection that was closed."""
    events = [
        {"type": "http.request", "body": part, "more_body": True}
        if part is not None
        else {"type": "http.disconnect"}
        for part in parts
    ]
    if events and events[-1]["type"] == "http.request":
        events[-1]["more_body"] = False
    waiting, sent = iter(events), []

    async def receive() -> dict[str, Any]:
        try:
            return next(waiting)
        except StopIteration:
            await asyncio.sleep(60)
            raise

    async def send(message: dict[str, Any]) -> None:
        sent.append(message)

    named = [(name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()]
    await intake({"type": "http", "path": path, "method": method, "headers": named}, receive, send)
    return Got(sent)


def post(intake: HttpIntake, path: str, body: bytes, content_type: str = PROTOBUF, **headers: str) -> Got:
    return asyncio.run(ask(intake, path, [body], content_type=content_type, **headers))


def test_every_signal_in_either_form_packed_or_not(intake: HttpIntake, tmp_path: Path) -> None:
    for path, make in (("/v1/logs", logs), ("/v1/traces", traces), ("/v1/metrics", metrics)):
        for moment, pack in ((1, False), (2, True)):
            for content_type, body in (
                (PROTOBUF, make([moment]).SerializeToString()),
                ("application/json; charset=utf-8", json.dumps(as_json(make([moment + 2]))).encode()),
            ):
                extra = {"content_encoding": "gzip"} if pack else {}
                answer = post(intake, path, gzip.compress(body) if pack else body, content_type, **extra)
                assert answer.status == 200, answer.body
                assert answer.headers["content-type"] == content_type.partition(";")[0]
    store = ReceivedStore.open(tmp_path / "received")
    assert (store.logs(ALL).count, store.spans(ALL).count) == (4, 4) and store.metrics(ALL).count > 20


def test_changes_come_by_the_webhook(intake: HttpIntake, tmp_path: Path) -> None:
    told = {"kind": "deploy", "action": "rollout", "target": "orders", "actor": "ci"}
    assert json.loads(post(intake, "/v1/changes", json.dumps([told]).encode(), JSON).body) == {"accepted": 1}
    assert post(intake, "/v1/changes", b"{}", PROTOBUF).status == 415
    answer = post(intake, "/v1/changes", b'{"kind":"deploy"}', JSON)
    assert answer.status == 400 and json.loads(answer.body)["message"].startswith("action: Field required")
    (event,) = ReceivedStore.open(tmp_path / "received").changes(ALL).value
    assert (event.target, event.actor) == ("orders", "ci")


@pytest.mark.parametrize(
    ("path", "method", "headers", "status"),
    [
        ("/v1/profiles", "POST", {"content_type": PROTOBUF}, 404),
        ("/", "GET", {}, 404),
        ("/v1/logs", "GET", {}, 405),
        ("/v1/logs", "PUT", {"content_type": PROTOBUF}, 405),
        ("/health", "POST", {}, 405),
        ("/v1/logs", "POST", {}, 415),
        ("/v1/logs", "POST", {"content_type": "text/plain"}, 415),
        ("/v1/logs", "POST", {"content_type": PROTOBUF, "content_encoding": "zstd"}, 415),
        ("/v1/logs", "POST", {"content_type": PROTOBUF, "content_length": str(MOST_UNPACKED + 1)}, 413),
        ("/v1/logs", "POST", {"content_type": PROTOBUF}, 400),
        ("/v1/logs", "POST", {"content_type": PROTOBUF, "content_encoding": "gzip"}, 400),
        ("/health", "GET", {}, 200),
    ],
)
def test_what_is_wrong_is_answered_so(
    intake: HttpIntake, path: str, method: str, headers: dict[str, str], status: int
) -> None:
    answer = asyncio.run(ask(intake, path, [b"\xff\xff"], method, **headers))
    assert answer.status == status
    if headers.get("content_type") != PROTOBUF and status != 200:
        assert json.loads(answer.body)["code"] > 0


def test_the_token_is_asked_for_everywhere_but_for_health(intake: HttpIntake) -> None:
    guarded = replace(intake, access=Access("s3cr3t"))
    for path in ("/v1/logs", "/v1/changes"):
        answer = post(guarded, path, b"", PROTOBUF)
        assert answer.status == 401 and answer.headers["www-authenticate"] == "Bearer"
    assert post(guarded, "/v1/logs", b"", PROTOBUF, authorization="Bearer s3cr3t").status == 200
    assert asyncio.run(ask(guarded, "/health", [b""], "GET")).status == 200


def test_too_much_in_parts_without_a_length_is_too_large(intake: HttpIntake) -> None:
    parts = [b"x" * (1 << 20)] * 17
    answer = asyncio.run(ask(intake, "/v1/logs", parts, content_type=PROTOBUF))
    assert answer.status == 413 and "connection" not in answer.headers
    assert intake.pressure.bytes == 0


def test_an_endless_body_ends_the_connection(intake: HttpIntake) -> None:
    parts = [b"x" * (1 << 20)] * 70
    answer = asyncio.run(ask(intake, "/v1/logs", parts, content_type=PROTOBUF))
    assert answer.status == 413 and answer.headers["connection"] == "close"


def test_overload_is_said_and_passes(intake: HttpIntake, writer: Any, tmp_path: Path) -> None:
    bodies = [logs([moment]).SerializeToString() for moment in range(40)]
    narrow = replace(intake, pressure=Pressure(10 * len(bodies[0]) + 50, 100))

    async def storm() -> list[Got]:
        writer.going.clear()
        asking = [
            asyncio.create_task(ask(narrow, "/v1/logs", [body], content_type=PROTOBUF)) for body in bodies
        ]
        await asyncio.sleep(0.2)
        writer.going.set()
        return await asyncio.gather(*asking)

    answers = asyncio.run(storm())
    taken = [answer for answer in answers if answer.status == 200]
    refused = [answer for answer in answers if answer.status == 429]
    assert len(taken) == 10 and len(refused) == 30
    assert all(answer.headers["retry-after"] == "1" for answer in refused)
    assert ReceivedStore.open(tmp_path / "received").logs(ALL).count == 10
    assert post(narrow, "/v1/logs", bodies[39]).status == 200 and narrow.pressure.bytes == 0


def test_a_disk_that_takes_nothing_is_unavailable(intake: HttpIntake, writer: Any) -> None:
    writer.full = True
    answer = post(intake, "/v1/logs", logs([1]).SerializeToString())
    assert answer.status == 503 and answer.headers["retry-after"] == "1"
    health = asyncio.run(ask(intake, "/health", [b""], "GET"))
    assert health.status == 503 and b"full" not in health.body


def test_slow_senders_hold_nothing_for_long(intake: HttpIntake, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("andon.intake.http._DRAIN_SECONDS", 0.05)
    slow = replace(intake, body_seconds=0.05)

    async def never() -> Got:
        events = iter([{"type": "http.request", "body": b"half", "more_body": True}])
        sent: list[dict[str, Any]] = []

        async def receive() -> dict[str, Any]:
            with suppress(StopIteration):
                return next(events)
            await asyncio.sleep(60)
            raise AssertionError

        async def send(message: dict[str, Any]) -> None:
            sent.append(message)

        scope = {
            "type": "http",
            "path": "/v1/logs",
            "method": "POST",
            "headers": [(b"content-type", JSON.encode())],
        }
        await slow(scope, receive, send)
        return Got(sent)

    answer = asyncio.run(never())
    assert answer.status == 408 and answer.headers["connection"] == "close" and slow.pressure.bytes == 0


def test_a_connection_that_is_closed_holds_nothing(intake: HttpIntake) -> None:
    asyncio.run(ask(intake, "/v1/logs", [b"half", None], content_type=PROTOBUF))
    assert intake.pressure.bytes == 0


@settings(deadline=None, max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    st.sampled_from(["/v1/logs", "/v1/traces", "/v1/metrics", "/v1/changes"]),
    st.sampled_from([PROTOBUF, JSON]),
    st.booleans(),
    st.data(),
)
def test_no_body_breaks_the_server(
    intake: HttpIntake, path: str, content_type: str, packed: bool, data: st.DataObject
) -> None:
    make = data.draw(st.sampled_from([logs, traces, metrics]))
    whole = (
        make([1]).SerializeToString() if content_type == PROTOBUF else json.dumps(as_json(make([1]))).encode()
    )
    body = bytearray(data.draw(st.binary(max_size=64)) if data.draw(st.booleans()) else whole)
    if packed:
        body = bytearray(gzip.compress(body))
    for _ in range(data.draw(st.integers(0, 3)) if body else 0):
        body[data.draw(st.integers(0, len(body) - 1))] ^= 1 << data.draw(st.integers(0, 7))
    cut = body[: data.draw(st.integers(0, len(body)))]
    extra = {"content_encoding": "gzip"} if packed else {}
    answer = post(intake, path, bytes(cut), content_type, **extra)
    assert answer.status in (200, 400, 415)
    assert post(intake, "/v1/logs", logs([2]).SerializeToString()).status == 200
