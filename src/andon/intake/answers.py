"""What senders over HTTP are told, in the form of their request."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import orjson

from andon.connectors.received import Checked, Form, Kind
from andon.connectors.received.libraries import response_class
from andon.intake.refusals import RETRY_SECONDS, Reason, Refusal, status_message

__all__ = ["JSON", "PROTOBUF", "REJECTED", "Answer", "accepted", "refused", "response_message"]

JSON, PROTOBUF = "application/json", "application/x-protobuf"
REJECTED = {
    Kind.METRICS: "rejected_data_points",
    Kind.LOGS: "rejected_log_records",
    Kind.TRACES: "rejected_spans",
}
"""The field of a partial success that counts what was refused."""
_REJECTED_JSON = {
    Kind.METRICS: "rejectedDataPoints",
    Kind.LOGS: "rejectedLogRecords",
    Kind.TRACES: "rejectedSpans",
}


@dataclass(frozen=True, slots=True)
class Answer:
    """An HTTP answer."""

    status: int
    body: bytes
    content_type: str
    more: tuple[tuple[str, str], ...] = ()

    def headers(self) -> Iterator[tuple[str, str]]:
        yield "content-type", self.content_type
        yield "content-length", str(len(self.body))
        yield from self.more

    def closing(self) -> Answer:
        """The same, with which the connection ends."""
        return replace(self, more=(*self.more, ("connection", "close")))


def accepted(kind: Kind, form: Form, found: Checked) -> Answer:
    """That the request is in the file, and what of it was refused."""
    if kind is Kind.CHANGES:
        return Answer(200, orjson.dumps({"accepted": found.items}), JSON)
    if form is Form.PROTOBUF:
        return Answer(200, response_message(kind, found), PROTOBUF)
    told: dict[str, Any] = {}
    if found.refused:
        told = {"partialSuccess": {_REJECTED_JSON[kind]: str(found.refused), "errorMessage": found.why}}
    return Answer(200, orjson.dumps(told), JSON)


def response_message(kind: Kind, found: Checked) -> bytes:
    """The answer of the OTLP service of this kind, in the binary form."""
    if not found.refused:
        return b""
    response = response_class(kind)()
    setattr(response.partial_success, REJECTED[kind], found.refused)
    response.partial_success.error_message = found.why
    message: bytes = response.SerializeToString()
    return message


def refused(refusal: Refusal, form: Form) -> Answer:
    """Why the request was not taken, and when to send it again where that helps."""
    reason = refusal.reason
    more: tuple[tuple[str, str], ...] = ()
    if reason.passing:
        more = (("retry-after", str(RETRY_SECONDS)),)
    elif reason is Reason.UNAUTHENTICATED:
        more = (("www-authenticate", "Bearer"),)
    elif reason is Reason.WRONG_METHOD:
        more = (("allow", "POST"),)
    elif reason is Reason.WRONG_FORM:
        more = (("accept-encoding", "gzip"),)
    if form is Form.PROTOBUF:
        return Answer(reason.http, status_message(refusal), PROTOBUF, more)
    return Answer(reason.http, orjson.dumps({"code": reason.code, "message": refusal.message}), JSON, more)
