"""An object store that speaks S3's API: one bucket, lists in pages, objects or pieces of them.

Path addressing only. Keys are listed in the order of their bytes, at most 1,000 a page, with tokens that are only valid
for the prefix that they were given for; `Range` and `If-Match` are heeded; nothing can be written.
Source: Amazon S3 API reference, `ListObjectsV2`, `GetObject`, "Error responses".
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import quote, unquote
from xml.sax.saxutils import escape

from andon.telemetry import isoformat
from andon.testing.imitation import Asked, Imitation, Told
from andon.testing.imitations.aws.signature import Signature

__all__ = ["HeldObject", "S3Imitation"]

_MOST = 1000
_RANGE = re.compile(r"bytes=(\d+)-(\d+)")
_STATUS = {
    "AccessDenied": 403, "SignatureDoesNotMatch": 403, "NoSuchBucket": 404, "NoSuchKey": 404, "InvalidObjectState": 403,
    "PreconditionFailed": 412, "InvalidRange": 416, "MethodNotAllowed": 405, "SlowDown": 503, "InvalidArgument": 400,
    "PermanentRedirect": 301,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class HeldObject:
    """An object: its bytes, when they were put (Unix seconds), and its storage class."""

    body: bytes
    changed: float
    kept: str = "STANDARD"

    @property
    def etag(self) -> str:
        return f'"{hashlib.md5(self.body, usedforsecurity=False).hexdigest()}"'


@dataclass(frozen=True, slots=True)
class _Refusal(Exception):
    code: str
    about: Mapping[str, str] = field(default_factory=dict)


class S3Imitation(Imitation):
    """Holds `objects` by key. `denied` are IAM actions that are refused; `code` is an error told to every request.

    With `token`, requests must be signed with this secret key, where the path needs no encoding.
    """

    def __init__(
        self,
        objects: Mapping[str, HeldObject],
        *,
        bucket: str = "drops",
        page: int = _MOST,
        denied: Collection[str] = (),
        code: str = "",
        token: str = "",
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.objects = dict(objects)
        self.bucket, self.page, self.denied, self.code = bucket, page, denied, code
        self._secret = token

    def answer(self, asked: Asked) -> Told:
        try:
            return self._answered(asked)
        except _Refusal as refusal:
            inner = "".join(f"<{name}>{escape(value)}</{name}>" for name, value in refusal.about.items())
            said = f"<Error><Code>{refusal.code}</Code><Message>{refusal.code} here</Message>{inner}</Error>"
            return _xml(said, _STATUS.get(refusal.code, 400))

    def _answered(self, asked: Asked) -> Told:
        signature = Signature.of(asked)
        if signature is None or signature.service != "s3":
            raise _Refusal("AccessDenied")
        if self._secret and not signature.fits(asked, self._secret):
            raise _Refusal("SignatureDoesNotMatch", {"AWSAccessKeyId": signature.key})
        if self.code:
            raise _Refusal(self.code)
        if asked.method != "GET":
            raise _Refusal("MethodNotAllowed")
        bucket, _, key = unquote(asked.path).removeprefix("/").partition("/")
        action = "s3:GetObject" if key else "s3:ListBucket"
        if action in self.denied:
            raise _Refusal("AccessDenied")
        if bucket != self.bucket:
            raise _Refusal("NoSuchBucket", {"BucketName": bucket})
        return self._object(asked, key) if key else self._list(asked)

    def _list(self, asked: Asked) -> Told:
        if asked.param("list-type") != "2" or asked.param("encoding-type") not in ("", "url"):
            raise _Refusal("InvalidArgument")
        prefix, token = asked.param("prefix"), asked.param("continuation-token")
        with self.lock:
            held = sorted(
                ((key, one) for key, one in self.objects.items() if key.startswith(prefix)),
                key=lambda pair: pair[0].encode("utf-8", "surrogatepass"),
            )
        given_for, _, first = token.rpartition("@")
        if token and (given_for != prefix or not first.isdecimal()):
            raise _Refusal("InvalidArgument")
        start, size = int(first or 0), min(int(asked.param("max-keys", "1000")), self.page)
        page = held[start : start + size]
        more = start + size < len(held)
        following = f"<NextContinuationToken>{escape(prefix)}@{start + size}</NextContinuationToken>"
        coded = quote if asked.param("encoding-type") else escape
        return _xml(
            f"<ListBucketResult><Name>{self.bucket}</Name><Prefix>{coded(prefix)}</Prefix>"
            f"<KeyCount>{len(page)}</KeyCount><MaxKeys>{size}</MaxKeys>"
            f"<IsTruncated>{str(more).lower()}</IsTruncated><EncodingType>url</EncodingType>"
            + (following if more else "")
            + "".join(
                f"<Contents><Key>{coded(key)}</Key><LastModified>{isoformat(one.changed)}</LastModified>"
                f"<ETag>{escape(one.etag)}</ETag><Size>{len(one.body)}</Size><StorageClass>{one.kept}</StorageClass></Contents>"
                for key, one in page
            )
            + "</ListBucketResult>"
        )

    def _object(self, asked: Asked, key: str) -> Told:
        with self.lock:
            held = self.objects.get(key)
        if held is None:
            raise _Refusal("NoSuchKey", {"Key": key})
        if held.kept in ("GLACIER", "DEEP_ARCHIVE"):
            raise _Refusal("InvalidObjectState")
        if asked.headers.get("if-match", held.etag) != held.etag:
            raise _Refusal("PreconditionFailed")
        headers = {"etag": held.etag, "content-type": "binary/octet-stream", "accept-ranges": "bytes"}
        if coding := asked.param("response-content-encoding"):
            headers["content-encoding"] = coding
        match = _RANGE.fullmatch(asked.headers.get("range", ""))
        if match is None:
            return Told(200, held.body, headers)
        start, stop = int(match[1]), min(int(match[2]) + 1, len(held.body))
        if start >= len(held.body):
            raise _Refusal("InvalidRange")
        headers["content-range"] = f"bytes {start}-{stop - 1}/{len(held.body)}"
        return Told(206, held.body[start:stop], headers)


def _xml(content: str, status: int = 200) -> Told:
    body = f'<?xml version="1.0" encoding="UTF-8"?>\n{content}'.encode("utf-8", "replace")
    return Told(status, body, {"content-type": "application/xml"})
