import os
import signal
import subprocess
import sys
import textwrap
import time

import pytest

from andon import workers
from andon.errors import ConfigError
from andon.workers import WORTHWHILE, WorkerDied, Workers, jobs_for


def outcomes(jobs, function, items):
    with Workers(jobs) as team:
        found = []
        for future in team.each(function, items):
            try:
                found.append(future.result())
            except (WorkerDied, ValueError) as error:
                found.append(type(error))
        return found


@pytest.mark.parametrize("jobs", [1, 3])
def test_answers_come_in_the_order_of_the_items(jobs):
    assert outcomes(jobs, abs, range(-20, 0)) == list(range(20, 0, -1))


@pytest.mark.parametrize("jobs", [1, 2])
def test_an_exception_belongs_to_its_item(jobs):
    assert outcomes(jobs, int, ["1", "x", "3"]) == [1, ValueError, 3]


def test_a_worker_that_dies_costs_its_item_alone():
    assert outcomes(2, eval, ["1", "__import__('os')._exit(9)", "3", "4"]) == [1, WorkerDied, 3, 4]


def test_what_a_worker_prints_is_no_answer():
    assert outcomes(2, eval, ["print('noise') or 1", "2"]) == [1, 2]


def test_an_answer_that_cannot_travel_is_an_error():
    with Workers(2) as team, pytest.raises(RuntimeError, match="pickle"):
        next(team.each(eval, ["lambda: 1"])).result()


def test_workers_end_with_the_block_though_they_are_busy():
    began = time.monotonic()
    with Workers(2) as team:
        list(team.each(time.sleep, [0, 0]))
        team.each(time.sleep, [60, 60, 60]).__next__()
    assert time.monotonic() - began < 30


def test_workers_end_when_their_process_is_killed():
    script = """
        import os
        from andon.workers import Workers
        with Workers(2) as team:
            pids = [future.result() for future in team.each(eval, ["__import__('os').getpid()"] * 4)]
            print(*set(pids), flush=True)
            os.kill(os.getpid(), 9)
    """
    done = subprocess.run(
        [sys.executable, "-c", textwrap.dedent(script)], capture_output=True, text=True, timeout=60
    )
    assert done.returncode == -signal.SIGKILL
    for pid in map(int, done.stdout.split()):
        for _ in range(100):
            if not _runs(pid):
                break
            time.sleep(0.1)
        assert not _runs(pid)


def _runs(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    with open(f"/proc/{pid}/stat") as file:
        return file.read().rpartition(")")[2].split()[0] != "Z"


def test_how_many_jobs(monkeypatch):
    monkeypatch.delenv("ANDON_JOBS", raising=False)
    monkeypatch.setattr(workers, "_cores", lambda: 64)
    assert (jobs_for(WORTHWHILE - 1), jobs_for(WORTHWHILE)) == (1, 8)
    monkeypatch.setenv("ANDON_JOBS", "3")
    assert jobs_for(1) == 3
    for wrong in ("0", "many", "-1"):
        monkeypatch.setenv("ANDON_JOBS", wrong)
        with pytest.raises(ConfigError, match="ANDON_JOBS"):
            jobs_for(1)
