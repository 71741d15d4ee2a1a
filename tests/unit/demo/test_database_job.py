from __future__ import annotations

import threading

import pytest

from andon.demo import database_job
from andon.demo.conditions import Conditions, impose
from andon.demo.database_job import REPORTING, ReportingJob
from andon.demo.emitter import Telemetry


class Session:
    def __init__(self) -> None:
        self.statements: list[str] = []
        self.worked = threading.Event()

    def execute(self, statement: str) -> list:
        self.statements.append(statement.partition(" ")[0])
        if len(self.statements) >= 4:
            self.worked.set()
        return []

    def close(self) -> None:
        self.statements.append("closed")


@pytest.mark.parametrize("befallen", [True, False])
def test_the_job_holds_the_table_again_and_again_while_the_condition_holds(tmp_path, monkeypatch, befallen):
    monkeypatch.setattr(database_job, "_LOOK_SECONDS", 0.01)
    monkeypatch.setattr(database_job, "_BETWEEN_SECONDS", (0.001, 0.002))
    if befallen:
        impose(tmp_path, "subscription-db", REPORTING, 0.01)
    session = Session()
    telemetry = Telemetry("subscription-db", "1.0.0", "1", receiver=9)
    job = ReportingJob(lambda: session, telemetry, Conditions(tmp_path, "subscription-db"))
    job.start()
    assert session.worked.wait(2 if befallen else 0.05) == befallen
    job.stop()
    job.join(2)
    assert not job.is_alive()
    if befallen:
        assert session.statements[:4] == ["LOCK", "commit", "LOCK", "commit"]
        assert session.statements[-1] == "closed"
        assert "user=reporting_job" in telemetry._records[0]["body"]["stringValue"]
    else:
        assert session.statements == []
