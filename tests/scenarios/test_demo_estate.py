"""The estate for real: processes start, a removed rule times clients out, and nothing is left behind."""

from __future__ import annotations

import json
import os
import time
from pathlib import Path

import pytest

from andon.demo import Estate
from andon.demo.inventory import SERVICES

pytest.importorskip("amqtt", reason="the demo extra is not installed")
pytest.importorskip("paho.mqtt", reason="the demo extra is not installed")


def test_a_removed_rule_times_clients_out_and_all_processes_end():
    with Estate(load=4.0) as estate:
        estate.start(seed=11)
        pids = set(estate.pids.values())
        assert len(pids) == len(SERVICES)
        assert _wait_for(estate.settings.telemetry, "doors/unlock 200")
        (event,) = estate.inject("ingress-rule-removed")
        assert _wait_for(estate.settings.telemetry, "connect to rvm-api timed out after 2000 ms")
        telemetry = estate.settle()
        failed = {service for service, body in _bodies(telemetry, "timed out")}
        record = next(record for record in estate.trail.read() if record["eventID"] == event)
        folder = Path(estate.settings.folder)
    assert record["eventName"] == "RevokeSecurityGroupIngress"
    assert "mobile-bff-ios" in failed
    assert "mobile-bff-android" not in failed
    assert not any(_alive(pid) for pid in pids)
    assert not folder.exists()


def test_an_error_inside_leaves_no_process():
    pids: set[int] = set()
    with pytest.raises(KeyError):
        _fail_inside(pids)
    assert len(pids) == len(SERVICES)
    assert not any(_alive(pid) for pid in pids)


def _fail_inside(pids: set[int]) -> None:
    with Estate(load=0.5) as estate:
        estate.start(seed=12)
        pids.update(estate.pids.values())
        raise KeyError("something else")


def _bodies(telemetry: Path, text: str) -> list[tuple[str, str]]:
    """(service, body) of the log records that hold the text."""
    found = []
    whole_lines = (telemetry / "logs.otlp.jsonl").read_text(encoding="utf-8").rpartition("\n")[0]
    for line in whole_lines.splitlines():
        for group in json.loads(line)["resourceLogs"]:
            service = group["resource"]["attributes"][0]["value"]["stringValue"]
            bodies = (record["body"]["stringValue"] for record in group["scopeLogs"][0]["logRecords"])
            found += [(service, body) for body in bodies if text in body]
    return found


def _wait_for(telemetry: Path, text: str, seconds: float = 20) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if _bodies(telemetry, text):
            return True
        time.sleep(0.3)
    return False


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    return True
