"""To talk on about a run: follow-up questions, and redirections that make it go on as a new run.

A session is kept in the journal of the run that it began with, each event as it happens, so a restart goes on where
it was. It speaks of the latest run that its redirections led to.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from typing import Any

from andon.app.aids import Aids, equipped, open_aids
from andon.app.investigating import Progress, proceed, reopened
from andon.app.leading import desk_at
from andon.app.minds import MIND, MODEL, open_mind
from andon.app.runs import open_store, report_of
from andon.config import Settings
from andon.connectors.joined import Part
from andon.connectors.secrets import Vault
from andon.errors import UsageError
from andon.investigation.agent.citations import Cited, Unborne
from andon.investigation.agent.desk import Desk
from andon.investigation.agent.mind import Mind
from andon.investigation.engine import look
from andon.investigation.question import Question
from andon.investigation.report import Report
from andon.investigation.talking import phrases
from andon.investigation.talking.aftermath import aftermath
from andon.investigation.talking.answers import answer
from andon.investigation.talking.comparing import told_of
from andon.investigation.talking.reading import read
from andon.investigation.talking.redirection import Redirection, apply, described
from andon.investigation.talking.said import Said, percent
from andon.investigation.writing import Heading
from andon.storage import Store

__all__ = ["Conversation", "Exchange", "looked_again", "open_conversation"]

SAID, ANSWERED, REDIRECTED, UNDONE, WENT = "said", "answered", "redirected", "taken-back", "went"
"""Events of a session, in the journal of the run that it began with."""
SESSION = "session"
"""Which session a run came of, in the run's own journal."""

_LONGEST = 4000
"""Characters of what may be said at once."""
_LISTED = 8
"""Entries of a list in a row that are told one by one."""
_NAMED = 3
"""Hypotheses that are told of after a redirection."""


@dataclass(frozen=True, slots=True)
class Exchange:
    """What was said, and what came of it.

    `redirections` tell in words what was understood as such; `asks` is what has to be answered first; `left_out` how
    many sentences of a model nothing bears out; `run` the run that is spoken of afterwards; `by` who answered: rules or
    the model. One without an answer was interrupted.
    """

    said: str
    answer: tuple[Said, ...] = ()
    redirections: tuple[str, ...] = ()
    asks: str = ""
    left_out: int = 0
    run: str = ""
    by: str = ""


@contextmanager
def looked_again(run: str, settings: Settings, parts: list[Part] | None = None) -> Iterator[Desk]:
    """The desk of a run that is done: its case, looked at again over its ledger, and the report as it was kept.

    `parts`, where given, is filled with the sources that are open meanwhile.
    """
    with open_store(settings) as store, reopened(store, store.find(run).id, settings) as held:
        if parts is not None:
            parts[:] = held.parts
        heading = Heading(store.find(run).id, trail=held.trail)
        looked = look(heading, held.question, held.box, held.infos)
        desk = desk_at(heading, looked, held.box, held.infos)
        desk.report = report_of(heading.run, settings)
        yield desk


@contextmanager
def open_conversation(
    prefix: str, settings: Settings, mind: Mind | None = None, progress: Progress = lambda *_: None
) -> Iterator[Conversation]:
    """A conversation about a run, gone on with where one was begun before, with the model that the settings name.

    `mind` takes the place of that model. Raises RunNotFound, or StorageError for a run without a report.
    """
    with open_store(settings) as store, ExitStack() as models, ExitStack() as desks:
        run = store.find(prefix).id
        begun = next((e.payload["root"] for e in store.events(run) if e.type == SESSION), run)
        root = begun if begun in {one.id for one in store.runs()} else run
        held = _Held(desks, [], progress)
        aids = Aids()
        if mind is None:
            mind, aids = models.enter_context(_model(store, root, settings, held.parts))
        conversation = Conversation(store, root, settings, (mind, aids), held)
        conversation.asked = run
        if prefix != "latest" and run not in (root, conversation.run):
            conversation.go_to(run)
        report_of(conversation.run, settings)
        yield conversation


@contextmanager
def _model(
    store: Store, root: str, settings: Settings, parts: Sequence[Part]
) -> Iterator[tuple[Mind | None, Aids]]:
    """The model that the settings name, with the pseudonyms of the run, and what it may ask besides the sources.

    What is journalled of it is told apart from what the run itself was made with.
    """
    keys = [str(event.payload["key"]) for event in store.events(root) if event.type == MIND]
    vault = Vault()

    def journal(type_: str, payload: Mapping[str, Any]) -> None:
        store.append(root, type_ if type_ == MODEL else f"chat-{type_}", payload)

    if settings.model is None:
        yield None, Aids()
        return
    key = bytes.fromhex(keys[-1]) if keys else b""
    with (
        open_aids(settings, store, vault, journal) as aids,
        open_mind(settings, journal, parts=parts, vault=vault, key=key) as mind,
    ):
        yield mind, aids


@dataclass(frozen=True, slots=True)
class _Held:
    """What a conversation holds open: the desk with its sources, and who is told of progress."""

    desks: ExitStack
    parts: list[Part]
    progress: Progress


class Conversation:
    """A session: what was said, and the run that is spoken of. Made by `open_conversation`."""

    def __init__(
        self,
        store: Store,
        root: str,
        settings: Settings,
        mind: tuple[Mind | None, Aids],
        held: _Held,
    ) -> None:
        self._store, self._root, self._settings = store, root, settings
        self._mind, self._aids, self._held = *mind, held
        self._desk: Desk | None = None
        self._runs = [root]
        self.asked = root
        self.history: list[Exchange] = []
        for event in store.events(root):
            self._remember(event.type, event.payload)
        here = {
            one.id for one in store.runs()
        }  # A run that was taken from a bundle came without those that followed it.
        self._runs = [root, *(run for run in self._runs[1:] if run in here)]

    @property
    def run(self) -> str:
        """The run that is spoken of."""
        return self._runs[-1]

    @property
    def desk(self) -> Desk:
        """The desk of that run, opened when it is needed first."""
        if self._desk is None:
            again = looked_again(self.run, self._settings, self._held.parts)
            self._desk = self._held.desks.enter_context(again)
        return self._desk

    @property
    def report(self) -> Report:
        """The report of that run."""
        return report_of(self.run, self._settings)

    @property
    def elsewhere(self) -> str:
        """That another run is spoken of than was asked for, and how it came of that one; empty where it is the same."""
        if self.run == self.asked:
            return ""
        if self.asked in self._runs:
            return f"of run {self.run}, which came of {self.asked}"
        return f"of run {self.run}, to which the conversation went back from {self.asked}"

    def say(self, text: str) -> Exchange:
        """Takes what somebody says, and answers, redirects, or asks back.

        Raises UsageError for what cannot be taken; whatever a redirected run raises.
        """
        text = " ".join(text.split())
        if not text:
            raise UsageError("nothing was said", hint="ask something, or say what is not so")
        if len(text) > _LONGEST:
            raise UsageError(f"that is longer than {_LONGEST:,} characters", hint="say it in fewer words")
        self._note(SAID, {"text": text, "run": self.run})
        reading = read(text, self.desk.case)
        if reading.redirections:
            exchange = self._redirected(text, reading.redirections)
        elif reading.asks:
            exchange = Exchange(text, by="rules")
        else:
            exchange = self._answered(text)
        if reading.asks:
            exchange = replace(exchange, asks=" ".join(filter(None, (exchange.asks, *reading.asks))))
        return self._noted(exchange)

    def undo(self) -> str:
        """Goes back to the run before the last redirection, and gives its id. Raises UsageError where there is none."""
        if len(self._runs) < 2:
            raise UsageError("nothing was redirected in this conversation")
        self._note(UNDONE, {"run": self._runs[-2]})
        self._close()
        return self.run

    def go_to(self, run: str) -> None:
        """Speaks of another run of the same session from now on."""
        self._note(WENT, {"run": run})
        self._close()

    def evidence(self, number: int) -> str:
        """All that the rows behind a sentence of the last answer hold; `number` counts the cited sentences from 1."""
        last = self.history[-1] if self.history else Exchange("")
        refs = [said.refs for said in last.answer if said.refs]
        if not 1 <= number <= len(refs):
            raise UsageError(f"the last answer has {len(refs)} sentences with evidence, not {number}")
        if last.run != self.run:
            raise UsageError(f"the last answer is of run {last.run}", hint="ask once more of this one")
        try:
            rows = [self.desk.citations.read(ref) for ref in refs[number - 1]]
        except Unborne as error:
            raise UsageError(
                f"that row was computed for the answer: {error}", hint="ask once more"
            ) from error
        return "\n".join(line for row in rows for line in _row_told(row))

    def _answered(self, text: str) -> Exchange:
        mind = equipped(self._mind, self._aids, self.desk.box)
        if mind is None:
            return Exchange(text, answer(text, self.desk), by="rules")
        from andon.investigation.agent.conversation import talk

        lane = f"chat-{len(self.history)}"
        spoken = talk(text, self.desk, mind, self._before(), lane, self._journal)
        if spoken.stopped:
            return self._by_rules(text, f"The model did not answer ({spoken.stopped})")
        if not (spoken.answer or spoken.redirections or spoken.asks or spoken.left_out):
            return self._by_rules(text, "The model said nothing")
        if spoken.redirections:
            exchange = self._redirected(text, spoken.redirections)
            return replace(exchange, left_out=spoken.left_out, by="model")
        return Exchange(text, spoken.answer, asks=spoken.asks, left_out=spoken.left_out, by="model")

    def _by_rules(self, text: str, why: str) -> Exchange:
        """What the rules answer where there is no answer of the model, and why there is none."""
        told = Said(f"{why}; this is what the rules say.")
        return Exchange(text, (told, *answer(text, self.desk)), by="rules")

    def _before(self) -> list[tuple[str, str]]:
        """What was said and answered earlier, for a model."""
        return [
            (one.said, " ".join((*one.redirections, *(said.text for said in one.answer), one.asks)).strip())
            for one in self.history[:-1]
        ]

    def _redirected(self, text: str, redirections: Sequence[Redirection]) -> Exchange:
        """Goes on as a new run with what was redirected, and tells what that changed."""
        question, before = self.desk.case.question, self.report
        told = described(redirections, question)
        if apply(question, redirections) == question:
            return Exchange(text, (Said("That is so already: nothing changes."),), told, by="rules")
        parent = self.run
        report = proceed(parent, apply(Question(""), redirections), self._settings, self._held.progress)
        self._store.append(report.run, SESSION, {"root": self._root})
        self._note(REDIRECTED, {"run": report.run, "from": parent, "told": list(told)})
        self._close()
        answers = [*self._timed(redirections), *self._tested(redirections), *_changed(before, report)]
        pinned = [element for one in redirections if one.kind == "pin" for element in one.targets]
        answers += [said for element in pinned for said in told_of(self.desk, element)]
        asked = [one for one in phrases.sentences(text) if phrases.is_question(one)]
        answers += [said for one in asked for said in answer(one, self.desk)]
        return Exchange(text, tuple(answers), told, by="rules")

    def _timed(self, redirections: Sequence[Redirection]) -> Iterator[Said]:
        """What the data say against the time that was stated, as the report does."""
        windows = self.desk.case.findings.windows
        starts = [one.start for one in redirections if one.kind == "window" and one.start is not None]
        if starts and windows.incident.start != starts[-1]:
            by = f" [{windows.observation}]" if windows.observation else ""
            yield Said(f"The incident is {windows.incident}: {windows.why}{by}.")

    def _tested(self, redirections: Sequence[Redirection]) -> Iterator[Said]:
        """What the data say of each change that was undone: for the engineer or against."""
        for one in redirections:
            if one.targets and one.kind in ("clear", "fact") and one.start is not None:
                found = aftermath(self.desk.case, self.desk.box, one.targets[0], one.start)
                yield Said(found.told, found.refs)

    def _close(self) -> None:
        """Gives the desk back; the next question opens that of the run that is spoken of then."""
        self._desk = None
        self._held.desks.close()

    def _note(self, type_: str, payload: Mapping[str, Any]) -> None:
        self._store.append(self._root, type_, payload)
        self._remember(type_, payload)

    def _noted(self, exchange: Exchange) -> Exchange:
        exchange = replace(exchange, run=self.run)
        self._note(ANSWERED, asdict(exchange))
        return self.history[-1]

    def _journal(self, type_: str, payload: Mapping[str, Any]) -> None:
        self._store.append(self._root, type_, payload)

    def _remember(self, type_: str, payload: Mapping[str, Any]) -> None:
        """Takes an event of the session into account, whether it happens now or is read from the journal."""
        if type_ == SAID:
            self.history.append(Exchange(str(payload["text"]), run=str(payload["run"])))
        elif type_ == ANSWERED:
            fields = dict(payload) | {
                "answer": tuple(Said(one["text"], tuple(one["refs"])) for one in payload["answer"]),
                "redirections": tuple(payload["redirections"]),
            }
            self.history[-1:] = [Exchange(**fields)]
        elif type_ in (REDIRECTED, WENT):
            self._runs.append(str(payload["run"]))
        elif type_ == UNDONE and len(self._runs) > 1:
            self._runs.pop()


def _row_told(cited: Cited) -> Iterator[str]:
    """A row: its sentence, what it quotes, and its fields, of long lists only how long they are."""
    yield f"[{cited.ref}] {cited.evidence.claim}"
    yield from cited.evidence.quote.splitlines()
    held: Any = cited.row.observation.content if cited.row else {}
    for step in cited.row.path if cited.row else ():
        held = held[step]
    for name, value in held.items() if isinstance(held, dict) else ():
        long = isinstance(value, list | dict) and len(value) > _LISTED
        yield f"  {name}: {len(value)} values" if long else f"  {name}: {value}"


def _changed(before: Report, after: Report) -> Iterator[Said]:
    """How the ranking stands now, and how it stood."""
    yield Said(after.headline)
    ranks = {one.key: number for number, one in enumerate(before.hypotheses, 1)}
    for number, one in enumerate(after.hypotheses[:_NAMED], 1):
        was = ranks.get(one.key)
        then = (
            "not named before"
            if was is None
            else f"{percent(before.hypotheses[was - 1].likelihood)} before, as number {was}"
        )
        yield Said(f"{number}. {percent(one.likelihood)} {one.mechanism_title} at {one.name} ({then}).")
    gone = [one for one in before.hypotheses if one.key not in {h.key for h in after.hypotheses}]
    for one in gone[:_NAMED]:
        what = f"{one.mechanism_title} at {one.name} ({percent(one.likelihood)} before)"
        if one.found_by == ("model",) and after.agent is None:
            yield Said(f"{what} was named by the model alone, which was not asked this time.")
        else:
            yield Said(f"No longer named: {what}.")
