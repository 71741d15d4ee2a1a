import base64
from importlib.resources import files

import pytest
import yaml

from andon.connectors.kubernetes.access import access_to
from andon.connectors.kubernetes.config import KubernetesConfig
from andon.connectors.secrets import Vault
from andon.errors import ConfigError

PKI = files("andon.demo") / "pki"
CERT, KEY = ((PKI / name).read_bytes() for name in ("auth-service.pem", "server.key"))
SCOPE = {"namespaces": ["shop"]}


def encoded(raw):
    return base64.b64encode(raw).decode()


@pytest.fixture
def written(tmp_path):
    """A kubeconfig with one context, and the configuration that names it."""

    def write(user, cluster=None, **options):
        content = {
            "current-context": "prod",
            "contexts": [{"name": "prod", "context": {"cluster": "c", "user": "u"}}],
            "clusters": [{"name": "c", "cluster": {"server": "https://k:6443"} | (cluster or {})}],
            "users": [{"name": "u", "user": user}],
        }
        path = tmp_path / "config"
        path.write_text(yaml.safe_dump(content))
        return KubernetesConfig(kind="kubernetes", kubeconfig=path, scope=SCOPE, **options)

    return write


def test_a_token_in_the_file_is_sent_and_hidden(written):
    vault = Vault()
    access = access_to(written({"token": "very-secret"}), vault)
    assert access.http.url == "https://k:6443"
    assert access.headers == {"authorization": "Bearer very-secret"}
    assert vault.hide("Bearer very-secret") == "Bearer ***"
    assert "very-secret" not in repr(access)


def test_a_token_file_lies_beside_the_kubeconfig(written, tmp_path):
    access = access_to(written({"tokenFile": "token"}), Vault())
    assert access.http.auth.bearer == f"${{file:{tmp_path / 'token'}}}"


def test_certificates_in_the_file_are_used(written):
    user = {"client-certificate-data": encoded(CERT), "client-key-data": encoded(KEY)}
    access = access_to(written(user, {"certificate-authority-data": encoded(CERT)}), Vault())
    context = access.http.tls.context()
    assert context.check_hostname and len(context.get_ca_certs()) + context.cert_store_stats()["x509"] >= 1
    assert "PRIVATE KEY" not in repr(access)


def test_certificates_beside_the_file_are_used(written, tmp_path):
    (tmp_path / "c.pem").write_bytes(CERT)
    (tmp_path / "c.key").write_bytes(KEY)
    user = {"client-certificate": "c.pem", "client-key": "c.key"}
    access = access_to(written(user, {"certificate-authority": "c.pem"}), Vault())
    assert access.http.tls.context().cert_store_stats()["x509"] == 1


def test_the_proxy_of_the_cluster_is_used(written):
    assert access_to(written({}, {"proxy-url": "http://p:3128"}), Vault()).http.proxy == "http://p:3128"


@pytest.mark.parametrize(
    ("user", "cluster", "said"),
    [
        ({"exec": {"command": "aws"}}, {}, "running a program"),
        ({"auth-provider": {"name": "gcp"}}, {}, "running a program"),
        ({"username": "me", "password": "x"}, {}, "no passwords"),
        ({}, {"insecure-skip-tls-verify": True}, "always verifies"),
        ({}, {"tls-server-name": "other"}, "tls-server-name"),
        ({}, {"certificate-authority-data": "%%"}, "not PEM in base64"),
        ({}, {"server": "k8s"}, "no address"),
    ],
)
def test_what_is_not_done_is_refused_with_a_hint(written, user, cluster, said):
    with pytest.raises(ConfigError, match=said):
        access_to(written(user, cluster), Vault())


def test_a_context_that_is_not_there_is_told(written):
    with pytest.raises(ConfigError, match="no context is named 'test'"):
        access_to(written({}, context="test"), Vault())


@pytest.mark.parametrize("content", ["[1]", "a: [", ""])
def test_a_file_that_is_no_kubeconfig_is_told(tmp_path, content):
    path = tmp_path / "config"
    path.write_text(content)
    with pytest.raises(ConfigError, match="kubeconfig"):
        access_to(KubernetesConfig(kind="kubernetes", kubeconfig=path, scope=SCOPE), Vault())


def test_a_broken_certificate_is_told(written):
    access = access_to(written({}, {"certificate-authority-data": encoded(b"nothing")}), Vault())
    with pytest.raises(ConfigError, match="certificate cannot be used"):
        access.http.tls.context()


def test_from_inside_a_pod(tmp_path, monkeypatch):
    monkeypatch.setenv("KUBERNETES_SERVICE_HOST", "fd00::1")
    monkeypatch.setenv("KUBERNETES_SERVICE_PORT", "443")
    (tmp_path / "token").write_text("t")
    (tmp_path / "ca.crt").write_bytes(CERT)
    config = KubernetesConfig(kind="kubernetes", in_cluster=True, scope=SCOPE)
    access = access_to(config, Vault(), mounted=tmp_path)
    assert access.http.url == "https://[fd00::1]:443"
    assert access.http.auth.bearer == f"${{file:{tmp_path / 'token'}}}"
    assert access.http.tls.ca == tmp_path / "ca.crt"


def test_outside_of_a_pod_is_told(tmp_path, monkeypatch):
    monkeypatch.delenv("KUBERNETES_SERVICE_HOST", raising=False)
    config = KubernetesConfig(kind="kubernetes", in_cluster=True, scope=SCOPE)
    with pytest.raises(ConfigError, match="no pod"):
        access_to(config, Vault(), mounted=tmp_path)
