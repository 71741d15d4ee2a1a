"""Every system that can be connected has a page, and the page that lists them is what the connectors say."""

from __future__ import annotations

import re
import shlex

import pytest

from andon.app.source_entries import entry_of
from andon.connectors import Limits, Session, connector_class, connector_kinds, open_connector
from andon.connectors.aws.config import AwsConfig
from andon.connectors.wire import HttpConfig
from docs.connect_page import PAGE, page, page_of

SHARED = {"kind", "limits", *HttpConfig.model_fields}


def test_the_list_is_the_generated_one():
    assert PAGE.read_text(encoding="utf-8") == page()


@pytest.mark.parametrize("kind", connector_kinds())
def test_every_system_has_a_page_that_names_its_keys_and_its_proof(kind):
    told = (PAGE.parent / page_of(kind)).read_text(encoding="utf-8")
    offered = connector_class(kind)
    if issubclass(offered.Config, AwsConfig):
        told += (PAGE.parent / "aws.md").read_text(encoding="utf-8")
    assert f"kind: {kind}" in told
    assert "Proved against" in told
    missing = [key for key in set(offered.Config.model_fields) - SHARED if key not in told]
    assert not missing, f"{kind}.md does not speak of {missing}"


def test_every_limit_is_documented():
    settings = (PAGE.parents[2] / "reference" / "settings.md").read_text(encoding="utf-8")
    assert [key for key in Limits.model_fields if f"`{key}`" not in settings] == []


@pytest.mark.parametrize("page", [PAGE, PAGE.parents[3] / "README.md"], ids=["list", "README"])
def test_sources_that_are_added_on_a_page_can_be_added(page):
    commands = re.findall(r"^andon sources add .*?(?=\s+#|$)", page.read_text(encoding="utf-8"), re.MULTILINE)
    assert commands
    for command in commands:
        _, _, _, name, kind, *settings = shlex.split(command)
        with Session() as session:
            open_connector(name, entry_of(kind, settings), session)
