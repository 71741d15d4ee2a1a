"""The one exception between what somebody sent and what can be kept."""

from __future__ import annotations

__all__ = ["Undecodable"]


class Undecodable(Exception):
    """A request that is not what it should be; the message says why, for its sender."""
