"""Errors of AWS in words, with the hint that helps."""

from __future__ import annotations

from typing import Any

import pytest

from andon.connectors.aws.faults import refused, throttled
from andon.telemetry import Status


def error(code: str, status: int = 400) -> dict[str, Any]:
    return {
        "Error": {"Code": code, "Message": "as it is"},
        "ResponseMetadata": {"HTTPStatusCode": status},
    }


@pytest.mark.parametrize(
    "code", ["ThrottlingException", "TooManyRequestsException", "LimitExceededException"]
)
def test_throttling_asks_to_come_again(code: str):
    assert throttled(error(code))
    assert refused(error(code), "logs:StartQuery", "role r").status is Status.FAILED


@pytest.mark.parametrize(
    ("code", "status", "expected", "hint"),
    [
        ("AccessDeniedException", 400, Status.DENIED, "add xray:BatchGetTraces to role r in 1"),
        ("AccessDenied", 403, Status.DENIED, "add xray:BatchGetTraces to role r in 1"),
        ("Whatever", 403, Status.DENIED, "add xray:BatchGetTraces to role r in 1"),
        ("UnrecognizedClientException", 400, Status.DENIED, "check the credentials"),
        ("ExpiredTokenException", 400, Status.DENIED, "renew the credentials"),
        ("RequestTimeTooSkewed", 403, Status.DENIED, "set the clock by NTP"),
        ("MalformedQueryException", 400, Status.FAILED, ""),
    ],
)
def test_refusals_say_what_to_do(code: str, status: int, expected: Status, hint: str):
    gap = refused(error(code, status), "xray:BatchGetTraces", "role r in 1")
    assert gap.status is expected
    assert hint in gap.hint
    assert code in gap.message and "as it is" in gap.message
    assert not throttled(error(code, status))
