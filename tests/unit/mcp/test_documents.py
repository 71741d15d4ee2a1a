from __future__ import annotations

from typing import Any

import pytest

from andon import reports
from andon.config import Settings
from andon.investigation.report import REPORT_SCHEMA, Report
from andon.mcp.documents import Documents
from andon.mcp.records import Records
from andon.mcp.scope import Scope


def documents(settings: Settings, hide: Any = lambda value: value) -> Documents:
    return Documents(Records(settings, Scope.of(settings)), hide)


def test_a_report_as_json_is_the_report(settings: Settings, report: Report):
    found = documents(settings).report("latest", "json").structured_content
    assert found is not None
    assert found["markdown"] is None
    assert found["report"]["schema"] == REPORT_SCHEMA
    assert reports.from_json(documents(settings).as_json(report.run)) == report


def test_a_report_as_markdown_and_as_a_page(settings: Settings, report: Report):
    found = documents(settings).report("latest", "markdown")
    assert found.structured_content is not None
    assert found.content[0].text == found.structured_content["markdown"] == reports.to_markdown(report)
    assert documents(settings).as_markdown("latest") == reports.to_markdown(report)
    assert documents(settings).as_html("latest").startswith("<!doctype html>")


def test_values_are_hidden_before_they_are_written_down(settings: Settings, report: Report):
    def hide(value: Any) -> Any:
        if isinstance(value, dict):
            return {key: hide(one) for key, one in value.items()}
        if isinstance(value, list):
            return [hide(one) for one in value]
        return value.replace("iOS", '<&"') if isinstance(value, str) else value

    hidden = documents(settings, hide)
    assert "iOS app" in hidden.records.report("latest").question
    for text in (hidden.as_json("latest"), hidden.as_markdown("latest"), hidden.as_html("latest")):
        assert "iOS app" not in text
    assert "&lt;&amp;" in hidden.as_html("latest")


@pytest.mark.parametrize("limit", [1, 200])
def test_runs_are_listed(settings: Settings, report: Report, limit: int):
    found = documents(settings).runs(limit).structured_content
    assert found == {
        "runs": [
            {
                "run": report.run,
                "created": found["runs"][0]["created"],
                "state": "done",
                "question": report.question,
            }
        ],
        "total": 1,
    }
    assert report.run in documents(settings).listed()


def test_a_report_verifies(settings: Settings, report: Report):
    found = documents(settings).verify("latest").structured_content
    assert found == {"run": report.run, "claims": report.checked_claims, "verified": True, "failures": []}
