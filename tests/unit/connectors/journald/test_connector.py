"""journald's connector asks journalctl for no more than is wanted, and says what it could not get."""

from __future__ import annotations

import time
from collections import Counter
from typing import Any

import pytest

from andon.connectors import Need, Session, open_class
from andon.connectors.journald import JournaldConnector
from andon.errors import ConfigError
from andon.telemetry import ERROR, INFO, WARN, Logs, Result, Status, Window

START = 1_781_863_000.0
WINDOW = Window(START, START + 300)
WHOLE = Need(WINDOW)


def entry(second: float, priority: str | None = "6", **fields: Any) -> dict[str, Any]:
    found = {"__REALTIME_TIMESTAMP": str(int((START + second) * 1e6)), "MESSAGE": f"at {second}"}
    found |= {"_TRANSPORT": "journal", "_SYSTEMD_UNIT": "door.service", "__CURSOR": "s=1"}
    return found | ({"PRIORITY": priority} if priority else {}) | fields


def asked(need: Need | None = None, seconds: float = 20.0, **options: Any) -> Result[Logs]:
    with Session(seconds) as session:
        return open_class(JournaldConnector, "journal", options, session).logs(need or WHOLE)


def test_everything_comes_whole_when_it_is_wanted(journal: Any) -> None:
    journal([entry(1), entry(2, "4"), entry(3, "3"), entry(4, None), entry(-1), entry(300)])
    result = asked()
    assert result.status is Status.OK
    assert [(r.body, r.severity) for r in result.value] == [
        ("at 1", INFO),
        ("at 2", WARN),
        ("at 3", ERROR),
        ("at 4", 0),
    ]
    assert {fetch.place for fetch in result.fetches} == {"this machine"}
    assert all(fetch.query.startswith("journalctl --since=@") and fetch.bytes for fetch in result.fetches)


def test_errors_are_whole_and_the_rest_is_sampled(journal: Any) -> None:
    journal([entry(i * 0.3) for i in range(1000)] + [entry(i, "3") for i in range(20)])
    result = asked(Need(WINDOW, items=120), limits={"slices": 10})
    found = Counter(record.severity for record in result.value)
    assert found[ERROR] == 20 and 60 < found[INFO] <= 100
    share = {fetch.share for fetch in result.fetches}.difference([1.0]).pop()
    assert found[INFO] / share == pytest.approx(1000, rel=0.15)


def test_what_a_service_prints_speaks_for_itself(journal: Any) -> None:
    journal([entry(1, MESSAGE="level=error msg=x", _TRANSPORT="stdout"), entry(2, _TRANSPORT="stdout")])
    assert [record.severity for record in asked().value] == [ERROR, INFO]


def test_services_and_scope_become_matches(journal: Any) -> None:
    records = [
        entry(1),
        entry(2, _SYSTEMD_UNIT="init.scope", UNIT="door.service"),
        entry(3, _SYSTEMD_UNIT="docker.service", CONTAINER_NAME="door"),
        entry(4, _SYSTEMD_UNIT="pay.service"),
        entry(5, _HOSTNAME="other"),
    ]
    journal(records)
    assert asked(Need(WINDOW, ("door",))).count == 4
    scoped = asked(Need(WINDOW, ("door",)), scope={"match": {"_HOSTNAME": ["other"]}})
    assert [record.body for record in scoped.value] == ["at 5"]
    refused = asked(Need(WINDOW, ("pay",)), scope={"match": {"_SYSTEMD_UNIT": ["door.service"]}})
    assert (
        refused.status is Status.DENIED
        and "outside the scope of source journal" in refused.problems[0].message
    )


def test_a_value_is_one_argument_and_no_shell_reads_it(journal: Any) -> None:
    odd = "a; touch x $(id) '\"` +"
    journal([entry(1, _HOSTNAME=odd), entry(2)])
    assert asked(scope={"match": {"_HOSTNAME": [odd]}}).count == 1
    for field in ("--file", "bad field", "=x"):
        with pytest.raises(ConfigError):
            asked(scope={"match": {field: ["x"]}})


def test_malformed_lines_are_counted(journal: Any) -> None:
    journal([entry(1)], tail='{"__REALTIME_TIMESTAMP": "never"}\n[1]\nnot json\n')
    result = asked()
    assert result.count == 1 and result.status is Status.PARTIAL
    assert any(problem.message == "a malformed record was left out" for problem in result.problems)


def test_an_empty_journal_is_empty(journal: Any) -> None:
    journal([])
    assert asked().status is Status.EMPTY


@pytest.mark.parametrize(
    ("how", "status", "words"),
    [
        ({"exit": 1, "complaint": "Failed to open files: Permission denied"}, Status.DENIED, "may not read"),
        ({"exit": 1, "complaint": "Failed to parse"}, Status.FAILED, "Failed to parse"),
        ({"complaint": "No journal files were found."}, Status.FAILED, "no journal"),
        (
            {"complaint": "Hint: You are currently not seeing messages from other users"},
            Status.PARTIAL,
            "own programs",
        ),
        ({"tail": "x" * 200_000}, Status.TRUNCATED, "wrote more than"),
    ],
)
def test_what_goes_wrong_is_told(journal: Any, how: dict[str, Any], status: Status, words: str) -> None:
    journal([entry(1)], **how)
    result = asked(limits={"answer_bytes": 100_000})
    assert result.status is status
    assert words in result.problems[0].message and result.problems[0].place.startswith("journal ")


def test_a_program_that_hangs_is_ended_at_the_deadline(journal: Any) -> None:
    journal([entry(1)], seconds=60)
    began = time.monotonic()
    assert asked(seconds=1.0).status is Status.FAILED
    assert asked(limits={"timeout": 0.5}).status is Status.FAILED
    assert time.monotonic() - began < 10


def test_without_the_program_it_says_so(monkeypatch: pytest.MonkeyPatch, tmp_path: Any) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    result = asked()
    assert result.status is Status.FAILED and "not installed" in result.problems[0].message


def test_check_tells_what_works(journal: Any) -> None:
    now = time.time() - START
    journal([entry(now - 86_400), entry(now - 5)])
    with Session(20.0) as session:
        checks = {c.what: c for c in open_class(JournaldConnector, "journal", {}, session).check()}
    assert [check.state for check in checks.values()] == ["ok"] * 4
    assert checks["reach"].found == "systemd 252 (imitated)"


def test_check_tells_who_may_not_see_all(journal: Any) -> None:
    journal(
        [entry(1)], complaint="Hint: You are currently not seeing messages from other users and the system."
    )
    with Session(20.0) as session:
        checks = {c.what: c for c in open_class(JournaldConnector, "journal", {}, session).check()}
    assert checks["access"].state == "failed" and "systemd-journal" in checks["access"].hint
    assert checks["logs"].state == "warning"
