"""Parts of Kubernetes objects, read as if anybody had written them."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from andon.connectors.service_labels import service_of

__all__ = ["Owner", "controller_of", "labels_of", "managed", "parts", "section", "service_name", "text"]


@dataclass(frozen=True, slots=True)
class Owner:
    """What an owner reference names."""

    kind: str
    name: str
    uid: str


def section(entry: Any, *keys: str) -> Mapping[str, Any]:
    """The object under the keys, an empty one where there is none."""
    for key in keys:
        entry = entry.get(key) if isinstance(entry, dict) else None
    return entry if isinstance(entry, dict) else {}


def parts(entry: Mapping[str, Any], key: str) -> Iterator[Mapping[str, Any]]:
    """The objects of a list."""
    listed = entry.get(key)
    return (one for one in listed if isinstance(one, dict)) if isinstance(listed, list) else iter(())


def text(entry: Mapping[str, Any], key: str) -> str:
    """The text under the key, empty where there is none."""
    value = entry.get(key)
    return value if isinstance(value, str) else ""


def labels_of(item: Any) -> dict[str, str]:
    """The labels of an object or a pod template."""
    return {k: v for k, v in section(item, "metadata", "labels").items() if isinstance(v, str)}


def controller_of(item: Any) -> Owner | None:
    """What controls the object, if anything does."""
    for one in parts(section(item, "metadata"), "ownerReferences"):
        if one.get("controller") is True and text(one, "kind") and text(one, "name"):
            return Owner(text(one, "kind"), text(one, "name"), text(one, "uid"))
    return None


def service_name(labels: Mapping[str, str], names: Sequence[str], otherwise: str) -> str:
    """The service that the labels name, else the name of the workload."""
    return service_of(labels, names) or otherwise


def managed(item: Any) -> Iterator[Mapping[str, Any]]:
    """The entries of `managedFields`: who owns which fields, and when they last wrote."""
    return parts(section(item, "metadata"), "managedFields")
