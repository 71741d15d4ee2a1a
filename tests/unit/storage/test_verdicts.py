from __future__ import annotations

from pathlib import Path

from andon.storage import Store
from andon.storage.verdicts import keep_verdict, kept_verdicts


def test_verdicts_are_kept_with_the_time_and_nothing_else(store: Store) -> None:
    run = store.create_run("why?")
    kept = keep_verdict(store, run, {"component": "a", "fixed": "x \udcff"})
    (read,) = kept_verdicts(store)
    assert (read.run, read.at) == (run, kept.at)
    assert read.body["component"] == "a" and read.body["fixed"].startswith("x ")


def test_the_last_verdict_on_a_run_holds(store: Store) -> None:
    one, other = store.create_run("why?"), store.create_run("why?")
    for run, component in ((one, "a"), (other, "b"), (one, "c")):
        keep_verdict(store, run, {"component": component})
    assert [(v.run, v.body["component"]) for v in kept_verdicts(store)] == [(other, "b"), (one, "c")]


def test_they_are_there_after_a_restart(tmp_path: Path) -> None:
    first = Store(tmp_path)
    keep_verdict(first, first.create_run("why?"), {"component": "a"})
    again = Store(tmp_path)
    assert len(kept_verdicts(again)) == 1
    first.close()
    again.close()
