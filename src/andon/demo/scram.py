"""SCRAM-SHA-256: a password is proved without being sent, as PostgreSQL does it.

RFC 5802 and RFC 7677, without channel binding and without SASLprep (passwords here are ASCII).
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import secrets
from dataclasses import dataclass

__all__ = ["ITERATIONS", "Challenge", "Verifier", "client_proof"]

ITERATIONS = 4096


@dataclass(frozen=True, slots=True)
class Verifier:
    """What a server keeps instead of the password."""

    salt: bytes
    iterations: int
    stored_key: bytes
    server_key: bytes

    @classmethod
    def of(cls, password: str, salt: bytes | None = None, iterations: int = ITERATIONS) -> Verifier:
        salt = secrets.token_bytes(16) if salt is None else salt
        salted = hashlib.pbkdf2_hmac("sha256", password.encode(), salt, iterations)
        stored_key = hashlib.sha256(_hmac(salted, b"Client Key")).digest()
        return cls(salt, iterations, stored_key, _hmac(salted, b"Server Key"))

    def check(self, auth_message: str, proof: str) -> str | None:
        """The server signature (base64) when the proof holds, else None."""
        signature = _hmac(self.stored_key, auth_message.encode())
        try:
            client_key = _xor(base64.b64decode(proof, validate=True), signature)
        except ValueError:
            return None
        if not hmac.compare_digest(hashlib.sha256(client_key).digest(), self.stored_key):
            return None
        return base64.b64encode(_hmac(self.server_key, auth_message.encode())).decode()


@dataclass(frozen=True, slots=True)
class Challenge:
    """The first message of each side; `nonce` is the client's with the server's appended."""

    user: str
    client_nonce: str
    nonce: str
    salt: bytes
    iterations: int

    @property
    def auth_message(self) -> str:
        salt = base64.b64encode(self.salt).decode()
        return (
            f"n={self.user},r={self.client_nonce},"
            f"r={self.nonce},s={salt},i={self.iterations},"
            f"c=biws,r={self.nonce}"
        )


def client_proof(password: str, challenge: Challenge) -> tuple[str, str]:
    """The proof to send and the server signature to expect, both base64."""
    salted = hashlib.pbkdf2_hmac("sha256", password.encode(), challenge.salt, challenge.iterations)
    client_key = _hmac(salted, b"Client Key")
    message = challenge.auth_message.encode()
    signature = _hmac(hashlib.sha256(client_key).digest(), message)
    expected = _hmac(_hmac(salted, b"Server Key"), message)
    return base64.b64encode(_xor(client_key, signature)).decode(), base64.b64encode(expected).decode()


def _hmac(key: bytes, message: bytes) -> bytes:
    return hmac.digest(key, message, "sha256")


def _xor(left: bytes, right: bytes) -> bytes:
    return bytes(a ^ b for a, b in zip(left, right, strict=True))
