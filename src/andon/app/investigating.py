"""To investigate: a question, sources, and a run that keeps all of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Any

from pydantic import TypeAdapter

from andon.app.runs import open_store
from andon.config import Settings
from andon.connectors import Source, SourceInfo
from andon.connectors.files import FilesSource
from andon.errors import ConfigError, StorageError
from andon.investigation.engine import investigate
from andon.investigation.question import Question
from andon.investigation.report import Report
from andon.investigation.toolbox import Toolbox
from andon.storage import Ledger, Store

__all__ = ["Progress", "open_source", "proceed", "start"]

Progress = Callable[[str, Mapping[str, Any]], None]
"""Told each event of the journal as it is written."""

_QUESTION = TypeAdapter(Question)
_INFOS = TypeAdapter(tuple[SourceInfo, ...])
_REPORT = TypeAdapter(Report)


def open_source(text: str, settings: Settings) -> Source:
    """The configured source of that name, else the folder or bundle at that path.

    Raises ConfigError when it is neither, SourceError when it cannot be read.
    """
    named = settings.sources.get(text)
    path = named.path if named else Path(text)
    if not path.exists():
        known = ", ".join(sorted(settings.sources)) or "none"
        raise ConfigError(
            f"{text!r} is neither a folder, a bundle nor a configured source",
            hint=f"configured sources: {known}; `andon init DIR` prepares a folder",
        )
    return FilesSource.open(path)


def start(
    question: Question, sources: Sequence[str], settings: Settings, progress: Progress = lambda *_: None
) -> Report:
    """A new run. Everything that it finds is kept as it is found, so an interruption loses nothing."""
    opened = [open_source(text, settings) for text in sources]
    infos = tuple(source.info() for source in opened)
    if not question.text:
        question = replace(question, text=next((i.symptom for i in infos if i.symptom), ""))
    with open_store(settings) as store:
        run = store.create_run(question.text)
        paths = [str(Path(s).resolve()) if Path(s).exists() else s for s in sources]
        return _conduct(store, run, question, opened, infos, paths, (), progress)


def proceed(
    prefix: str, redirect: Question, settings: Settings, progress: Progress = lambda *_: None
) -> Report:
    """A run that goes on from another, with what the redirection adds to its question.

    What the first run observed is taken over; its sources are opened where they still are, and the
    ledger answers for them where they are not. Raises RunNotFound, or StorageError for a run that
    was interrupted before it had asked anything.
    """
    with open_store(settings) as store:
        parent = store.find(prefix)
        asked = [event for event in store.events(parent.id) if event.type == "run"]
        if not asked:
            raise StorageError(f"run {parent.id} holds no question", hint="start a new one")
        told = asked[-1].payload
        question = _merged(_QUESTION.validate_python(told["question"]), redirect)
        infos = _INFOS.validate_python(told["infos"])
        opened = [open_source(path, settings) for path in told["sources"] if _there(path, settings)]
        run = store.create_run(question.text)
        store.copy_observations(parent.id, run)
        trail = (*told["trail"], _described(parent.id, redirect))
        return _conduct(store, run, question, opened, infos, told["sources"], trail, progress)


def _there(path: str, settings: Settings) -> bool:
    return path in settings.sources or Path(path).exists()


def _conduct(
    store: Store,
    run: str,
    question: Question,
    opened: Sequence[Source],
    infos: tuple[SourceInfo, ...],
    paths: Sequence[str],
    trail: tuple[str, ...],
    progress: Progress,
) -> Report:
    """Journals the run from its first event to its report."""

    def journal(type_: str, payload: Mapping[str, Any]) -> None:
        store.append(run, type_, payload)
        progress(type_, payload)

    journal(
        "run",
        {
            "question": _QUESTION.dump_python(question, mode="json"),
            "infos": _INFOS.dump_python(infos, mode="json"),
            "sources": list(paths),
            "trail": list(trail),
        },
    )
    with _state(store, run):
        box = Toolbox(
            opened,
            Ledger(store, run),
            lambda o: journal("observed", {"id": o.id, "status": o.status, "count": o.count}),
        )
        report = investigate(run, question, box, infos, journal, trail)
        journal("report", _REPORT.dump_python(report, mode="json"))
    return report


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


def _merged(first: Question, more: Question) -> Question:
    """The first question with what the redirection states; lists grow, single values are replaced."""
    return Question(
        text=more.text or first.text,
        components=more.components or first.components,
        kind=more.kind or first.kind,
        incident=more.incident or first.incident,
        baseline=more.baseline or first.baseline,
        exclude=tuple(dict.fromkeys((*first.exclude, *more.exclude))),
        pins=tuple(dict.fromkeys((*first.pins, *more.pins))),
        also=tuple(dict.fromkeys((*first.also, *more.also))),
    )


def _described(parent: str, redirect: Question) -> str:
    """The redirection in one line."""
    parts = [f"after {parent}"]
    for label, values in (("without", redirect.exclude), ("first", redirect.pins), ("also", redirect.also)):
        if values:
            parts.append(f"{label} {', '.join(values)}")
    if redirect.incident:
        parts.append(f"incident {redirect.incident}")
    if redirect.text:
        parts.append(f"asked “{redirect.text}”")
    return "; ".join(parts)
