"""Every system behind HTTP goes wrong at once, in every way, beside a folder that works: the run completes and says so."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from andon.app import investigating
from andon.app.runs import open_store
from andon.config import NamedSource, Settings
from andon.investigation.question import Question
from andon.telemetry import Status
from andon.testing.imitation import Asked, Fault, Imitation, Told

BUNDLE = Path(__file__).parents[2] / "examples" / "door-unlock.zip"
SECRET = "s3cr3t-of-the-scenario"
PLACES = {"accounts": ["111122223333"], "regions": ["eu-central-1"]}
KINDS: dict[str, dict[str, Any]] = {
    "alertmanager": {},
    "argocd": {"scope": {"applications": ["shop"]}},
    "backstage": {},
    "elasticsearch": {"scope": {"indices": ["logs-*"]}},
    "github": {"scope": {"repositories": ["shop/shop"]}},
    "gitlab": {"scope": {"projects": ["shop/shop"]}},
    "influxdb": {"database": "telegraf"},
    "jaeger": {},
    "kubernetes": {"scope": {"namespaces": ["shop"]}},
    "loki": {},
    "opensearch": {"scope": {"indices": ["logs-*"]}},
    "prometheus": {},
    "tempo": {},
    "victorialogs": {},
    "cloudtrail": {"scope": PLACES},
    "cloudwatch": {"scope": PLACES | {"namespaces": ["AWS/Lambda"]}},
    "cloudwatch-logs": {"scope": PLACES | {"log_groups": ["shop-*"]}},
    "xray": {"scope": PLACES},
}
AWS = {kind for kind, options in KINDS.items() if "accounts" in options.get("scope", {})}
PATIENCE = 30.0
"""Seconds for everything: each stage may take two, and the machine may be busy."""


class _Nothing(Imitation):
    def answer(self, asked: Asked) -> Told:
        return Told(404)


@pytest.fixture(autouse=True)
def _signed_in(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SCENARIO_SECRET", SECRET)
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", SECRET)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")


def settings(url: str, home: Path) -> Settings:
    limits = {"seconds": 2.0, "timeout": 1.0, "retries": 0, "answer_bytes": 1 << 20}
    found = {}
    for kind, options in KINDS.items():
        where = (
            {"endpoint": url} if kind in AWS else {"url": url, "auth": {"bearer": "${env:SCENARIO_SECRET}"}}
        )
        entry = {"kind": kind, "limits": limits, **where, **options}
        found[kind] = NamedSource(kind, kind, entry, home, f"sources.{kind}")
    return Settings(home, home / "andon.yaml", found)


@pytest.mark.parametrize("fault", [fault for fault in Fault if fault is not Fault.SKEWED])
def test_the_run_completes_and_says_what_it_lacks(fault: Fault, tmp_path: Path) -> None:
    with _Nothing(fault=fault) as server:
        stated = settings(server.url, tmp_path)
        began = time.monotonic()
        report = investigating.start(Question(""), [str(BUNDLE), *KINDS], stated)
        assert time.monotonic() - began < PATIENCE
    leader = report.hypotheses[0]
    assert (leader.component, leader.mechanism) == ("rvmIngressIos", "network-rule-removed")
    rows = [row for row in report.coverage if row.tool == "fetch" and row.source in KINDS]
    assert {row.source for row in rows} == set(KINDS)
    whole = {(row.source, row.query) for row in rows if row.status in (Status.OK, Status.PARTIAL)}
    assert not whole
    silent = {row.source for row in rows if row.status is not Status.EMPTY and not row.note}
    assert not silent
    with open_store(stated) as store:
        kept = [repr(list(store.events(report.run))), repr(list(store.observations(report.run)))]
    assert not any(SECRET in text for text in kept)
