import pytest

from andon.connectors import Session, open_class
from andon.connectors.kubernetes import KubernetesConnector, KubernetesScope
from andon.errors import ConfigError


@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"url": "https://k:6443"}, "scope: Field required"),
        ({"url": "https://k:6443", "scope": {"namespaces": []}}, "scope.namespaces"),
        ({"url": "https://k:6443", "scope": {"namespaces": ["a/../b"]}}, "the name of a namespace"),
        ({"scope": {"namespaces": ["a"]}}, "one of `url`"),
        ({"url": "https://k:6443", "in_cluster": True, "scope": {"namespaces": ["a"]}}, "one of `url`"),
        ({"in_cluster": True, "proxy": "http://p:1", "scope": {"namespaces": ["a"]}}, "belong to `url`"),
        ({"in_cluster": True, "context": "x", "scope": {"namespaces": ["a"]}}, "belongs to `kubeconfig`"),
        ({"url": "https://k:6443", "auth": {"bearer": "plain"}, "scope": {"namespaces": ["a"]}}, "named, not written"),
    ],
)  # fmt: skip
def test_mistakes_are_told_with_their_key(options, said):
    with Session() as session, pytest.raises(ConfigError, match=said.replace("*", r"\*")):
        open_class(KubernetesConnector, "prod", options, session)


def test_a_scope_admits_its_namespaces_only():
    scope = KubernetesScope(namespaces=("shop", "pay"))
    assert scope.admits("shop") and not scope.admits("kube-system") and not scope.every


def test_every_namespace_is_stated_plainly_and_still_must_be_one():
    scope = KubernetesScope(namespaces=("*",))
    assert scope.every and scope.admits("kube-system")
    assert not scope.admits("../../secrets") and not scope.admits(None)
