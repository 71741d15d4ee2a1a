from __future__ import annotations

import pytest

from andon.config import Settings
from andon.errors import RunNotFound, UsageError
from andon.investigation.report import Report
from andon.mcp.records import Records
from andon.mcp.scope import Scope
from andon.storage import Store

from .conftest import DOOR, ESTATE


def other_run(settings: Settings) -> str:
    """A run that looked at something else, newer than the first."""
    store = Store(settings.home)
    run = store.create_run("payroll is late")
    store.append(run, "run", {"question": {}, "infos": [], "sources": ["payroll"], "trail": []})
    store.close()
    return run


def test_runs_of_the_sources_stated_are_all_that_is_seen(settings: Settings, report: Report):
    other = other_run(settings)
    records = Records(settings, Scope.of(settings, [str(DOOR)]))
    assert [run.id for run in records.runs()] == [report.run]
    assert records.find("latest").id == report.run
    assert records.report(report.run[-4:]).headline == report.headline
    for method in (records.find, records.report, records.verify, records.proceedable):
        with pytest.raises(RunNotFound):
            method(other)


def test_where_nobody_stated_sources_all_runs_are_seen_but_not_gone_on_with(
    settings: Settings, report: Report
):
    other = other_run(settings)
    records = Records(settings, Scope.of(settings))
    assert [run.id for run in records.runs()] == [other, report.run]
    with pytest.raises(UsageError, match="may not look at"):
        records.proceedable(report.run)


def test_a_run_is_gone_on_with_where_its_sources_are_offered(settings: Settings, report: Report):
    records = Records(settings, Scope.of(settings, [str(DOOR), str(ESTATE)]))
    assert records.proceedable("latest").id == report.run


def test_an_empty_store(tmp_path):
    records = Records(Settings(tmp_path, tmp_path / "andon.yaml"), Scope({}))
    assert records.runs() == ()
    with pytest.raises(RunNotFound):
        records.find("latest")


def test_a_run_verifies(settings: Settings, report: Report):
    found, failures = Records(settings, Scope.of(settings)).verify("latest")
    assert found.checked_claims == report.checked_claims
    assert failures == ()
