from concurrent.futures import Future

import numpy as np
import pytest

from andon.analysis.templates import mine
from andon.investigation.mining import mine_batches
from andon.telemetry import Texts
from andon.workers import WorkerDied, Workers

BODIES = [f"user {i} {'paid' if i % 3 else 'left'} after {i * 7} ms" for i in range(300)] + [
    "",
    "out of memory",
]


def texts_of(table):
    return [table.templates[code].text for code in table.codes.tolist()]


@pytest.mark.parametrize("batch", [7, 100, 10_000])
def test_batches_give_the_templates_of_the_whole(batch):
    assert texts_of(mine_batches(BODIES, batch)) == texts_of(mine(BODIES))


def test_any_number_of_processes_gives_the_same(monkeypatch):
    monkeypatch.setenv("ANDON_JOBS", "1")
    alone = mine_batches(Texts.of(BODIES), 50)
    monkeypatch.setenv("ANDON_JOBS", "3")
    shared = mine_batches(Texts.of(BODIES), 50)
    assert shared.templates == alone.templates
    assert np.array_equal(shared.codes, alone.codes)


def test_what_a_dead_worker_left_is_learned_here(monkeypatch):
    class Dying(Workers):
        def each(self, function, items):
            for i, future in enumerate(super().each(function, items)):
                lost = Future()
                lost.set_exception(WorkerDied("killed"))
                yield lost if i == 1 else future

    monkeypatch.setattr("andon.investigation.mining.Workers", Dying)
    assert texts_of(mine_batches(BODIES, 100)) == texts_of(mine(BODIES))


def test_no_bodies():
    table = mine_batches([])
    assert (len(table), len(table.codes)) == (0, 0)
