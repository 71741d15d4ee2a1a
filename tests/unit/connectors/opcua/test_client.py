from __future__ import annotations

import pytest
from asyncua.ua import uaerrors

from andon.connectors import Unanswered
from andon.connectors.opcua.client import refusal, refusal_of
from andon.telemetry import Status


@pytest.mark.parametrize(
    ("error", "status", "words"),
    [
        (uaerrors.BadUserAccessDenied(), Status.DENIED, "does not allow"),
        (uaerrors.BadIdentityTokenRejected(), Status.DENIED, "does not allow"),
        (uaerrors.BadCertificateUntrusted(), Status.FAILED, "cannot be trusted"),
        (uaerrors.BadSecurityChecksFailed(), Status.FAILED, "cannot be trusted"),
        (uaerrors.BadNodeIdUnknown(), Status.FAILED, "no such node"),
        (uaerrors.BadTimeout(), Status.FAILED, "stopped answering"),
        (TimeoutError(), Status.FAILED, "stopped answering"),
        (ConnectionRefusedError(111, "Connection refused"), Status.FAILED, "cannot be reached"),
        (ConnectionResetError(104, "Connection reset by peer"), Status.FAILED, "broke off"),
        (ValueError("bytes"), Status.FAILED, "not as an OPC UA server"),
    ],
)
def test_what_goes_wrong(error: Exception, status: Status, words: str) -> None:
    gap = refusal(error)
    assert gap.status is status and words in gap.message


def test_a_gap_stays_what_it_is() -> None:
    gap = Unanswered("full", status=Status.TRUNCATED)
    assert refusal(gap) is gap
    assert refusal_of("BadSomethingNew").message == "could not answer (BadSomethingNew)"
