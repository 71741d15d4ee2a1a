"""Mining the templates of many logs: batches go to worker processes, what they learned is put together in order.

The batches depend on the logs alone, so the templates do not depend on how many processes share the work.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from andon.analysis.templates import Miner, TemplateTable
from andon.telemetry import Texts
from andon.workers import WorkerDied, Workers, jobs_for

__all__ = ["BATCH", "learn", "mine_batches"]

BATCH = 262_144
"""Bodies that one worker learns from at a time: some ten megabytes, a second or two of work."""


def mine_batches(bodies: Sequence[str], batch: int = 0) -> TemplateTable:
    """The templates of all bodies; `codes` int32 (n,) is the template of each."""
    batch = batch or BATCH
    texts = Texts.of(bodies)
    miner, codes = Miner(), [np.zeros(0, dtype=np.int32)]
    with Workers(jobs_for(int(texts.lengths.sum(dtype=np.int64)))) as workers:
        parts = (texts[start : start + batch] for start in range(0, len(texts), batch))
        sent = (part.compact() for part in parts) if workers.jobs > 1 else parts
        for number, answer in enumerate(workers.each(learn, sent)):
            try:
                state, given = answer.result()
            except WorkerDied:
                state, given = learn(texts[number * batch : (number + 1) * batch])
            codes.append(miner.absorb(Miner.of(state))[given])
    table = miner.table()
    found = table.codes[np.concatenate(codes)] if len(table) else codes[0]
    used = np.flatnonzero(np.bincount(found, minlength=len(table)))
    index = np.zeros(len(table), dtype=np.int32)
    index[used] = np.arange(len(used))
    templates = tuple(table.templates[number] for number in used.tolist())
    return TemplateTable(templates, index[found], table.overflow)


def learn(texts: Texts) -> tuple[dict[str, Any], NDArray[np.int32]]:
    """The state of a miner that has seen these texts, and its code for each."""
    miner = Miner()
    found = miner.add(texts)
    return miner.state(), found
