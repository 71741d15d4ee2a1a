from pathlib import Path

import yaml

from andon.connectors.kubernetes.resources import DEPLOYMENTS, EVENTS, NAMESPACES, RULES, role_yaml

PUBLISHED = Path(__file__).parents[4] / "docs/how-to/connect/kubernetes-role.yaml"


def test_the_published_role_is_what_the_connector_asks_for():
    assert PUBLISHED.read_text(encoding="utf-8") == role_yaml()


def test_the_role_only_lists_and_sees_no_secrets():
    account, role, binding = yaml.safe_load_all(role_yaml("pay"))
    assert {verb for rule in role["rules"] for verb in rule["verbs"]} == {"list"}
    assert not any("secrets" in rule["resources"] for rule in RULES)
    assert role["kind"] == "Role" and role["metadata"]["namespace"] == "pay"
    assert binding["subjects"][0]["name"] == account["metadata"]["name"]


def test_paths_are_namespaced():
    assert EVENTS.path("shop") == "/api/v1/namespaces/shop/events"
    assert DEPLOYMENTS.path("shop") == "/apis/apps/v1/namespaces/shop/deployments"
    assert NAMESPACES.path() == "/api/v1/namespaces"
    assert (EVENTS.name, DEPLOYMENTS.name) == ("events", "deployments.apps")
