"""boto3 and botocore, loaded when a source of AWS is opened."""

from __future__ import annotations

import importlib
from functools import cache
from typing import Any

from andon.errors import MissingExtra

__all__ = ["core_session", "library"]


def library(module: str) -> Any:
    """A module of boto3 or botocore. Raises MissingExtra when they are not installed."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtra(
            "AWS needs boto3, which is not installed", hint="pip install 'andon[aws]'"
        ) from error


def core_session(profile: str) -> Any:
    """A session of botocore for a profile, or for what it finds; the descriptions of services are read once."""
    session = library("botocore.session").Session(profile=profile or None)
    session.register_component("data_loader", _descriptions())
    return session


@cache
def _descriptions() -> Any:
    return library("botocore.loaders").create_loader()
