"""Two operations of S3, on one prefix of one bucket: list, and get a piece of an object.

Goes over the same wire, with the same credentials, roles and words for refusals as all of AWS. Buckets are addressed
by path, which S3 and what speaks its API (MinIO, Ceph) understand alike.
Source: Amazon S3 API reference, `ListObjectsV2`, `GetObject` and "Error responses".
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from andon.connectors.aws.api import Answer, AwsApi, Identity
from andon.connectors.aws.config import AwsConfig, account_of
from andon.connectors.aws.faults import refused, throttled
from andon.connectors.aws.library import library
from andon.connectors.historian.keys import is_path
from andon.connectors.session import Session
from andon.connectors.unanswered import Unanswered
from andon.connectors.wire import Wire
from andon.telemetry import Status

__all__ = ["ACTIONS", "BucketApi", "Piece"]

ACTIONS = ("s3:GetObject", "s3:ListBucket")
"""The IAM actions that are called."""
PAGE = 1000
"""Keys of one answer, the most that S3 gives."""
_CALLED = {"ListObjectsV2": "s3:ListBucket", "GetObject": "s3:GetObject"}
_RANGE = re.compile(r"bytes (\d+)-(\d+)/(\d+)")
_NOT_S3 = "answers, but not as S3 does"
_ELSEWHERE = "state the `region` in which the bucket lies"
_SAID = {
    "NoSuchBucket": (Status.FAILED, "there is no such bucket", "check `bucket`, `region` and `endpoint`"),
    "NoSuchKey": (Status.FAILED, "it was removed after it was listed", ""),
    "PreconditionFailed": (Status.FAILED, "it was replaced while it was read", "try again"),
    "InvalidRange": (Status.FAILED, "it was emptied after it was listed", ""),
    "InvalidObjectState": (Status.FAILED, "it is archived", "restore it, or narrow `files`"),
    "InvalidAccessKeyId": (
        Status.DENIED,
        "does not know us",
        "check the keys: `profile`, or AWS_ACCESS_KEY_ID",
    ),
    "AuthorizationHeaderMalformed": (Status.FAILED, "does not take the signature", _ELSEWHERE),
}
"""Codes of S3 that say more than the words that all of AWS has in common: status, what it means, hint."""


@dataclass(frozen=True, slots=True)
class Piece:
    """Bytes of an object, the version (ETag) that they are of, and how many that has in all."""

    body: bytes
    version: str
    total: int


class BucketApi(AwsApi):
    """S3 for one bucket and prefix, which is the scope: no request leaves that is about anything else, or that writes."""

    def __init__(self, session: Session, source: str, config: AwsConfig, bucket: str, prefix: str) -> None:
        super().__init__(session, source, config, {})
        self.bucket, self.prefix = bucket, prefix
        (self.region,) = config.scope.regions

    def pages_of(self, prefix: str) -> Iterator[Answer]:
        """The answers of ListObjectsV2 for a prefix, up to 1,000 keys each. Raises Unanswered."""
        params: dict[str, Any] = {"Bucket": self.bucket, "Prefix": prefix, "MaxKeys": PAGE}
        seen: set[str] = set()
        while True:
            answer = self._call(self.signer(), "s3", self.region, "list_objects_v2", params)
            more = answer.value.get("IsTruncated")
            if not isinstance(more, bool):
                raise Unanswered(_NOT_S3, hint="check `endpoint`")
            yield answer
            if not more:
                return
            following = answer.value.get("NextContinuationToken")
            if not following or following in seen:
                raise Unanswered("does not say where its list goes on", hint="check `endpoint`")
            seen.add(following)
            params["ContinuationToken"] = following

    def piece(self, key: str, start: int, stop: int, version: str = "") -> Piece:
        """Bytes of an object from `start` to before `stop`, as they are stored; of this version, if one is stated.

        Raises Unanswered.
        """
        if not key.startswith(self.prefix) or not is_path(key):
            raise Unanswered(f"{key!r} is outside the scope of source {self.source}", status=Status.DENIED)
        params = {"Bucket": self.bucket, "Key": key, "Range": f"bytes={start}-{stop - 1}"}
        params |= {"ResponseContentEncoding": "identity"}  # Else the wire would unpack what is stored packed.
        params |= {"IfMatch": version} if version else {}
        said = self._call(self.signer(), "s3", self.region, "get_object", params).value
        body, ranged = self._last.reply.body, _RANGE.fullmatch(str(said.get("ContentRange", "")))
        if not said.get("ETag") or (int(ranged[1]) if ranged else 0) != start:
            raise Unanswered(_NOT_S3, hint="check `endpoint`")
        return Piece(body, said["ETag"], int(ranged[3]) if ranged else len(body))

    def signer(self) -> Identity:
        """Whose keys are used: those of the role, else those that boto3 finds, without asking whose they are."""
        if self.config.scope.accounts:
            (account,) = self.config.scope.accounts
            return self.identity(account, self.region)
        return self.session.once((self.source, "own keys"), self._own)

    def _core(self) -> Any:
        core = super()._core()
        core.set_default_client_config(
            library("botocore.config").Config(
                s3={"addressing_style": "path"}, response_checksum_validation="when_required"
            )
        )
        return core

    def _sent(self, call: Callable[[], Mapping[str, Any]]) -> Answer:
        try:
            return super()._sent(call)
        except library("botocore.exceptions").ClientError as error:
            action = _CALLED.get(error.operation_name)
            if action is None or throttled(error.response):
                raise
            gap = self._refusal(error.response, action)
        except Unanswered as error:
            gap = _hinted(error)
        raise Unanswered(self.session.vault.hide(gap.message), status=gap.status, hint=gap.hint)

    def _refusal(self, response: dict[str, Any], action: str) -> Unanswered:
        if self._last.reply.status < 300:  # What cannot be read botocore makes an internal error of S3.
            return Unanswered(_NOT_S3, hint="check `endpoint`")
        code = str(response.get("Error", {}).get("Code", ""))
        if code in _SAID:
            status, words, hint = _SAID[code]
            return Unanswered(f"{words} ({code})", status=status, hint=hint)
        role = account_of(self.signer().arn)
        gap = refused(response, action, self.signer().who if role else "whoever andon runs as")
        return Unanswered(gap.message, status=gap.status, hint=self._allowing(action, gap.hint))

    def _allowing(self, action: str, hint: str) -> str:
        """The hint, with what the permission has to be about."""
        if not hint.startswith("add "):
            return hint
        if action == "s3:ListBucket":
            condition = f" for the s3:prefix {self.prefix}*" if self.prefix else ""
            return f"{hint}, on arn:aws:s3:::{self.bucket}{condition}"
        where = f"arn:aws:s3:::{self.bucket}/{self.prefix}*"
        return f"{hint}, on {where}, and kms:Decrypt on its key where it is encrypted with one of your own"

    def _send(self, wire: Wire, request: Any, **told: Any) -> Any:
        if str(told.get("event_name", "")).startswith("before-send.s3."):
            self._admit(wire, request)
        return super()._send(wire, request, **told)

    def _admit(self, wire: Wire, request: Any) -> None:
        """Raises Unanswered for every request but a GET in the scope; botocore itself asks where a bucket lies."""
        base = wire.config.url
        if request.method != "GET" or not request.url.startswith(f"{base}/"):
            raise Unanswered(f"the bucket does not lie in {self.region}", hint=_ELSEWHERE)
        asked = urlsplit(request.url)
        bucket, path = f"{urlsplit(base).path}/{self.bucket}", unquote(asked.path)
        listed = dict(parse_qsl(asked.query)).get("prefix", "")
        if not path.startswith(f"{bucket}/{self.prefix}") and (
            path != bucket or not listed.startswith(self.prefix)
        ):
            raise Unanswered(f"{path} is outside the scope of source {self.source}", status=Status.DENIED)


def _hinted(gap: Unanswered) -> Unanswered:
    """A gap of the wire, with what helps at S3."""
    hint = gap.hint
    if "SlowDown" in gap.message:
        hint = "it is asked too much; try later, or lower limits.requests_at_once"
    elif gap.message.startswith("sends us elsewhere"):
        hint = _ELSEWHERE
    return Unanswered(gap.message, status=gap.status, hint=hint)
