"""Secrets: named in the configuration by where they are kept, never written there, hidden in whatever is told."""

from __future__ import annotations

import base64
import json
import os
import re
import threading
from pathlib import Path
from typing import Annotated
from urllib.parse import quote, quote_plus

from pydantic import AfterValidator, ValidationInfo

from andon.errors import ConfigError, MissingExtra

__all__ = ["Secret", "Vault"]

_REFERENCE = re.compile(r"\$\{(env|file|keyring):([^}]+)\}")
_HIDDEN = "***"
_SHORTEST = 4
"""Shorter secrets are not searched for in texts: they would be found everywhere."""


def _reference(text: str, info: ValidationInfo) -> str:
    match = _REFERENCE.fullmatch(text)
    if match is None:
        raise ValueError(
            "a secret is named, not written: ${env:NAME}, ${file:path} or ${keyring:service/name}"
        )
    folder = (info.context or {}).get("folder")
    if match[1] == "file" and folder:
        return f"${{file:{(Path(folder) / Path(match[2]).expanduser()).resolve()}}}"
    return text


Secret = Annotated[str, AfterValidator(_reference)]
"""A reference to a secret, `${env:NAME}`, `${file:path}` or `${keyring:service/name}`; the value is not in it."""


class Vault:
    """The secrets of one run: read where they are kept, and known, so that they can be hidden."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._values: dict[str, str] = {}
        self._known: set[str] = set()

    def reveal(self, secret: str) -> str:
        """The value behind a reference; what surrounds it on the file's only line is cut off.

        Raises ConfigError when it is not there, MissingExtra when no keyring is installed.
        """
        with self._lock:
            if secret not in self._values:
                self._values[secret] = _read(secret)
            value = self._values[secret]
        self.know(value)
        return value

    def know(self, value: str) -> None:
        """Hides this value, too: a token that was made from a secret, a session key."""
        if len(value) >= _SHORTEST:
            with self._lock:
                self._known.update(_spellings(value))

    def known(self) -> frozenset[str]:
        """Every secret that was read so far, in all its spellings: for whoever must not let them out."""
        with self._lock:
            return frozenset(self._known)

    def hide(self, text: str) -> str:
        """The text with every known secret replaced, longest first, also where it was encoded for a URL, JSON or a header.

        Hide first and shorten afterwards: half a secret is not recognised.
        """
        with self._lock:
            known = sorted(self._known, key=len, reverse=True)
        for value in known:
            text = text.replace(value, _HIDDEN)
        return text


def _spellings(value: str) -> set[str]:
    """The value as URLs, JSON, Python and Base64 write it."""
    coded = base64.b64encode(value.encode("utf-8", "surrogateescape")).decode()
    written = {json.dumps(value)[1:-1], json.dumps(value, ensure_ascii=False)[1:-1], repr(value)[1:-1]}
    quoted = {
        quote(value, safe="", errors="replace"),
        quote(value, errors="replace"),
        quote_plus(value, errors="replace"),
    }
    return {value, coded} | written | quoted


def _read(secret: str) -> str:
    match = _REFERENCE.fullmatch(secret)
    if match is None:
        raise ConfigError("a secret is written where it should be named", hint="${env:NAME} or ${file:path}")
    where, name = match[1], match[2]
    value = {"env": _from_environment, "file": _from_file, "keyring": _from_keyring}[where](name)
    value = value.strip("\r\n")
    if not value:
        raise ConfigError(f"the secret {secret} is empty")
    return value


def _from_environment(name: str) -> str:
    if name not in os.environ:
        raise ConfigError(f"the environment variable {name} is not set", hint=f"export {name}=…")
    return os.environ[name]


def _from_file(path: str) -> str:
    try:
        return Path(path).read_text(encoding="utf-8").strip()
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigError(f"the secret file {path} cannot be read: {reason}") from error


def _from_keyring(name: str) -> str:
    try:
        import keyring
        from keyring.errors import KeyringError
    except ImportError as error:
        raise MissingExtra(
            "a secret is in the keyring, and `keyring` is not installed", hint="pip install 'andon[keyring]'"
        ) from error
    service, _, user = name.partition("/")
    try:
        value: str | None = keyring.get_password(service, user)
    except KeyringError as error:
        raise ConfigError(f"the keyring cannot be read: {type(error).__name__}") from error
    if value is None:
        raise ConfigError(f"the keyring holds nothing for {name}", hint=f"keyring set {service} {user}")
    return value
