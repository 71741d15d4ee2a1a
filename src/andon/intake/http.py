"""OTLP over HTTP, and the webhook for changes, as an ASGI application.

`POST /v1/traces`, `/v1/metrics`, `/v1/logs` take protobuf and JSON, `POST /v1/changes` JSON; each may be
gzip. `GET /health` answers without a token. Source: the OTLP specification 1.x, OTLP/HTTP.
"""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from typing import Any

import orjson

from andon.connectors.received import MOST_UNPACKED, Checked, Form, Kind
from andon.intake.access import Access
from andon.intake.answers import JSON, PROTOBUF, Answer, accepted, refused
from andon.intake.pressure import Hold, Pressure
from andon.intake.recorder import Recorder
from andon.intake.refusals import Reason, Refusal

__all__ = ["HttpIntake"]

Scope = Mapping[str, Any]
Receive = Callable[[], Awaitable[Mapping[str, Any]]]
Send = Callable[[dict[str, Any]], Awaitable[None]]

KINDS = {
    "/v1/metrics": Kind.METRICS,
    "/v1/logs": Kind.LOGS,
    "/v1/traces": Kind.TRACES,
    "/v1/changes": Kind.CHANGES,
}
FORMS = {PROTOBUF: Form.PROTOBUF, JSON: Form.JSON}
MOST_BYTES = MOST_UNPACKED
_MOST_DRAINED = 64 << 20
_DRAIN_SECONDS = 5.0
BODY_SECONDS = 30.0
"""A body that takes longer to arrive is given up, so that slow senders hold no room for long."""


@dataclass(frozen=True, slots=True)
class HttpIntake:
    """Every HTTP request to the receiver."""

    recorder: Recorder
    pressure: Pressure
    access: Access
    body_seconds: float = BODY_SECONDS

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        body = _Body(receive)
        headers = {name.decode("latin-1"): value.decode("latin-1") for name, value in scope["headers"]}
        form = FORMS.get(headers.get("content-type", "").partition(";")[0].strip().lower())
        try:
            answer = await self._answer(scope, headers, form, body)
        except Refusal as refusal:
            answer = refused(refusal, form or Form.JSON)
        if not await body.drained():
            answer = answer.closing()
        await _send(answer, send)

    async def _answer(
        self, scope: Scope, headers: Mapping[str, str], form: Form | None, body: _Body
    ) -> Answer:
        if scope["path"] == "/health":
            return _health(self.recorder.trouble, scope["method"])
        kind = KINDS.get(scope["path"])
        if kind is None:
            raise Refusal(Reason.NOT_FOUND, f"there are {', '.join(KINDS)} and /health")
        if scope["method"] != "POST":
            raise Refusal(Reason.WRONG_METHOD, "only POST")
        if not self.access.admits(headers.get("authorization", "")):
            raise Refusal(Reason.UNAUTHENTICATED, "authorization: Bearer, and the token, is missing or wrong")
        if form is None or (kind is Kind.CHANGES and form is not Form.JSON):
            offered = JSON if kind is Kind.CHANGES else f"{PROTOBUF} or {JSON}"
            raise Refusal(Reason.WRONG_FORM, f"content-type has to be {offered}")
        gzip = _is_gzip(headers.get("content-encoding", ""))
        declared = headers.get("content-length", "0")
        if declared.isdecimal() and int(declared) > MOST_BYTES:
            raise Refusal(Reason.TOO_LARGE, f"more than {MOST_BYTES >> 20} MiB; send smaller batches")
        with self.pressure.hold() as hold:
            plain = await self._whole(body, hold)
            found: Checked = await asyncio.wrap_future(self.recorder.submit(kind, form, plain, gzip=gzip))
        return accepted(kind, form, found)

    async def _whole(self, body: _Body, hold: Hold) -> bytes:
        try:
            async with asyncio.timeout(self.body_seconds):
                return await body.whole(hold)
        except TimeoutError:
            raise Refusal(Reason.SLOW, "the body did not arrive in time") from None


class _Body:
    """The body of a request, part by part."""

    def __init__(self, receive: Receive) -> None:
        self._receive = receive
        self._more = True
        self._seen = 0

    async def whole(self, hold: Hold) -> bytes:
        """All of it, as long as there is room. Raises Refusal."""
        parts = []
        while self._more:
            part = await self._part()
            if self._seen > MOST_BYTES:
                raise Refusal(Reason.TOO_LARGE, f"more than {MOST_BYTES >> 20} MiB; send smaller batches")
            hold.take(len(part))
            parts.append(part)
        return b"".join(parts)

    async def drained(self) -> bool:
        """Whether the rest came and was thrown away: only then can the connection go on, and is the answer sure to be read."""
        try:
            async with asyncio.timeout(_DRAIN_SECONDS):
                while self._more and self._seen <= _MOST_DRAINED:
                    await self._part()
        except (TimeoutError, Refusal):
            return False
        return not self._more

    async def _part(self) -> bytes:
        message = await self._receive()
        if message["type"] == "http.disconnect":
            self._more = False
            raise Refusal(Reason.MALFORMED, "the connection was closed before the body was whole")
        part: bytes = message.get("body", b"")
        self._more = message.get("more_body", False)
        self._seen += len(part)
        return part


def _is_gzip(encoding: str) -> bool:
    name = encoding.strip().lower()
    if name not in ("", "identity", "gzip"):
        raise Refusal(Reason.WRONG_FORM, "content-encoding has to be gzip, or none")
    return name == "gzip"


def _health(trouble: str, method: str) -> Answer:
    if method not in ("GET", "HEAD"):
        raise Refusal(Reason.WRONG_METHOD, "only GET")
    told = (
        {"status": "failing", "why": "the last requests could not be written"}
        if trouble
        else {"status": "ok"}
    )
    return Answer(503 if trouble else 200, orjson.dumps(told), JSON)


async def _send(answer: Answer, send: Send) -> None:
    headers = [(name.encode(), value.encode()) for name, value in answer.headers()]
    await send({"type": "http.response.start", "status": answer.status, "headers": headers})
    await send({"type": "http.response.body", "body": answer.body})
