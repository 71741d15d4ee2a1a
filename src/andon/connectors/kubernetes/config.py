"""How a cluster is reached, and which of its namespaces may be read."""

from __future__ import annotations

import re
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from andon.connectors.connector import ConnectorConfig, LocalPath
from andon.connectors.wire.config import Address, Auth, Tls

__all__ = ["EVERY_NAMESPACE", "SERVICE_LABELS", "KubernetesConfig", "KubernetesScope", "is_namespace"]

EVERY_NAMESPACE = "*"
SERVICE_LABELS = ("app.kubernetes.io/name", "app")
_LABEL = re.compile(r"[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?")


def is_namespace(text: object) -> bool:
    """Whether the text can be the name of a namespace (a DNS label, RFC 1123)."""
    return isinstance(text, str) and _LABEL.fullmatch(text) is not None


def _namespace(text: str) -> str:
    if text != EVERY_NAMESPACE and not is_namespace(text):
        raise ValueError("the name of a namespace, or `*` for all")
    return text


class KubernetesScope(BaseModel):
    """The namespaces that may be read; `["*"]` means every one, which takes a ClusterRole."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    namespaces: tuple[Annotated[str, AfterValidator(_namespace)], ...] = Field(min_length=1)

    @property
    def every(self) -> bool:
        return EVERY_NAMESPACE in self.namespaces

    def admits(self, namespace: object) -> bool:
        return is_namespace(namespace) and (self.every or namespace in self.namespaces)


class KubernetesConfig(ConnectorConfig):
    """One cluster, reached by `url`, by a `kubeconfig` or from inside (`in_cluster`)."""

    url: Address | None = Field(None, description="the API server")
    auth: Auth = Field(Auth(), description="with `url`: the token of a service account as `bearer`")
    tls: Tls = Field(Tls(), description="with `url`: the authority of the cluster as `ca`")
    proxy: Address | None = Field(None, description="with `url`: an HTTP proxy on the way")
    kubeconfig: LocalPath | None = Field(None, description="a kubeconfig file with a token or a certificate")
    context: str = Field("", description="with `kubeconfig`: the context, else its current one")
    in_cluster: bool = Field(False, description="use the service account of the pod that andon runs in")
    scope: KubernetesScope
    secrets: bool = Field(
        False, description="also tell who changed Secrets when; their contents are not used"
    )
    service_labels: tuple[str, ...] = Field(
        SERVICE_LABELS, description="labels that name the service of a workload, in order of belief"
    )

    @model_validator(mode="after")
    def _one_way(self) -> KubernetesConfig:
        ways = sum((self.url is not None, self.kubeconfig is not None, self.in_cluster))
        if ways != 1:
            raise ValueError("one of `url`, `kubeconfig` and `in_cluster: true`")
        if self.url is None and (self.auth != Auth() or self.tls != Tls() or self.proxy):
            raise ValueError("`auth`, `tls` and `proxy` belong to `url`")
        if self.context and self.kubeconfig is None:
            raise ValueError("`context` belongs to `kubeconfig`")
        return self
