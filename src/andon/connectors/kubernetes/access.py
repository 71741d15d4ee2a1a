"""From a kubeconfig, or from inside a pod, to an address, a certificate authority and a token.

Nothing is executed: users that sign in by a program (`exec`) or a plugin (`auth-provider`) are refused.
Format of the file: kubeconfig (v1) of the Kubernetes reference.
"""

from __future__ import annotations

import base64
import binascii
import os
import ssl
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pydantic import Field, ValidationError

from andon.connectors.json_values import text_in
from andon.connectors.kubernetes.config import KubernetesConfig
from andon.connectors.secrets import Vault
from andon.connectors.wire.config import Auth, HttpConfig, Tls
from andon.errors import ConfigError

__all__ = ["SERVICE_ACCOUNT", "Access", "InlineTls", "access_to"]

SERVICE_ACCOUNT = Path("/var/run/secrets/kubernetes.io/serviceaccount")
"""Where a pod finds the token of its service account and the authority of its cluster."""
_TOKEN_HINT = "create a token for a service account and state `url`, `auth.bearer` and `tls.ca`"  # noqa: S105


class InlineTls(Tls):
    """TLS whose certificates stand in the kubeconfig itself (PEM)."""

    ca_text: str = ""
    cert_text: str = Field("", repr=False)
    key_text: str = Field("", repr=False)

    def context(self) -> ssl.SSLContext:
        """A context that verifies. Raises ConfigError when a certificate cannot be used."""
        try:
            if self.ca_text:
                context = ssl.create_default_context(cadata=self.ca_text)
            else:
                context = Tls(ca=self.ca).context()
            if self.cert_text:
                with tempfile.NamedTemporaryFile("w", suffix=".pem") as file:
                    file.write(f"{self.cert_text}\n{self.key_text}\n")
                    file.flush()
                    context.load_cert_chain(file.name)
            elif self.cert:
                context.load_cert_chain(self.cert, self.key)
        except (OSError, ssl.SSLError) as error:
            raise ConfigError(
                f"kubeconfig: a certificate cannot be used ({error.strerror or 'not PEM'})",
                hint="is the kubeconfig whole?",
            ) from None
        return context


@dataclass(frozen=True, slots=True)
class Access:
    """How requests go: `headers` hold the token where it stands in the kubeconfig itself."""

    http: HttpConfig
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)


def access_to(config: KubernetesConfig, vault: Vault, *, mounted: Path = SERVICE_ACCOUNT) -> Access:
    """The way to the cluster that the configuration states. Raises ConfigError when it is none."""
    if config.kubeconfig is not None:
        return _from_kubeconfig(config, config.kubeconfig, vault)
    if config.in_cluster:
        return _from_inside(config, mounted)
    assert config.url is not None
    return Access(_http(config, config.url, config.auth, config.tls, config.proxy))


def _http(config: KubernetesConfig, url: str, auth: Auth, tls: Tls, proxy: str | None = None) -> HttpConfig:
    try:
        http = HttpConfig(kind=config.kind, limits=config.limits, url=url, auth=auth, proxy=proxy)
    except ValidationError:
        raise ConfigError(f"kubeconfig: {url!r} is no address", hint="like https://host:6443") from None
    return http.model_copy(update={"tls": tls})


def _from_inside(config: KubernetesConfig, mounted: Path) -> Access:
    host, port = os.environ.get("KUBERNETES_SERVICE_HOST", ""), os.environ.get("KUBERNETES_SERVICE_PORT", "")
    token, authority = mounted / "token", mounted / "ca.crt"
    if not (host and port and token.exists() and authority.exists()):
        raise ConfigError(
            "in_cluster: this is no pod of a cluster with a service account",
            hint="run andon in a pod with automountServiceAccountToken, or state `url` or `kubeconfig`",
        )
    address = f"[{host}]" if ":" in host else host
    auth = Auth(bearer=f"${{file:{token}}}")
    return Access(_http(config, f"https://{address}:{port}", auth, Tls(ca=authority)))


def _from_kubeconfig(config: KubernetesConfig, file: Path, vault: Vault) -> Access:
    content = _loaded(file)
    context = config.context or text_in(content, "current-context")
    chosen = _named(content, "contexts", "context", context)
    cluster = _named(content, "clusters", "cluster", text_in(chosen, "cluster"))
    user = _named(content, "users", "user", text_in(chosen, "user")) if chosen.get("user") else {}
    _refuse(cluster, user)
    tls = InlineTls(
        ca=_path(cluster, "certificate-authority", file),
        cert=_path(user, "client-certificate", file),
        key=_path(user, "client-key", file),
        ca_text=_decoded(cluster, "certificate-authority-data"),
        cert_text=_decoded(user, "client-certificate-data"),
        key_text=_decoded(user, "client-key-data"),
    )
    token, token_file = text_in(user, "token"), _path(user, "tokenFile", file)
    headers, auth = {}, Auth()
    if token_file:
        auth = Auth(bearer=f"${{file:{token_file}}}")
    elif token:
        vault.know(token)
        headers = {"authorization": f"Bearer {token}"}
    address = text_in(cluster, "server").rstrip("/")
    return Access(_http(config, address, auth, tls, text_in(cluster, "proxy-url") or None), headers)


def _loaded(file: Path) -> Mapping[str, Any]:
    import yaml

    try:
        content = yaml.safe_load(file.read_text(encoding="utf-8"))
    except (OSError, UnicodeDecodeError) as error:
        reason = error.strerror if isinstance(error, OSError) else "it is not UTF-8 text"
        raise ConfigError(f"kubeconfig: {file} cannot be read: {reason}") from None
    except yaml.YAMLError:
        raise ConfigError(f"kubeconfig: {file} is not YAML") from None
    if not isinstance(content, dict):
        raise ConfigError(f"kubeconfig: {file} holds no configuration")
    return content


def _named(content: Mapping[str, Any], group: str, inner: str, name: str) -> Mapping[str, Any]:
    listed = content.get(group)
    for entry in listed if isinstance(listed, list) else ():
        if isinstance(entry, dict) and entry.get("name") == name and isinstance(entry.get(inner), dict):
            found: Mapping[str, Any] = entry[inner]
            return found
    raise ConfigError(f"kubeconfig: no {inner} is named {name!r}", hint="kubectl config view shows the names")


def _refuse(cluster: Mapping[str, Any], user: Mapping[str, Any]) -> None:
    """Raises ConfigError for what is not done: running programs, trusting anybody."""
    if "exec" in user or "auth-provider" in user:
        raise ConfigError(
            "kubeconfig: this user signs in by running a program, which andon does not do",
            hint=_TOKEN_HINT,
        )
    if cluster.get("insecure-skip-tls-verify"):
        raise ConfigError(
            "kubeconfig: insecure-skip-tls-verify is set, and andon always verifies",
            hint="name the cluster's authority in the kubeconfig",
        )
    if cluster.get("tls-server-name"):
        raise ConfigError(
            "kubeconfig: tls-server-name is not supported",
            hint="use an address that the certificate of the API server names",
        )
    if user.get("username") or user.get("password"):
        raise ConfigError("kubeconfig: Kubernetes knows no passwords since 1.19", hint=_TOKEN_HINT)


def _path(entry: Mapping[str, Any], key: str, file: Path) -> Path | None:
    written = text_in(entry, key)
    return (file.parent / Path(written).expanduser()).resolve() if written else None


def _decoded(entry: Mapping[str, Any], key: str) -> str:
    try:
        return base64.b64decode(text_in(entry, key), validate=True).decode("ascii")
    except (binascii.Error, UnicodeDecodeError):
        raise ConfigError(f"kubeconfig: {key} is not PEM in base64") from None
