"""Secrets: the values that andon.yaml names, so that they are hidden wherever telemetry happens to hold them."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Mapping
from contextlib import suppress
from typing import Any

from andon.config import Settings
from andon.connectors.secrets import Vault
from andon.errors import AndonError

__all__ = ["known_secrets"]

_REFERENCE = re.compile(r"\$\{(?:env|file):[^}]+\}")
"""A keyring is left alone: it may ask a person."""


def known_secrets(settings: Settings) -> Callable[[], frozenset[str]]:
    """What gives the secrets of sources, lenders and the model in all their spellings; one that is not there is passed over.

    They are read once, now, from the environment and from files.
    """
    vault = Vault()
    stated = [dict(source.options) for source in settings.sources.values()]
    stated += [dict(lender) for lender in settings.lenders.values()]
    key = settings.model.key if settings.model else ""
    for reference in (*_references(stated), *_references(key)):
        with suppress(AndonError):
            vault.reveal(reference)
    return vault.known


def _references(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield from _REFERENCE.findall(value)
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from _references(one)
    elif isinstance(value, list | tuple):
        for one in value:
            yield from _references(one)
