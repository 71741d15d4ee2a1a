"""The desk: what one conversation with a model looks at, and how answers are put.

It holds the case, the ledger's citations and what was tried so far. Answers are short, their lines are
sentences computed from rows, and all of it is marked as data: telemetry cannot speak to the model.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from difflib import get_close_matches
from typing import Any

from andon.investigation.agent.citations import Citations, Cited, ref_of
from andon.investigation.case import Case
from andon.investigation.engine import Looked
from andon.investigation.findings import Row
from andon.investigation.question import Question
from andon.investigation.report import Refutation, Report
from andon.investigation.toolbox import Reach, Toolbox
from andon.investigation.touches import touched
from andon.storage import Observation
from andon.telemetry import ChangeEvent, Status, clock

__all__ = ["LACKING", "Desk", "Tried", "as_data", "clipped", "quoted", "visible"]

LINE = 320
"""Characters of one line of an answer."""
ANSWER = 3600
"""Characters of an answer unless more is asked for: below 1,200 tokens."""
LONG = 400
"""Characters from which on whoever kept a text may have cut it off, in the middle of a word."""
TOP, MOST = 8, 25
"""Rows of an answer, and the most that may be asked for."""

LACKING = {
    Status.EMPTY: "it was asked and answered that there is nothing",
    Status.PARTIAL: "part of it could not be read",
    Status.TRUNCATED: "a limit cut it off, so there is more",
    Status.DENIED: "access was denied, which says nothing of what is there",
    Status.FAILED: "it did not answer, which says nothing of what is there",
}
"""What each status of an answer means, in words that a model cannot take for one another."""


@dataclass(frozen=True, slots=True)
class Tried:
    """An attempt of the model to disprove a hypothesis: which one (component, mechanism, change), and how it ended."""

    key: tuple[str, str, str | None]
    refutation: Refutation


@dataclass
class Desk:
    """`relook` investigates again with another question; `everywhere` takes the second, wider look of live systems."""

    box: Toolbox
    case: Case
    report: Report
    relook: Callable[[Question], Looked]
    everywhere: Callable[[Question], Looked] | None = None
    citations: Citations = field(init=False)
    reach: Reach = field(init=False)
    stated: Question = field(init=False)
    """What the engineer asked, and ruled out, whatever is looked at since."""
    tried: list[Tried] = field(default_factory=list)
    redirected: list[str] = field(default_factory=list)
    sent_back: bool = False
    """Whether a conclusion was sent back once; the next one is taken as it is."""
    _touched: dict[str, frozenset[str]] = field(default_factory=dict)
    asked: dict[str, int] = field(default_factory=dict)
    """How often each question was asked, word by word."""

    def __post_init__(self) -> None:
        self.citations = Citations(self.box.ledger)
        self.reach = self.box.reach
        self.stated = self.case.question

    def take(self, looked: Looked) -> None:
        """Goes on with another look."""
        self.case, self.report, self.reach = looked.case, looked.report, self.box.reach

    @contextmanager
    def at_work(self) -> Iterator[None]:
        """While this desk asks, live systems are looked at as far as its own last look went."""
        before = self.box.reach
        self.box.restore(self.reach)
        try:
            yield
        finally:
            self.box.restore(before)

    def widen(self) -> bool:
        """Looks at all services of live systems, where only those near the symptom were looked at; once."""
        if self.everywhere is None or not self.box.live:
            return False
        wider, self.everywhere = self.everywhere, None
        self.take(wider(self.case.question))
        return True

    def element(self, text: str) -> str | None:
        """The element that is meant by an id, a name or a service; None when there is none, or more than one."""
        model = self.case.findings.model
        wanted = text.strip().casefold()
        exact = {e.id for e in model.topology.elements if wanted in (e.id.casefold(), e.name.casefold())}
        exact |= {element for service, element in model.element_of.items() if service.casefold() == wanted}
        return next(iter(exact)) if len(exact) == 1 else None

    def touched(self, row: Row[ChangeEvent]) -> frozenset[str]:
        """The elements that a change reaches, found once."""
        key = ref_of(row.observation, row.path)
        if key not in self._touched:
            touches = touched(row.value, self.case.findings.model, {})
            self._touched[key] = frozenset(e for touch in touches for e in touch.reach)
        return self._touched[key]

    def unknown(self, text: str) -> str:
        """What to say of a component that there is not, or of which there are several."""
        model = self.case.findings.model
        several = [e.id for e in model.topology.elements if text.strip().casefold() == e.name.casefold()]
        if len(several) > 1:
            told = ", ".join(clipped(as_data(id_), 80) for id_ in several[:4])
            return f"several components are called that: {told}; name one by its id"
        names = {name for e in model.topology.elements for name in (e.id, e.name)} | set(model.element_of)
        short = sorted({clipped(as_data(name), 80) for name in names})
        near = get_close_matches(text[:80], short, n=3, cutoff=0.5)
        return f"there is no component {clipped(as_data(text), 60)!r}" + (
            f"; similar: {', '.join(near)}" if near else ""
        )

    def services(self, element: str) -> tuple[str, ...]:
        """The services of an element and of those inside it; its own id where it sends nothing."""
        model = self.case.findings.model
        inside = [e.id for e in model.topology.elements if e.parent == element]
        found = [s for e in (element, *inside) for s in model.services_of.get(e, ())]
        return tuple(found) or (element,)

    def answer(
        self,
        head: str,
        lines: Sequence[Cited | str],
        *,
        total: int = 0,
        observations: Iterable[Observation] = (),
        room: int = ANSWER,
    ) -> str:
        """Lines under a head that says what was asked, how it went, and how many there are besides."""
        told, shown = [as_data(head)], 0
        told += [f"note: {note}" for note in _gaps(observations)]
        left = room - sum(map(len, told)) - 200
        for line in lines:
            text = as_data(f"[{line.ref}] {line.evidence.claim}" if isinstance(line, Cited) else line)
            if len(text) > left:
                break
            left -= len(text) + 1
            told.append(text)
            shown += 1
        if total > shown:
            told.append(
                f"{total - shown} more: narrow it down, or ask for more rows with top (at most {MOST})"
            )
        return "<data>\n" + "\n".join(told) + "\n</data>"

    @property
    def windows(self) -> str:
        """The two windows, in words."""
        windows = self.case.findings.windows
        parts = [
            f"{name} {clock(window.start)} to {clock(window.end)}"
            for name, window in (("baseline", windows.baseline), ("incident", windows.incident))
        ]
        return ", ".join(parts)


def _gaps(observations: Iterable[Observation]) -> list[str]:
    """What is lacking in the answers that a line is drawn from, in words."""
    found: dict[str, None] = {}
    for one in observations:
        if one.status in LACKING:
            why = f" ({one.problems[0]})" if one.problems else ""
            found[clipped(as_data(f"{one.tool} of {one.source}: {LACKING[one.status]}{why}"), 240)] = None
    return list(found)[:4]


_UNSEEN = re.compile(
    r"[\x00-\x1f\x7f-\x9f\xad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180f\u200b-\u200f\u2028-\u202e\u2060-\u206f"
    r"\u3164\ud800-\udfff\ufe00-\ufe0f\ufeff\uffa0\ufff0-\ufffb\U000e0000-\U000e0fff]+"
)
"""What has no look of its own: controls, direction marks, fillers, variation selectors, tag letters, half characters."""
_BRACKETS = str.maketrans({"<": "‹", ">": "›", "＜": "‹", "＞": "›", "﹤": "‹", "﹥": "›"})
_HALF = re.compile(r"[\w+/=.~:@%‹›*-]{1,200}\Z")
_CUT = re.compile(r"[\w+/=.~:@%‹›*-]{8,200}…")


def visible(text: str) -> str:
    """Text that cannot end the block it stands in, nor hide anything: no tags, no invisible characters."""
    return _UNSEEN.sub(" ", text).translate(_BRACKETS)


def as_data(text: str, longest: int = LINE) -> str:
    """One such line, clipped; nor is there half a word before an ellipsis, since half a key is not known for one."""
    return _CUT.sub("…", clipped(" ".join(visible(text).split()), longest))


def quoted(text: str) -> str:
    """What others wrote as a block of data, as long as an answer may be; a block around it already is no second one."""
    inner = text.removeprefix("<data>\n").removesuffix("\n</data>")
    lines = filter(None, (as_data(line, ANSWER) for line in inner.splitlines()))
    return "<data>\n" + clipped("\n".join(lines), ANSWER) + "\n</data>"


def clipped(text: str, longest: int) -> str:
    """At most so many characters, the last one an ellipsis where something was cut off, with the word that it stood in."""
    return text if len(text) <= longest else f"{_HALF.sub('', text[: longest - 1])}…"


def packed(value: Any) -> str:
    """A value as one line of JSON, for whoever wants to see the row itself; half characters are no error."""
    return json.dumps(_ended(value), ensure_ascii=False, separators=(",", ":"))


def _ended(value: Any) -> Any:
    """The value, its long texts without a last word that may be half."""
    if isinstance(value, Mapping):
        return {key: _ended(inner) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_ended(inner) for inner in value]
    return _HALF.sub("…", value) if isinstance(value, str) and len(value) >= LONG else value
