"""Documents and an embedder for the tests of search."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from andon.errors import ModelError
from andon.storage import Index
from andon.telemetry import Passage, Problem, Result, Status


@dataclass
class Paper:
    """A document of one passage a text; counts how often it is read."""

    name: str
    texts: tuple[str, ...]
    headings: tuple[str, ...] = ()
    stamp: str = "1"
    problems: tuple[Problem, ...] = ()
    status: Status = Status.OK
    reads: list[str] = field(default_factory=list)

    def digest(self) -> str:
        return hashlib.sha256(repr((self.texts, self.headings)).encode()).hexdigest()

    def read(self) -> Result[tuple[Passage, ...]]:
        self.reads.append(self.name)
        passages = tuple(
            Passage(self.name, n, n, text, self.headings) for n, text in enumerate(self.texts, start=1)
        )
        return Result(passages, self.status, len(passages), self.problems)


def listed(*papers: Paper) -> Result[tuple[Paper, ...]]:
    return Result.of(papers, len(papers))


def index(*papers: Paper, embedder: Ideas | None = None) -> Index:
    made = Index("papers", embedder=embedder)
    made.refresh(listed(*papers))
    return made


class Ideas:
    """An embedder that knows two ideas by a word each; `fails` makes it die."""

    name = "ideas"

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.fails = False

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        if self.fails:
            raise ModelError("the engine died", hint="look at it")
        self.texts += texts
        rows = [["cat" in text or "feline" in text, "dog" in text or "canine" in text, 0.1] for text in texts]
        return np.array(rows, np.float32)
