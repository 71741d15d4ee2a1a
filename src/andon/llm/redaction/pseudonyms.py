"""Names that stand for what was hidden: `[[email-3f9a07bc]]`.

A name is the kind and the first digits of HMAC-SHA-256 (RFC 2104) over the value. Without the key nobody can
work out the value of a name, nor the name of a value. What is hidden for good is not kept: only its digest is.
"""

from __future__ import annotations

import hmac
import re
from collections.abc import Mapping
from threading import Lock
from types import MappingProxyType

from andon.llm.redaction.spans import KINDS, SHOWN

__all__ = ["PSEUDONYM", "Pseudonyms"]

PSEUDONYM = re.compile(rf"\[\[(?:{'|'.join(KINDS)})-[0-9A-Fa-f]{{4,64}}\]\]")
"""All that looks like a pseudonym, issued by us or written by somebody else."""

DIGITS = 8
MORE_DIGITS = 4


class Pseudonyms:
    """The names issued in one run; safe to share between threads."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._digests: dict[str, str] = {}
        self._shown: dict[str, str] = {}
        self._counts: dict[str, int] = {}
        self._lock = Lock()

    def issue(self, kind: str, value: str) -> str:
        """The name of this value, always the same; longer only where another value already has the short one."""
        message = f"{kind}\0{value}".encode("utf-8", "surrogatepass")
        digest = hmac.digest(self._key, message, "sha256").hex()
        with self._lock:
            for digits in range(DIGITS, len(digest) + 1, MORE_DIGITS):
                name = f"[[{kind}-{digest[:digits]}]]"
                holder = self._digests.get(name)
                if holder == digest:
                    return name
                if holder is None:
                    self._register(name, kind, digest, value)
                    return name
        return f"[[{kind}-{digest}]]"

    def issued(self, name: str) -> bool:
        """Whether this very name was issued in this run."""
        return name in self._digests

    def shown(self, name: str) -> str | None:
        """The value behind a name; None when it stays hidden for good or was never issued."""
        return self._shown.get(name)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many distinct values of each kind have a name."""
        with self._lock:
            return MappingProxyType(dict(self._counts))

    def _register(self, name: str, kind: str, digest: str, value: str) -> None:
        self._digests[name] = digest
        self._counts[kind] = self._counts.get(kind, 0) + 1
        if kind in SHOWN:
            self._shown[name] = value
