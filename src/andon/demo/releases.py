"""Releases: what the versions of the services do that the versions before them did not.

A version that is not listed here does what the first one does. Who deploys asks for the version that has a
trait, a service asks whether its own version has it.
"""

from __future__ import annotations

from collections.abc import Mapping

__all__ = ["BREAKING", "LEAKING", "RELEASES", "UNRETURNED", "VERBOSE", "WARMING", "has"]

BREAKING = "changed its interface"
LEAKING = "keeps what it has served"
UNRETURNED = "does not return every connection to the pool"
VERBOSE = "writes whole messages to its log"
WARMING = "fills a cache when it starts"

RELEASES: Mapping[str, Mapping[str, str]] = {
    "auth-service": {BREAKING: "2.9.0", VERBOSE: "2.8.2"},
    "subscription-service": {BREAKING: "5.4.0", LEAKING: "5.3.2", UNRETURNED: "5.3.4"},
    "remote-vehicle-management-api": {BREAKING: "3.10.0", LEAKING: "3.9.2", VERBOSE: "3.9.4"},
    "mobile-bff-ios": {WARMING: "7.16.0"},
    "mobile-bff-android": {WARMING: "7.16.0"},
}
"""The version with a trait, by service."""


def has(service: str, version: str, trait: str) -> bool:
    """Whether this version of the service has the trait."""
    return RELEASES.get(service, {}).get(trait) == version
