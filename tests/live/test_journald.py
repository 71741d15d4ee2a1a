"""A real journal, written by a real journald in a namespace of its own, read by the real journalctl."""

from __future__ import annotations

import os
import shutil
import subprocess
import time
from pathlib import Path

import pytest

from andon.connectors import Need, Session, open_class
from andon.connectors.journald import JournaldConnector
from andon.telemetry import ERROR, INFO, WARN, Status, Window

DAEMON = Path("/lib/systemd/systemd-journald")
WRITING = """
mount -t tmpfs none /run && mkdir -p /run/systemd/journal /run/log && mount -t tmpfs none /var/log || exit 1
{daemon} &
for _ in $(seq 50); do [ -S /run/systemd/journal/socket ] && break; sleep 0.1; done
echo "doors unlocked" | systemd-cat -t door -p info
echo "a door is slow" | systemd-cat -t door -p warning
echo "no money" | systemd-cat -t pay -p err
printf 'MESSAGE=two\\nPRIORITY=3\\nSYSLOG_IDENTIFIER=door\\nTRACE_ID=4bf92f3577b34da6\\n' | logger --journald
sleep 0.5
kill %1
wait
cp -r /run/log/journal/. "{target}"
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    needed = ("unshare", "systemd-cat", "logger", "journalctl")
    missing = [name for name in needed if shutil.which(name) is None]
    if missing or not DAEMON.exists():
        pytest.skip(f"there is no {', '.join(missing) or DAEMON}")
    if os.geteuid():
        pytest.skip("a journald of one's own needs root")
    target = tmp_path_factory.mktemp("journal")
    script = WRITING.format(daemon=DAEMON, target=target)
    done = subprocess.run(["unshare", "--mount", "bash", "-c", script], capture_output=True, timeout=60)
    journals = list(target.glob("*/system.journal"))
    if not journals:
        pytest.skip(f"journald cannot be started here: {done.stderr[-200:]!r}")
    return journals[0].parent


def test_a_journal_is_read_whole(folder: Path) -> None:
    window = Window(time.time() - 600, time.time() + 1)
    with Session(20.0) as session:
        connector = open_class(JournaldConnector, "journal", {"directory": str(folder)}, session)
        result = connector.logs(Need(window))
        doors = connector.logs(Need(window, ("door",)))
        nothing = connector.logs(Need(Window(1.0, 2.0)))
        checks = connector.check()
    assert result.status is Status.OK and len(result.value) == result.count
    ours = [(r.service, r.severity, r.body) for r in result.value if r.service in ("door", "pay")]
    assert ours == [
        ("door", INFO, "doors unlocked"),
        ("door", WARN, "a door is slow"),
        ("pay", ERROR, "no money"),
        ("door", ERROR, "two"),
    ]
    assert [record.body for record in doors.value] == ["doors unlocked", "a door is slow", "two"]
    assert doors.value[2].trace_id == "4bf92f3577b34da6"
    assert nothing.status is Status.EMPTY
    assert all(check.state == "ok" for check in checks), checks


def test_a_sample_is_even_and_stays_in_the_scope(folder: Path) -> None:
    window = Window(time.time() - 600, time.time() + 1)
    options = {"directory": str(folder), "scope": {"match": {"SYSLOG_IDENTIFIER": ["pay"]}}}
    with Session(20.0) as session:
        result = open_class(JournaldConnector, "journal", options, session).logs(Need(window))
        few = open_class(JournaldConnector, "few", {"directory": str(folder)}, session).logs(
            Need(window, items=20)
        )
    assert [record.body for record in result.value] == ["no money"]
    assert few.count <= 20 and any(fetch.share < 1.0 for fetch in few.fetches)
