from __future__ import annotations

import pytest

from andon.connectors.sql.refusals import refusal
from andon.telemetry import Status


class DriverError(Exception):
    def __init__(self, message: str, sqlstate: str = "") -> None:
        super().__init__(message)
        self.sqlstate = sqlstate


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (DriverError("permission denied for table x", "42501"), Status.DENIED, "does not allow"),
        (DriverError('connection failed: FATAL:  password authentication failed for user "a"'), Status.DENIED, "let us in"),
        (DriverError('no pg_hba.conf entry for host "h", user "u", no encryption'), Status.DENIED, "encrypted"),
        (DriverError("canceling statement due to statement timeout", "57014"), Status.FAILED, "too long"),
        (DriverError("SSL error: certificate verify failed"), Status.FAILED, "trusted"),
        (DriverError("Access denied for user 'a'@'b' (using password: YES)"), Status.DENIED, "let us in"),
        (DriverError("something new"), Status.FAILED, "could not answer: something new"),
        (DriverError(""), Status.FAILED, "DriverError"),
    ],
)  # fmt: skip
def test_what_drivers_say(error: Exception, status: Status, words: str) -> None:
    gap = refusal(error)
    assert gap.status is status and words in gap.message


def test_details_are_left_out() -> None:
    gap = refusal(DriverError("duplicate key\nDETAIL:  Key (name)=(Jane) exists", "23505"))
    assert "Jane" not in gap.message
