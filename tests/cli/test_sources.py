from __future__ import annotations

from pathlib import Path

import pytest

from andon.testing.imitation import Fault
from andon.testing.imitations.alertmanager import AlertmanagerImitation, FiringAlert

ALERT = FiringAlert({"alertname": "DoorsDown", "service": "bff", "severity": "page"}, 1_781_864_400.0)


@pytest.fixture
def alertmanager():
    with AlertmanagerImitation([ALERT], token="open sesame") as server:
        yield server


@pytest.fixture(autouse=True)
def _token(monkeypatch):
    monkeypatch.setenv("DOOR_TOKEN", "open sesame")


def config() -> str:
    return Path("andon.yaml").read_text(encoding="utf-8")


def test_a_source_is_added_tried_and_listed(andon, alertmanager):
    added = andon(
        "sources", "add", "alerts", "alertmanager", f"url={alertmanager.url}", "auth.bearer=${env:DOOR_TOKEN}"
    )
    assert added.code == 0
    assert "✓ alerts  1 fire" in added.out
    assert "open sesame" not in config() and "${env:DOOR_TOKEN}" in config()
    assert alertmanager.url in andon("sources", "list").out
    (listed,) = andon("sources", "list", "--json").json
    assert (listed["name"], listed["kind"]) == ("alerts", "alertmanager")


def test_what_does_not_work_is_told_with_what_to_do(andon, alertmanager):
    added = andon("sources", "add", "alerts", "alertmanager", f"url={alertmanager.url}")
    assert added.code == 4
    assert "✗ reach" in added.out and "→ check `auth`" in added.out
    checked = andon("sources", "check", "--json")
    assert checked.code == 4
    assert checked.json[0]["checks"][0]["state"] == "failed"


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (["alerts", "alertmanager"], "url: Field required"),
        (["alerts", "alertmanager", "url"], "states nothing"),
        (["alerts", "alertmanager", "url=http://h", "url.x=1"], "already has a value"),
        (["alerts", "promethius", "url=http://h"], "not known"),
        (["alerts", "alertmanager", "url=http://h", "auth.bearer=abc"], "named, not written"),
        (["al erts", "alertmanager", "url=http://h"], "a name is letters"),
        (["x", "files"], "expected one key, `path`"),
    ],
)
def test_a_mistake_leaves_the_file_as_it_was(andon, words, told):
    Path("andon.yaml").write_text("# mine\nsources:\n  a: {path: .}\n")
    added = andon("sources", "add", *words)
    assert added.code in (2, 3)
    assert told in added.err
    assert config() == "# mine\nsources:\n  a: {path: .}\n"


def test_comments_and_order_stay(andon):
    before = "# ours\nsources: # here\n  # the shop\n  a: {path: .}   # first\n\n# the end\n"
    Path("andon.yaml").write_text(before)
    assert andon("sources", "add", "b", "files", "path=./more", "--no-check").code == 0
    assert config() == before.replace("# first\n", "# first\n  b:\n    path: ./more\n", 1).replace(
        "more\n\n", "more\n\n"
    ) or ("  a: {path: .}   # first" in config() and "# the end" in config())
    assert [line.split()[0] for line in andon("sources", "list").out.splitlines()] == ["a", "b"]


@pytest.mark.parametrize("empty", ["", "sources:\n", "sources: {}\n", "sources:"])
def test_an_empty_file_is_begun(andon, empty):
    Path("andon.yaml").write_text(empty)
    assert andon("sources", "add", "b", "files", "path=.", "--no-check").code == 0
    assert andon("sources", "add", "c", "files", "path=.", "--no-check").code == 0
    assert len(andon("sources", "list").out.splitlines()) == 2
    assert andon("sources", "add", "c", "files", "path=.", "--no-check").code == 3


def test_kinds_say_what_they_were_tested_against(andon):
    told = andon("sources", "kinds")
    assert "tested against Alertmanager 0.25" in told.out
    assert {"alertmanager", "prometheus", "loki"} <= {
        kind["kind"] for kind in andon("sources", "kinds", "--json").json
    }


def test_doctor_looks_at_everything(andon, alertmanager):
    assert andon("doctor").code == 0
    andon("sources", "add", "alerts", "alertmanager", f"url={alertmanager.url}", "--no-check")
    told = andon("doctor")
    assert told.code == 4
    for what in ("python", "store", "room", "andon.yaml", "extras", "alerts (alertmanager)"):
        assert what in told.out
    assert {one["name"] for one in andon("doctor", "--json").json} == {"andon", "alerts"}


def test_a_dead_system_ends_with_what_it_said(andon):
    with AlertmanagerImitation(fault=Fault.REFUSED) as server:
        andon(
            "sources", "add", "alerts", "alertmanager", f"url={server.url}", "limits.retries=0", "--no-check"
        )
        told = andon("investigate", "doors do not open")
    assert told.code == 4
    assert "no source gave a single point" in told.err


def test_without_words_the_worst_alert_is_asked_about(andon, alertmanager):
    andon(
        "sources", "add", "alerts", "alertmanager", f"url={alertmanager.url}", "auth.bearer=${env:DOOR_TOKEN}"
    )
    told = andon("investigate", "--last", "30m")
    assert told.code == 4
    assert "no source gave a single point" in told.err


@pytest.mark.parametrize("last", ["", "0s", "an hour", "-1h"])
def test_a_length_of_time_that_is_none(andon, last):
    Path("andon.yaml").write_text("sources:\n  a: {path: .}\n")
    told = andon("investigate", "x", "--last", last)
    assert told.code == 2 and "no length of time" in told.err
