"""What conversations about recorded cases showed, kept one by one, so that an interrupted run goes on."""

from __future__ import annotations

import hashlib
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path

from pydantic import TypeAdapter, ValidationError

from andon.evaluation import Verdict
from benchmarks.figures import ROOT

__all__ = ["Asked", "Kept", "program"]


@dataclass(frozen=True, slots=True)
class Asked:
    """One case put to one mind once.

    `first_line` are the seconds until the engine's first finding was told, `seconds` those of the whole, `thinking` those
    of the model. `dollars` are None where no price is known. `dropped` counts sentences that no row bears out, `stopped`
    says why the model did not finish, `error` what broke: that is a wrong answer.
    """

    case: str
    fault: str
    mind: str
    repeat: int
    verdict: Verdict
    seconds: float
    first_line: float = 0.0
    thinking: float = 0.0
    requests: int = 0
    calls: int = 0
    tokens_in: int = 0
    tokens_out: int = 0
    dollars: float | None = None
    agrees: bool | None = None
    dropped: int = 0
    stopped: str = ""
    error: str = ""
    program: str = ""

    @property
    def right(self) -> bool:
        """Whether the first is right; of a control, whether nothing is named."""
        return not self.verdict.named if self.verdict.control else self.verdict.right

    @property
    def answered(self) -> bool:
        """Whether there is an answer to count: not where a model was out of reach, and said nothing at all."""
        return not (self.stopped and not self.tokens_out)


_ASKED = TypeAdapter(Asked)


@dataclass
class Kept:
    """A file of records, one a line; those of another state of the program are passed over."""

    file: Path
    records: dict[tuple[str, str, int], Asked] = field(default_factory=dict)

    def __post_init__(self) -> None:
        for one in self._read():
            if one.program == program():
                self.records[one.mind, one.case, one.repeat] = one

    def add(self, one: Asked) -> None:
        """Keeps a record at once."""
        self.file.parent.mkdir(parents=True, exist_ok=True)
        with self.file.open("ab") as file:
            file.write(_ASKED.dump_json(one) + b"\n")
        self.records[one.mind, one.case, one.repeat] = one

    def of(self, mind: str, cases: Sequence[str], repeats: int) -> tuple[Asked, ...]:
        """What there is of these."""
        wanted = ((mind, case, repeat) for repeat in range(repeats) for case in cases)
        return tuple(self.records[key] for key in wanted if key in self.records)

    def _read(self) -> Iterator[Asked]:
        if not self.file.is_file():
            return
        for line in self.file.read_bytes().splitlines():
            try:
                yield _ASKED.validate_json(line)
            except ValidationError:  # A line that was being written when the run was interrupted.
                continue


@cache
def program() -> str:
    """A digest of all code that an answer depends on: figures of two states of it are never mixed."""
    digest = hashlib.sha256()
    for path in sorted((ROOT / "src" / "andon").rglob("*")):
        if path.suffix in (".py", ".yaml") and not {"cli", "web", "api", "reports"} & set(path.parts):
            digest.update(path.read_bytes())
    return digest.hexdigest()[:16]
