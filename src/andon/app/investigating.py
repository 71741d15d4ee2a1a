"""To investigate: a question, sources, and a run that keeps all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from andon.app.aids import open_aids
from andon.app.leading import found
from andon.app.minds import open_mind, require
from andon.app.runs import open_store
from andon.app.sources import look_of, open_parts
from andon.config import Settings
from andon.connectors import Connector, Source, SourceInfo
from andon.connectors.joined import Answered, JoinedSource, Part
from andon.connectors.secrets import Vault
from andon.errors import SourceError, StorageError, UsageError
from andon.investigation.alarm import worst_alert
from andon.investigation.engine import Journal
from andon.investigation.question import Question
from andon.investigation.report import Report
from andon.investigation.toolbox import Toolbox, record_fetch
from andon.investigation.windows import extent
from andon.investigation.writing import Heading
from andon.llm.spans import recorded
from andon.storage import Ledger, Store
from andon.telemetry import Window, isoformat

__all__ = ["LAST", "Progress", "Reopened", "proceed", "reopened", "start"]

Progress = Callable[[str, Mapping[str, Any]], None]
"""Told each event of the journal as it is written."""

LAST = 3600.0
"""Seconds that are looked at where nobody says when it was: what an on-call engineer looks at first."""

_QUESTION = TypeAdapter(Question)
_INFOS = TypeAdapter(tuple[SourceInfo, ...])


def start(
    question: Question,
    sources: Sequence[str],
    settings: Settings,
    progress: Progress = lambda *_: None,
    *,
    last: float = LAST,
    until: float | None = None,
) -> Report:
    """A new run. Everything that it finds is kept as it is found, so an interruption loses nothing.

    `last` is how many seconds before `until` (or now) are looked at where neither the question nor a file says
    when it was.
    """
    require(settings)
    paths = [str(Path(s).resolve()) if s not in settings.sources and Path(s).exists() else s for s in sources]
    with open_parts(sources, settings) as parts, open_store(settings) as store:
        if not question.text:
            stated = (part.info().symptom for part in parts if not isinstance(part, Connector))
            question = replace(question, text=next(filter(None, stated), ""))
        run = store.create_run(question.text)
        asked = _Asked(question, tuple(paths), (), look_of(question, parts, last, until))
        return _conduct(store, run, asked, parts, settings, progress)


def proceed(
    prefix: str, redirect: Question, settings: Settings, progress: Progress = lambda *_: None
) -> Report:
    """A run that goes on from another, with what the redirection adds to its question.

    What the first run observed is taken over; its sources are opened where they still are, and the
    ledger answers for them where they are not. Raises RunNotFound, or StorageError for a run that
    was interrupted before it had asked anything.
    """
    require(settings)
    with open_store(settings) as store:
        parent = store.find(prefix)
        told = _told(store, parent.id)
        question = _QUESTION.validate_python(told["question"]).with_(redirect)
        infos = _INFOS.validate_python(told["infos"])
        there = [path for path in told["sources"] if _there(path, settings)]
        with open_parts(there, settings) as parts:
            run = store.create_run(question.text)
            store.copy_observations(parent.id, run)
            trail = (*told["trail"], _described(parent.id, redirect))
            look = look_of(question, parts, 0.0) if redirect.incident or not infos else extent(infos)
            more = _Asked(question, told["sources"], trail, look)
            return _conduct(store, run, more, parts, settings, progress, infos)


@contextmanager
def reopened(store: Store, run: str, settings: Settings) -> Iterator[Reopened]:
    """A run that can be asked more, of its ledger and of those of its sources that are still there.

    Raises StorageError for a run that was interrupted before it had asked anything.
    """
    told = _told(store, run)
    infos = _INFOS.validate_python(told["infos"])
    there = [path for path in told["sources"] if _there(path, settings)]

    def journal(type_: str, payload: Mapping[str, Any]) -> None:
        store.append(run, type_, payload)

    with open_parts(there, settings) as parts:
        ledger = Ledger(store, run)
        joined = _joined(parts, extent(infos), ledger, journal, lambda *_: None)
        box = _toolbox(joined, ledger, journal)
        yield Reopened(_QUESTION.validate_python(told["question"]), infos, box, tuple(told["trail"]), parts)


def _told(store: Store, run: str) -> Mapping[str, Any]:
    """What a run was asked, and of which sources. Raises StorageError where it was interrupted before that."""
    asked = [event for event in store.events(run) if event.type == "run"]
    if not asked:
        raise StorageError(f"run {run} holds no question", hint="start a new one")
    told: Mapping[str, Any] = asked[-1].payload
    return told


def _toolbox(joined: Sequence[Source], ledger: Ledger, journal: Journal) -> Toolbox:
    """A toolbox each of whose observations is journalled."""
    return Toolbox(
        joined, ledger, lambda o: journal("observed", {"id": o.id, "status": o.status, "count": o.count})
    )


def _there(path: str, settings: Settings) -> bool:
    return path in settings.sources or Path(path).exists()


@dataclass(frozen=True, slots=True)
class Reopened:
    """A run that is gone on with: its question, what its sources said of themselves, its toolbox, its trail, what is open."""

    question: Question
    infos: tuple[SourceInfo, ...]
    box: Toolbox
    trail: tuple[str, ...]
    parts: Sequence[Part] = ()


@dataclass(frozen=True, slots=True)
class _Asked:
    """What a run is about: the question, the sources by name or path, what it goes on from, the time that is looked at."""

    question: Question
    sources: Sequence[str]
    trail: tuple[str, ...]
    look: Window


def _live(parts: Sequence[Part]) -> bool:
    return any(isinstance(part, Connector) for part in parts)


def _conduct(
    store: Store,
    run: str,
    asked: _Asked,
    parts: Sequence[Part],
    settings: Settings,
    progress: Progress,
    known: tuple[SourceInfo, ...] = (),
) -> Report:
    """Journals the run from its first event to its report."""

    def journal(type_: str, payload: Mapping[str, Any]) -> None:
        store.append(run, type_, payload)
        progress(type_, payload)

    ledger, vault = Ledger(store, run), Vault()
    with (
        _state(store, run),
        recorded(settings.tracing, run, settings.model, journal),
        open_aids(settings, store, vault, journal) as aids,
    ):
        held = len(ledger)
        joined = _joined(parts, asked.look, ledger, journal, progress)
        infos = tuple(source.info() for source in joined) or known
        if _live(parts) and not asked.question.text and not asked.question.components:
            asked, infos = _alarmed(asked, joined, infos)
        told = {
            "question": _QUESTION.dump_python(asked.question, mode="json"),
            "infos": _INFOS.dump_python(infos, mode="json"),
            "sources": list(asked.sources),
            "trail": list(asked.trail),
            "held": held,
        }
        journal("run", told)
        box = _toolbox(joined, ledger, journal)
        heading = Heading(run, trail=asked.trail)
        opened = partial(open_mind, settings, journal, parts=parts, vault=vault)
        return found(heading, asked.question, box, infos, journal, opened, aids)


def _joined(
    parts: Sequence[Part], look: Window, ledger: Ledger, journal: Journal, progress: Progress
) -> tuple[Source, ...]:
    """Several sources, or a live one, as one; a single folder or bundle as it is."""
    if not parts or (len(parts) == 1 and not _live(parts)):
        return tuple(part for part in parts if not isinstance(part, Connector))
    if not _live(parts):
        return (JoinedSource(parts, look),)

    def record(answered: Answered) -> str:
        kept = record_fetch(ledger, answered)
        journal("fetched", {"id": kept.id, "source": kept.source, "status": kept.status, "count": kept.count})
        return kept.id

    def arrived(answered: Answered) -> None:
        result = answered.result
        told = {
            "source": answered.source,
            "signal": answered.signal,
            "status": result.status,
            "count": result.count,
        }
        progress("arrived", told | {"bytes": sum(fetch.bytes for fetch in result.fetches)})

    return (JoinedSource(parts, look, record, arrived),)


def _alarmed(
    asked: _Asked, sources: Sequence[Source], infos: tuple[SourceInfo, ...]
) -> tuple[_Asked, tuple[SourceInfo, ...]]:
    """The question that the worst alert asks, where nobody asked one."""
    answers = [source.alerts() for source in sources if isinstance(source, JoinedSource)]
    worst = worst_alert([alert for answer in answers for alert in answer.value])
    gaps = dict.fromkeys(str(problem) for answer in answers for problem in answer.problems)
    if worst is None and gaps:
        raise SourceError(
            f"nobody says what is wrong, and alerts could not be asked for: {'; '.join(gaps)}",
            hint="`andon sources check` says what works; or say in words what is wrong",
        )
    if worst is None:
        raise UsageError(
            "nobody says what is wrong, and no alert fires", hint='andon investigate "checkout is slow"'
        )
    told = " ".join(filter(None, (worst.name, worst.service, worst.summary)))
    moment = min(max(worst.start, asked.look.start), asked.look.end)
    return replace(asked, question=replace(asked.question, text=told)), (
        replace(infos[0], alert=moment),
        *infos[1:],
    )


@contextmanager
def _state(store: Store, run: str) -> Iterator[None]:
    """Marks the run as done, interrupted or failed, whichever it was."""
    try:
        yield
    except KeyboardInterrupt:
        store.set_state(run, "interrupted")
        raise
    except Exception:
        store.set_state(run, "failed")
        raise
    store.set_state(run, "done")


def _described(parent: str, redirect: Question) -> str:
    """The redirection in one line."""
    parts = [f"after {parent}"]
    for label, values in (
        ("without", redirect.exclude),
        ("first", redirect.pins),
        ("also", redirect.also),
        ("felt at", redirect.components),
        ("harmless", redirect.cleared),
        ("not harmless", redirect.doubted),
        ("undone", [f"{change} at {isoformat(time)}" for change, time in redirect.undone]),
        ("stated", [f"“{fact}”" for fact in redirect.facts]),
    ):
        if values:
            parts.append(f"{label} {', '.join(values)}")
    if redirect.incident:
        parts.append(f"incident {redirect.incident}")
    if redirect.text:
        parts.append(f"asked “{redirect.text}”")
    return "; ".join(parts)
