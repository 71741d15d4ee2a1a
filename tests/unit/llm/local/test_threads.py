from __future__ import annotations

from pathlib import Path

import pytest

from andon.errors import ConfigError
from andon.llm.local import threads
from andon.llm.local.threads import thread_count


@pytest.fixture(autouse=True)
def _no_variable(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("ANDON_LOCAL_THREADS", raising=False)


def machine(
    monkeypatch: pytest.MonkeyPatch, folder: Path, siblings: dict[int, str], quota: str = "max 100000"
) -> None:
    for cpu, text in siblings.items():
        topology = folder / f"cpu{cpu}" / "topology"
        topology.mkdir(parents=True)
        (topology / "thread_siblings_list").write_text(text)
    (folder / "cpu.max").write_text(quota)
    monkeypatch.setattr(threads, "CPUS", folder)
    monkeypatch.setattr(threads, "QUOTA", folder / "cpu.max")
    monkeypatch.setattr("os.sched_getaffinity", lambda _: set(siblings), raising=False)
    monkeypatch.setattr("os.cpu_count", lambda: len(siblings))


def test_one_less_than_the_physical_cores(monkeypatch, tmp_path):
    machine(monkeypatch, tmp_path, {cpu: f"{cpu % 4},{cpu % 4 + 4}\n" for cpu in range(8)})
    assert thread_count() == 3


def test_at_least_one(monkeypatch, tmp_path):
    machine(monkeypatch, tmp_path, {0: "0\n"})
    assert thread_count() == 1
    assert thread_count(0) == 1


def test_a_container_is_not_the_machine(monkeypatch, tmp_path):
    machine(monkeypatch, tmp_path, {cpu: f"{cpu}\n" for cpu in range(16)}, quota="350000 100000")
    assert thread_count() == 2


def test_what_is_stated_counts_and_the_variable_before_it(monkeypatch):
    assert thread_count(5) == 5
    monkeypatch.setenv("ANDON_LOCAL_THREADS", "7")
    assert thread_count(5) == 7


@pytest.mark.parametrize("wrong", ["0", "-1", "many", "1.5"])
def test_a_variable_that_is_no_number(monkeypatch, wrong):
    monkeypatch.setenv("ANDON_LOCAL_THREADS", wrong)
    with pytest.raises(ConfigError, match="ANDON_LOCAL_THREADS"):
        thread_count()
