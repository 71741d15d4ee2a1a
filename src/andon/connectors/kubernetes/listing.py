"""Lists of objects, page by page, one namespace at a time.

Chunked lists as the Kubernetes API concepts describe them: a `continue` token is good for a few minutes, and
410 Gone says that the list must be begun anew. What an earlier attempt brought is dropped then, so that
nothing is there twice. Metadata alone are asked for as PartialObjectMetadataList, without a second choice: a
server that cannot leave the contents out answers 406.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from andon.connectors.kubernetes.resources import Resource
from andon.connectors.session import Session
from andon.connectors.unanswered import Unanswered
from andon.connectors.wire import Reply, Wire
from andon.telemetry import Status

__all__ = ["PAGE", "Listed", "Lists"]

PAGE = 500
"""Objects of one page, as kubectl asks for them."""
_ATTEMPTS = (PAGE, PAGE, 0)
"""Page sizes of the attempts; the last asks for everything at once, which cannot expire."""
_METADATA = {"accept": "application/json;as=PartialObjectMetadataList;g=meta.k8s.io;v=v1"}


@dataclass(frozen=True, slots=True)
class Listed:
    """The objects of one resource in one namespace.

    `malformed` were no objects, `foreign` of another namespace; both are left out. `size` in bytes of all answers,
    `whole` is false where the limit of items cut it off.
    """

    items: tuple[dict[str, Any], ...]
    malformed: int
    foreign: int
    size: int
    whole: bool


class Lists:
    """Lists what is asked for, each once in a session; at most `most` objects."""

    def __init__(self, wire: Wire, session: Session, most: int) -> None:
        self._wire = wire
        self._session = session
        self._most = most

    def of(self, resource: Resource, namespace: str = "", *, metadata: bool = False) -> Listed:
        """Raises Unanswered, DENIED with the rule that is missing where the server does not allow it."""
        key = (self._wire.source, "list", resource, namespace, metadata)
        return self._session.once(key, lambda: self._list(resource, namespace, metadata))

    def _list(self, resource: Resource, namespace: str, metadata: bool) -> Listed:
        for limit in _ATTEMPTS:
            listed = self._attempt(resource, namespace, metadata, limit)
            if listed is not None:
                return listed
        raise Unanswered(
            f"{resource.plural} changed faster than they could be listed (410)", hint="try again later"
        )

    def _attempt(self, resource: Resource, namespace: str, metadata: bool, limit: int) -> Listed | None:
        """All pages, or None when the list expired on the way."""
        found: list[Any] = []
        tokens: set[str] = set()
        size, token = 0, ""
        while True:
            params = ({"limit": limit} if limit else {}) | ({"continue": token} if token else {})
            reply = self._wire.get(
                resource.path(namespace),
                params,
                headers=_METADATA if metadata else None,
                fresh=True,
                accept=frozenset([403, 410]),
            )
            if reply.status == 410:
                return None
            items, token = _page(reply, resource, namespace, metadata)
            found += items
            size += reply.size
            if not token or len(found) >= self._most:
                return _listed(found[: self._most], namespace, size, not token and len(found) <= self._most)
            if token in tokens:
                raise _strange()
            tokens.add(token)


def _page(reply: Reply, resource: Resource, namespace: str, metadata: bool) -> tuple[list[Any], str]:
    if reply.status == 403:
        where = f" in {namespace}" if namespace else ""
        raise Unanswered(
            f"may not list {resource.name}{where} (403)",
            status=Status.DENIED,
            hint=f"add to the {'Role' if namespace else 'ClusterRole'}{where}: {resource.rule()}",
        )
    body = reply.json()
    if not isinstance(body, dict) or not isinstance(body.get("items"), list):
        raise _strange()
    if metadata and body.get("kind") != "PartialObjectMetadataList":
        raise Unanswered(
            f"sends whole {resource.plural} where metadata were asked for; they were dropped",
            hint="Kubernetes can leave the contents out since 1.15",
        )
    about = body.get("metadata")
    token = about.get("continue") if isinstance(about, dict) else ""
    return body["items"], token if isinstance(token, str) else ""


def _listed(found: list[Any], namespace: str, size: int, whole: bool) -> Listed:
    items = [item for item in found if isinstance(item, dict) and isinstance(item.get("metadata"), dict)]
    ours = [item for item in items if not namespace or item["metadata"].get("namespace") == namespace]
    return Listed(tuple(ours), len(found) - len(items), len(items) - len(ours), size, whole)


def _strange() -> Unanswered:
    return Unanswered("answers, but not as the Kubernetes API does", hint="is `url` that of the API server?")
