from __future__ import annotations

import subprocess
import sys
import threading
import time
from pathlib import Path

import pytest

from andon.demo import conditions, hosts
from andon.demo.conditions import Conditions, impose
from andon.demo.hosts import CPU_STOLEN, Host
from andon.demo.inventory import SERVICES


@pytest.fixture
def child():
    process = subprocess.Popen([sys.executable, "-c", "import time; time.sleep(30)"])
    yield process
    process.kill()
    process.wait()


def gauges(host: Host) -> dict[str, float]:
    report = host.report()
    found = {}
    for metric in report["scopeMetrics"][0]["metrics"]:
        for point in metric["gauge"]["dataPoints"]:
            state = "".join(a["value"]["stringValue"] for a in point["attributes"])
            found[f"{metric['name']} {state}".strip()] = point["asDouble"]
    return found


@pytest.mark.skipif(not Path("/proc/self/stat").exists(), reason="there is no /proc")
def test_a_neighbour_stops_the_process_and_lets_it_go(tmp_path, child, monkeypatch):
    monkeypatch.setattr(hosts, "_TURN_SECONDS", 0.3)
    impose(tmp_path, "auth-service", CPU_STOLEN, 0.9)
    host = Host(SERVICES["auth-service"], Conditions(tmp_path, "auth-service"), lambda: child.pid, 1)
    closing = threading.Event()
    sharing = threading.Thread(target=host.share_cpu, args=(closing,))
    sharing.start()
    seen = {_state(child.pid) for _ in range(60) if not time.sleep(0.01)}
    closing.set()
    sharing.join()
    assert "T" in seen
    assert _state(child.pid) != "T"
    assert gauges(host)["system.cpu.utilization steal"] > 0.4


def test_an_agent_reports_a_wrong_clock_and_stamps_by_it(tmp_path, monkeypatch):
    monkeypatch.setattr(conditions, "_LOOK_SECONDS", 0.0)
    host = Host(SERVICES["auth-service"], Conditions(tmp_path, "auth-service"), lambda: 0, 1)
    assert abs(gauges(host)["ntp.time.last_offset"]) < 0.01
    impose(tmp_path, "auth-service", "clock.offset", 20.0)
    assert gauges(host)["ntp.time.last_offset"] == pytest.approx(20, abs=0.01)
    report = host.report()
    stamp = int(report["scopeMetrics"][0]["metrics"][0]["gauge"]["dataPoints"][0]["timeUnixNano"])
    assert stamp / 1e9 == pytest.approx(time.time() + 20, abs=1)


def _state(pid: int) -> str:
    return Path(f"/proc/{pid}/stat").read_text(encoding="ascii").rpartition(")")[2].split()[0]
