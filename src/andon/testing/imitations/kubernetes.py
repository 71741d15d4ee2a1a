"""The API server of Kubernetes 1.31: namespaced lists in chunks, metadata alone, access reviews, version.

Lists are consistent: a `continue` token reads on in the state that the first page saw. No watch, no tables, no writes;
selectors know equality only.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import orjson

from andon.testing.imitation import Asked, Imitation, Told, json_told

__all__ = ["KubernetesImitation", "PolicyRule"]

_LIST = re.compile(
    r"/(?:api|apis/(?P<group>[\w.]+))/(?P<version>v\w+)(?:/namespaces/(?P<namespace>[\w-]+))?/(?P<plural>\w+)"
)
_REVIEWS = "/apis/authorization.k8s.io/v1/selfsubjectaccessreviews"
_PLURALS = {
    "events": "Event",
    "namespaces": "Namespace",
    "pods": "Pod",
    "services": "Service",
    "configmaps": "ConfigMap",
    "secrets": "Secret",
    "deployments.apps": "Deployment",
    "replicasets.apps": "ReplicaSet",
    "statefulsets.apps": "StatefulSet",
    "daemonsets.apps": "DaemonSet",
    "controllerrevisions.apps": "ControllerRevision",
    "cronjobs.batch": "CronJob",
    "jobs.batch": "Job",
    "ingresses.networking.k8s.io": "Ingress",
    "networkpolicies.networking.k8s.io": "NetworkPolicy",
    "horizontalpodautoscalers.autoscaling": "HorizontalPodAutoscaler",
}


@dataclass(frozen=True, slots=True)
class PolicyRule:
    """What a Role allows in one namespace, a ClusterRole in all (empty `namespace`)."""

    groups: Sequence[str]
    resources: Sequence[str]
    verbs: Sequence[str] = ("list",)
    namespace: str = ""

    def allows(self, verb: str, group: str, resource: str, namespace: str) -> bool:
        return (
            verb in self.verbs
            and group in self.groups
            and resource in self.resources
            and self.namespace in ("", namespace)
        )


class KubernetesImitation(Imitation):
    """Holds `objects` with their `kind`. Without `rules` everything is allowed.

    `expiring` is how many `continue` tokens are answered with 410 Gone, as after a compaction of etcd.
    `largest_page` caps what a page holds, whatever `limit` says.
    """

    def __init__(
        self,
        objects: Sequence[Mapping[str, Any]] = (),
        *,
        rules: Sequence[PolicyRule] | None = None,
        expiring: int = 0,
        largest_page: int = 0,
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.objects = list(objects)
        self.rules = rules
        self.expiring = expiring
        self.largest_page = largest_page
        self._states: dict[int, list[Mapping[str, Any]]] = {}

    def answer(self, asked: Asked) -> Told:
        if asked.path == "/version":
            return json_told(
                {"major": "1", "minor": "31", "gitVersion": "v1.31.4", "platform": "linux/amd64"}
            )
        if asked.path == _REVIEWS:
            return self._review(asked)
        match = _LIST.fullmatch(asked.path)
        if match is None or asked.method != "GET":
            return _status(404, "NotFound", "the server could not find the requested resource")
        group, plural, namespace = match["group"] or "", match["plural"], match["namespace"] or ""
        kind = _PLURALS.get(f"{plural}.{group}" if group else plural)
        if kind is None:
            return _status(404, "NotFound", "the server could not find the requested resource")
        if not self._allowed("list", group, plural, namespace):
            where = f'in the namespace "{namespace}"' if namespace else "at the cluster scope"
            message = (
                f'{plural} is forbidden: User "system:serviceaccount:shop:andon" cannot list resource '
                f'"{plural}" in API group "{group}" {where}'
            )
            return _status(403, "Forbidden", message)
        return self._list(asked, kind, namespace)

    def _allowed(self, verb: str, group: str, plural: str, namespace: str) -> bool:
        return self.rules is None or any(r.allows(verb, group, plural, namespace) for r in self.rules)

    def _review(self, asked: Asked) -> Told:
        review = asked.json()
        attributes = review["spec"]["resourceAttributes"]
        allowed = self._allowed(
            attributes["verb"], attributes["group"], attributes["resource"], attributes.get("namespace", "")
        )
        return json_told(review | {"status": {"allowed": allowed}}, 201)

    def _list(self, asked: Asked, kind: str, namespace: str) -> Told:
        accept = asked.headers.get("accept", "")
        metadata = "as=PartialObjectMetadataList" in accept
        if metadata and not ("g=meta.k8s.io" in accept and "v=v1" in accept):
            return _status(406, "NotAcceptable", "only the following media types are accepted: …")
        limit, token = int(asked.param("limit") or 0), asked.param("continue")
        with self.lock:
            if token and self.expiring:
                self.expiring -= 1
                return _status(410, "Expired", "The provided continue parameter is too old")
            state, start = _decoded(token) if token else (len(self._states), 0)
            items = self._states.setdefault(state, list(self.objects))
        found = [
            one
            for one in items
            if one["kind"] == kind
            and (not namespace or one["metadata"].get("namespace") == namespace)
            and _selected(one, asked)
        ]
        found.sort(key=lambda one: (one["metadata"].get("namespace", ""), one["metadata"]["name"]))
        size = min(limit, self.largest_page or limit) if limit else len(found)
        page, left = found[start : start + size], len(found) - start - size
        about: dict[str, Any] = {"resourceVersion": str(1000 + state)}
        if left > 0:
            about |= {"continue": _encoded(state, start + size), "remainingItemCount": left}
        return json_told(_body(kind, page, about, metadata))


def _body(
    kind: str, page: Sequence[Mapping[str, Any]], about: Mapping[str, Any], metadata: bool
) -> dict[str, Any]:
    if not metadata:
        plain = [{k: v for k, v in one.items() if k not in ("kind", "apiVersion")} for one in page]
        return {"kind": f"{kind}List", "apiVersion": "v1", "metadata": about, "items": plain}
    partial = {"kind": "PartialObjectMetadata", "apiVersion": "meta.k8s.io/v1"}
    return {
        "kind": "PartialObjectMetadataList",
        "apiVersion": "meta.k8s.io/v1",
        "metadata": about,
        "items": [{**partial, "metadata": one["metadata"]} for one in page],
    }


def _selected(one: Mapping[str, Any], asked: Asked) -> bool:
    for text in filter(None, asked.param("fieldSelector").split(",")):
        path, negated, value = _condition(text)
        here: Any = one
        for key in path.split("."):
            here = here.get(key, "") if isinstance(here, Mapping) else ""
        if (str(here) == value) is negated:
            return False
    labels = one["metadata"].get("labels", {})
    for text in filter(None, asked.param("labelSelector").split(",")):
        name, negated, value = _condition(text)
        if (labels.get(name) == value) is negated:
            return False
    return True


def _condition(text: str) -> tuple[str, bool, str]:
    negated = "!=" in text
    path, _, value = text.partition("!=" if negated else "=")
    return path, negated, value.removeprefix("=")


def _encoded(state: int, start: int) -> str:
    token = orjson.dumps({"v": "meta.k8s.io/v1", "rv": state, "start": str(start)})
    return base64.urlsafe_b64encode(token).decode()


def _decoded(token: str) -> tuple[int, int]:
    content = orjson.loads(base64.urlsafe_b64decode(token))
    return int(content["rv"]), int(content["start"])


def _status(code: int, reason: str, message: str) -> Told:
    about = {"kind": "Status", "apiVersion": "v1", "metadata": {}, "status": "Failure"}
    return json_told(about | {"message": message, "reason": reason, "code": code}, code)
