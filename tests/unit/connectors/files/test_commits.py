import json

from andon.connectors.files.commits import parse_commits, parse_deploys, parse_flags
from andon.telemetry import ChangeKind

TIME = "2026-06-19T10:25:00Z"


def test_commits(parse):
    commit = {
        "sha": "a1",
        "author": {"name": "x"},
        "timestamp": TIME,
        "message": "fix: y\n\nlong",
        "files_changed": ["a.py", {"filename": "b.py"}],
        "diff": "@@ a",
    }
    parsed = parse(parse_commits, json.dumps([commit, {"sha": "b2", "diff": None}]))
    (event,) = parsed.changes
    assert (event.id, event.commit, event.kind, event.actor, event.summary) == (
        "a1",
        "a1",
        ChangeKind.COMMIT,
        "x",
        "fix: y",
    )
    assert (event.files, event.diff, event.parameters["message"]) == (
        ("a.py", "b.py"),
        "@@ a",
        "fix: y\n\nlong",
    )
    assert parsed.problems == ["file.txt:2: record without a readable time left out"]


def test_deploys(parse):
    deploys = {
        "deploys": [
            {"timestamp": TIME, "service": "pay", "commit_sha": "a1", "version": "v1", "status": "failed"}
        ]
    }
    (event,) = parse(parse_deploys, json.dumps(deploys)).changes
    assert (event.kind, event.target, event.commit, event.summary, event.error) == (
        ChangeKind.DEPLOY,
        "pay",
        "a1",
        "pay v1",
        "failed",
    )


def test_flags(parse):
    flags = [
        {"timestamp": TIME, "flag": "f", "service": "pay", "change": "off->on", "actor": "x"},
        {"timestamp": TIME, "flag": "g", "old": 1, "new": 2},
    ]
    first, second = parse(parse_flags, json.dumps(flags)).changes
    assert (first.kind, first.action, first.target, first.actor, first.resources) == (
        ChangeKind.FLAG,
        "off->on",
        "pay",
        "x",
        ("f",),
    )
    assert (second.action, second.target) == ("1->2", "g")
