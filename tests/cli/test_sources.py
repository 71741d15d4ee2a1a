from __future__ import annotations

import sqlite3
from contextlib import closing
from importlib.metadata import EntryPoint, PackageNotFoundError
from pathlib import Path

import pytest

from andon import plugins
from andon.config import load_settings
from andon.connectors import Check, CheckState
from andon.connectors.alertmanager import AlertmanagerConnector
from andon.errors import ConfigError
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
    assert "alerts stays in andon.yaml" in added.err
    assert "`andon sources add alerts alertmanager … --replace` mends it" in added.err
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
    assert config() == before.replace("# first\n", "# first\n  b:\n    path: ./more\n")
    assert [line.split()[0] for line in andon("sources", "list").out.splitlines()] == ["a", "b"]


def test_a_file_that_has_no_place_for_it_stays_as_it_was(andon):
    for before in ("sources: {a: {path: .}}\n", "sources:\n  a: {path: .}\nsources:\n  c: {path: .}\n"):
        Path("andon.yaml").write_text(before)
        added = andon("sources", "add", "b", "files", "path=.", "--no-check")
        assert (added.code, config()) == (3, before)
        assert "andon.yaml" in added.err or "braces" in added.err


def test_a_link_stays_a_link_and_line_ends_stay_as_they_are(andon, tmp_path):
    kept = tmp_path / "kept.yaml"
    kept.write_bytes(b"\xef\xbb\xbfsources:\r\n  a: {path: .}\r\n")
    kept.chmod(0o640)
    Path("andon.yaml").symlink_to(kept)
    assert andon("sources", "add", "b", "files", "path=.", "--no-check").code == 0
    assert Path("andon.yaml").is_symlink()
    assert kept.read_bytes() == b"\xef\xbb\xbfsources:\r\n  a: {path: .}\r\n  b:\r\n    path: .\r\n"
    assert kept.stat().st_mode & 0o777 == 0o640


def test_a_file_that_may_not_be_written_stays_as_it_was(andon, monkeypatch):
    Path("andon.yaml").write_text("sources:\n  a: {path: .}\n")
    monkeypatch.setattr("andon.app.source_entries.os.access", lambda path, mode: False)
    added = andon("sources", "add", "b", "files", "path=.", "--no-check")
    assert added.code == 3 and "it is read-only" in added.err
    assert [path.name for path in Path().iterdir()] == ["andon.yaml"]


def test_what_somebody_else_wrote_meanwhile_is_not_lost(andon, monkeypatch):
    from andon.app import source_entries

    Path("andon.yaml").write_text("sources:\n  a: {path: .}\n")
    with_entry = source_entries.with_entry

    def meanwhile(*args):
        Path("andon.yaml").write_text("sources:\n  z: {path: .}\n")
        return with_entry(*args)

    monkeypatch.setattr(source_entries, "with_entry", meanwhile)
    added = andon("sources", "add", "b", "files", "path=.", "--no-check")
    assert added.code == 3 and "somebody else" in added.err
    assert config() == "sources:\n  z: {path: .}\n"
    assert [path.name for path in Path().iterdir()] == ["andon.yaml"]


def test_a_new_file_can_be_read_by_others(andon):
    andon("sources", "add", "b", "files", "path=.", "--no-check")
    assert Path("andon.yaml").stat().st_mode & 0o777 == 0o644


HELD = "# ours\nsources:\n  # the shop\n  a: {path: .}   # first\n  # the end\n  b: {path: x}\nbudget: {seconds: 5}\n"


def test_a_source_is_mended_in_its_place(andon, alertmanager):
    Path("andon.yaml").write_text(HELD)
    words = [
        "sources",
        "add",
        "a",
        "alertmanager",
        f"url={alertmanager.url}",
        "auth.bearer=${env:DOOR_TOKEN}",
    ]
    taken = andon(*words)
    assert (taken.code, config()) == (3, HELD) and "--replace" in taken.err
    mended = andon(*words, "--replace")
    assert mended.code == 0 and "replaced a in andon.yaml" in mended.err and "mends" not in mended.err
    first, last = HELD.split("  a: {path: .}   # first\n")
    assert config().startswith(f"{first}  a:\n    kind: alertmanager\n") and config().endswith(last)
    wrong = andon("sources", "add", "a", "alertmanager", "uri=http://h", "--replace")
    assert wrong.code == 3 and "uri: no such key, did you mean url?" in wrong.err
    assert alertmanager.url in config()


def test_a_source_that_is_not_there_is_added_by_replace_too(andon):
    assert andon("sources", "add", "c", "files", "path=.", "--replace").err.startswith("added c to ")


def test_a_source_is_removed_and_all_else_stays(andon):
    Path("andon.yaml").write_text(HELD)
    gone = andon("sources", "remove", "a")
    assert gone.code == 0 and "removed a from andon.yaml" in gone.err
    assert config() == HELD.replace("  a: {path: .}   # first\n", "")
    unknown = andon("sources", "remove", "a")
    assert unknown.code == 3 and "no source is named 'a'" in unknown.err and "b" in unknown.err
    assert andon("sources", "remove", "b").code == 0
    assert config() == "# ours\nsources:\n  # the shop\n  # the end\nbudget: {seconds: 5}\n"


@pytest.mark.parametrize(
    "text",
    ["sources:\n  a: &a {path: .}\n  b: *a\n", "sources: {a: {path: .}}\n"],
)
def test_what_cannot_be_cut_out_stays(andon, text):
    Path("andon.yaml").write_text(text)
    gone = andon("sources", "remove", "a")
    assert (gone.code, config()) == (3, text)


def test_where_a_source_is_depends_on_its_kind(andon):
    Path("andon.yaml").write_text(
        "sources:\n  a: {path: ./x}\n  b: {kind: loki, url: 'http://user:open sesame@h'}\n"
        "  c: {kind: cloudwatch, endpoint: 'http://aws'}\n  d: {kind: cloudwatch, scope: {regions: [eu-1, us-2]}}\n"
        "  e: {kind: historian, bucket: tank}\n  f: {kind: journald}\n"
    )
    where = {one["name"]: one["where"] for one in andon("sources", "list", "--json").json}
    assert where == {
        "a": "./x",
        "b": "http://***@h",
        "c": "http://aws",
        "d": "eu-1, us-2",
        "e": "tank",
        "f": "",
    }
    assert "eu-1, us-2" in andon("sources", "list").out


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


@pytest.mark.parametrize("last", ["5", "0s", "an hour", "-1h"])
def test_a_length_of_time_that_is_none(andon, last):
    Path("andon.yaml").write_text("sources:\n  a: {path: .}\n")
    told = andon("investigate", "x", "--last", last)
    assert told.code == 2 and "no length of time" in told.err


def test_long_lines_go_on_below_themselves(andon, monkeypatch):
    Path("andon.yaml").write_text("sources:\n  a: {kind: alertmanager, url: 'http://127.0.0.1:9'}\n")
    hostile = "\x1b[31m[bold]no[/bold] \u202e" + "word " * 60
    tried = Check("reach", CheckState.FAILED, hostile, "hint " * 60 + "x" * 200)
    monkeypatch.setattr(AlertmanagerConnector, "check", lambda self: (tried,))
    told = andon("sources", "check")
    assert told.code == 4
    first, *more = told.out.splitlines()
    assert first == "a (alertmanager)"
    assert more[0].startswith("  ✗ reach  \\x1b[31m[bold]no[/bold] \\u202e")
    hint = next(number for number, line in enumerate(more) if "→" in line)
    assert more[hint].startswith(" " * 11 + "→ hint")
    assert all(line.startswith(" " * 11) and line[11] != " " for line in more[1:hint])
    assert all(line.startswith(" " * 13) and line[13] != " " for line in more[hint + 1 :])
    assert all(len(line) <= 80 and line == line.rstrip() for line in more)
    assert "\x1b" not in told.out


def test_a_connector_that_breaks_does_not_hide_the_others(andon, monkeypatch):
    def broken(self):
        raise KeyError("open sesame")

    monkeypatch.setattr(AlertmanagerConnector, "check", broken)
    Path("andon.yaml").write_text(
        "sources:\n  bad: {kind: alertmanager, url: 'http://127.0.0.1:9'}\n  here: {path: .}\n"
    )
    told = andon("sources", "check")
    assert told.code == 4
    assert "its connector broke" in told.out and "here (files)" in told.out


def test_a_broken_plugin_is_listed_and_the_others_work(andon, monkeypatch):
    ours = plugins.entry_points
    monkeypatch.setattr(
        plugins,
        "entry_points",
        lambda group: [
            *ours(group=group),
            EntryPoint("absent", "no_such_package:X", group),
            EntryPoint("exits", "this.__main__:X", group),
            EntryPoint("half", "andon.connectors:Connector", group),
        ],
    )
    listed = {kind["kind"]: kind["missing"] for kind in andon("sources", "kinds", "--json").json}
    assert listed["absent"] and listed["exits"] and "does not state" in listed["half"]
    assert not listed["alertmanager"]
    assert "absent " in andon("sources", "kinds").out
    Path("andon.yaml").write_text("sources:\n  x: {kind: half}\n  here: {path: .}\n")
    told = andon("doctor")
    assert told.code == 4
    assert "✗ kind half" in told.out and "here (files)" in told.out


@pytest.mark.parametrize(
    ("statement", "words"),
    [
        ("PRAGMA user_version=99", "schema 99"),
        ("PRAGMA user_version=1", "no usable store"),
        ("", "not a database"),
    ],
)
def test_doctor_tells_of_a_store_that_cannot_be_used(andon, home, statement, words):
    home.mkdir()
    if statement:
        with closing(sqlite3.connect(home / "andon.sqlite")) as db:
            db.execute(statement)
    else:
        (home / "andon.sqlite").write_text("x" * 5000)
    told = andon("doctor")
    assert told.code == 4
    assert "✗ store" in told.out and words in told.out
    assert "andon.yaml" in told.out and "extras" in told.out


def test_doctor_without_extras_and_without_being_installed(andon, monkeypatch):
    from andon.app import diagnosing

    def absent(package):
        raise PackageNotFoundError(package)

    with monkeypatch.context() as patch:
        patch.setattr(diagnosing, "version", absent)
        told = andon("doctor").out
        assert "not installed: aws" in told and "pip install 'andon[aws]'" in " ".join(told.split())
    monkeypatch.setattr(diagnosing, "requires", absent)
    assert andon("doctor").code == 0


def test_sources_are_opened_once_and_given_up(andon, alertmanager, monkeypatch):
    from andon.app.sources import open_parts

    andon("sources", "add", "a", "alertmanager", f"url={alertmanager.url}", "--no-check")
    with open_parts(["a", "a"], load_settings()) as parts:
        assert len(parts) == 1
        assert parts[0].session.remaining() == 0.0
    assert parts[0].session.cancelled
    closed = []
    monkeypatch.setattr(AlertmanagerConnector, "close", lambda self: closed.append(self.name))
    with pytest.raises(ConfigError), open_parts(["a", "nowhere"], load_settings()):
        pass
    assert closed == ["a"]


def test_what_a_check_found_holds_no_secret(andon, alertmanager, monkeypatch):
    def check(self):
        self.session.vault.reveal(self.config.auth.bearer)
        return (Check("reach", CheckState.OK, "version open sesame", "not open sesame"),)

    monkeypatch.setattr(AlertmanagerConnector, "check", check)
    url = f"url={alertmanager.url}"
    told = andon("sources", "add", "a", "alertmanager", url, "auth.bearer=${env:DOOR_TOKEN}")
    assert "version ***" in told.out and "sesame" not in told.out
