"""AWS Signature Version 4, read and checked. Source: AWS General Reference, "Signing AWS API requests"."""

from __future__ import annotations

import hashlib
import hmac
import re
from dataclasses import dataclass
from urllib.parse import quote

from andon.testing.imitation import Asked

__all__ = ["Signature"]

_HEADER = re.compile(
    r"AWS4-HMAC-SHA256 Credential=([^/]+)/(\d{8})/([\w-]+)/([\w-]+)/aws4_request, "
    r"SignedHeaders=([\w;-]+), Signature=([0-9a-f]{64})"
)


@dataclass(frozen=True, slots=True)
class Signature:
    """Whose key signed, for which day, region and service (its signing name), and what came out."""

    key: str
    day: str
    region: str
    service: str
    headers: tuple[str, ...]
    value: str

    @classmethod
    def of(cls, asked: Asked) -> Signature | None:
        """The signature of a request, None where it has none that can be read."""
        match = _HEADER.fullmatch(asked.headers.get("authorization", ""))
        if match is None:
            return None
        key, day, region, service, headers, value = match.groups()
        return cls(key, day, region, service, tuple(headers.split(";")), value)

    def fits(self, asked: Asked, secret: str) -> bool:
        """Whether the holder of the secret signed exactly this request."""
        moment = asked.headers.get("x-amz-date", "")
        if "host" not in self.headers or not moment.startswith(self.day):
            return False
        pairs = sorted((quote(k, safe="-_.~"), quote(v, safe="-_.~")) for k, v in asked.params)
        signed = "".join(f"{name}:{' '.join(asked.headers.get(name, '').split())}\n" for name in self.headers)
        request = "\n".join(
            (
                asked.method,
                quote(asked.path, safe="/-_.~") or "/",
                "&".join(f"{k}={v}" for k, v in pairs),
                signed,
                ";".join(self.headers),
                hashlib.sha256(asked.body).hexdigest(),
            )
        )
        scope = f"{self.day}/{self.region}/{self.service}/aws4_request"
        text = f"AWS4-HMAC-SHA256\n{moment}\n{scope}\n{hashlib.sha256(request.encode()).hexdigest()}"
        key = f"AWS4{secret}".encode()
        for part in (self.day, self.region, self.service, "aws4_request"):
            key = hmac.digest(key, part.encode(), "sha256")
        return hmac.compare_digest(hmac.digest(key, text.encode(), "sha256").hex(), self.value)
