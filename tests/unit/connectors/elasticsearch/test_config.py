from __future__ import annotations

import pytest
from pydantic import ValidationError

from andon.connectors.elasticsearch import IndexScope


@pytest.mark.parametrize(
    "pattern",
    [
        "*",
        "_all",
        "-logs",
        "logs-*,-logs-b",
        "<logs-{now/d}>",
        ".kibana",
        "*logs",
        "Logs",
        "a b",
        "a/_search",
        "",
        "_x",
    ],
)
def test_expressions_that_reach_further_than_they_look_are_refused(pattern):
    with pytest.raises(ValidationError):
        IndexScope(indices=(pattern,))


def test_no_index_at_all_is_refused():
    with pytest.raises(ValidationError):
        IndexScope(indices=())


@pytest.mark.parametrize(
    ("index", "inside"),
    [
        ("logs-app", True),
        (".ds-logs-app-2026.06.19-000001", True),
        ("partial-.ds-logs-app-2026.06.19-000001", True),
        ("east:logs-app", False),
        ("west:logs-app", True),
        ("west:.ds-logs-app-2026.06.19-000001", True),
        (".ds-metrics-app-2026.06.19-000001", False),
        ("audit-logs-app", False),
        (".security", False),
        ("", False),
    ],
)
def test_what_an_answer_names_is_matched_again(index, inside):
    scope = IndexScope(indices=("logs-*", "west:logs-*"))
    assert scope.admits(index) is inside


def test_the_patterns_are_one_expression():
    assert IndexScope(indices=("logs-*", "app")).expression == "logs-*,app"
