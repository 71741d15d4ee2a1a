"""What is looked at before a request is acknowledged, and the frame it becomes.

A request is kept as it came. It has to decode, and its items have to say when they were: a log record
without a time, a span without a start and an end, and a data point without a time are refused, and what
is left is kept. Everything else is the reader's business.
"""

from __future__ import annotations

import zlib
from dataclasses import dataclass

from andon.connectors.received.changes import check_changes
from andon.connectors.received.frames import Form, Frame, Kind, Overlong, pack, unpack
from andon.connectors.received.json_form import check_json
from andon.connectors.received.moments import Moments
from andon.connectors.received.protobuf import check_protobuf
from andon.connectors.received.undecodable import Undecodable

__all__ = ["MOST_UNPACKED", "Checked", "check"]

MOST_UNPACKED = 16 << 20
"""Bytes that a request may unpack to: one is taken apart at a time, and takes several times as much then."""
_REFUSED = {
    Kind.LOGS: "log records without timeUnixNano and observedTimeUnixNano were refused",
    Kind.TRACES: "spans without startTimeUnixNano or endTimeUnixNano were refused",
    Kind.METRICS: "data points without timeUnixNano were refused",
}


@dataclass(frozen=True, slots=True)
class Checked:
    """A request that can be acknowledged: its frame (None: nothing in it), items taken and refused, and why."""

    frame: Frame | None
    items: int
    refused: int = 0
    why: str = ""


def check(kind: Kind, form: Form, body: bytes, *, gzip: bool, received: float) -> Checked:
    """What becomes of a request that arrived at `received` (Unix seconds).

    Raises Undecodable, Overlong when it unpacks to more than MOST_UNPACKED, and MissingExtra.
    """
    try:
        plain = unpack(body, MOST_UNPACKED) if gzip else body
    except zlib.error:
        raise Undecodable("the gzip is damaged") from None
    if len(plain) > MOST_UNPACKED:
        raise Overlong
    moments = Moments()
    if kind is Kind.CHANGES:
        kept = check_changes(plain, received, moments)
    elif form is Form.PROTOBUF:
        kept = check_protobuf(kind, plain, moments)
    else:
        kept = check_json(kind, plain, moments)
    why = _REFUSED[kind] if moments.refused else ""
    if not moments.items:
        return Checked(None, 0, moments.refused, why)
    frame = Frame.of(
        kind,
        form,
        body if gzip and kept is plain else pack(kept),
        unpacked=len(kept),
        items=moments.items,
        moments=(moments.first, moments.last),
        received=received,
    )
    return Checked(frame, moments.items, moments.refused, why)
