"""What AWS means by an error, and what the reader can do about it.

Source: the pages "Common Errors" of the API references, and those of the operations that are called.
"""

from __future__ import annotations

from typing import Any

from andon.connectors.unanswered import Unanswered
from andon.telemetry import Status

__all__ = ["refused", "throttled"]

_THROTTLED = frozenset([
    "ThrottlingException", "Throttling", "ThrottledException", "TooManyRequestsException", "LimitExceededException",
    "LimitExceeded", "RequestLimitExceeded", "RequestThrottled", "MaxConcurrentQueriesException", "ServiceUnavailable",
])  # fmt: skip
_NOT_ALLOWED = frozenset([
    "AccessDeniedException", "AccessDenied", "UnauthorizedOperation", "NotAuthorized", "AuthorizationError",
])  # fmt: skip
_NOT_KNOWN = frozenset([
    "UnrecognizedClientException", "InvalidClientTokenId", "SignatureDoesNotMatch", "InvalidSignatureException",
    "MissingAuthenticationToken", "MissingAuthenticationTokenException", "IncompleteSignature", "AuthFailure", "OptInRequired",
])  # fmt: skip
_EXPIRED = frozenset(["ExpiredToken", "ExpiredTokenException", "RequestExpired", "RequestTimeTooSkewed"])
_TO_WAIT = "its quota is used up by us or by others; try later, or lower limits.requests_at_once"


def throttled(error: dict[str, Any]) -> bool:
    """Whether an error response asks to come again later."""
    return _code(error) in _THROTTLED


def refused(error: dict[str, Any], action: str, who: str) -> Unanswered:
    """The error response in words; `action` is what was asked as IAM names it, `who` asked (`role andon-read in …`)."""
    code, status = _code(error), error.get("ResponseMetadata", {}).get("HTTPStatusCode")
    words = " ".join(str(error.get("Error", {}).get("Message", "")).split())[:200]
    said = f"{code}: {words}" if words else code
    if code in _EXPIRED:
        return Unanswered(
            f"does not take the signature ({said})",
            status=Status.DENIED,
            hint="set the clock by NTP, and renew the credentials",
        )
    if code in _NOT_KNOWN or (status == 401 and code not in _NOT_ALLOWED):
        return Unanswered(
            f"does not know us ({said})",
            status=Status.DENIED,
            hint="check the credentials, and that the region is enabled in the account",
        )
    if code in _NOT_ALLOWED or status == 403:
        return Unanswered(
            f"does not allow {action} ({said})", status=Status.DENIED, hint=f"add {action} to {who}"
        )
    if code in _THROTTLED:
        return Unanswered(f"has too many requests ({said})", hint=_TO_WAIT)
    return Unanswered(f"refused {action} ({said})")


def _code(error: dict[str, Any]) -> str:
    return str(error.get("Error", {}).get("Code", ""))
