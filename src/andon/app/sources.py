"""To use sources: open those that are named, decide which time to look at, check whether they work."""

from __future__ import annotations

import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path

from andon.config import FILES, NamedSource, Settings
from andon.connectors import Check, CheckState, Connector, Session, open_connector
from andon.connectors.budget import Budget
from andon.connectors.files import FilesSource
from andon.connectors.joined import Part
from andon.connectors.unanswered import broken
from andon.connectors.unopened import Unopened
from andon.errors import AndonError, ConfigError, SourceError
from andon.investigation.question import Question
from andon.telemetry import Window

__all__ = ["SourceChecks", "check_sources", "look_of", "open_part", "open_parts"]

_QUIET = 3.0
"""Times the length of a stated incident that is looked at before it, as quiet time to compare with."""
_LEAST_QUIET, _MOST_QUIET = 1800.0, 21_600.0
"""Seconds: less than half an hour of quiet time holds too few of rare things, more than six costs more than it tells."""
_AFTER = 0.1
"""The part of a stated incident that is looked at after it, so that its end can be seen."""


@dataclass(frozen=True, slots=True)
class SourceChecks:
    """What was tried on one source."""

    name: str
    kind: str
    checks: tuple[Check, ...]


def open_part(text: str, settings: Settings, budget: Budget | None = None) -> Part:
    """The configured source of that name, else the folder or bundle at that path.

    Raises ConfigError when it is neither or is stated wrongly, SourceError when a file cannot be read. A live
    system is not asked yet.
    """
    named = settings.sources.get(text)
    if named is not None and named.kind != FILES:
        return _live(named, budget)
    path = named.path if named else Path(text)
    if named and not path.exists():
        raise SourceError(f"{path}: there is no such folder or bundle", hint=f"{named.origin} names it")
    if not path.exists():
        known = ", ".join(sorted(settings.sources)) or "none"
        raise ConfigError(
            f"{text!r} is neither a folder, a bundle nor a configured source",
            hint=f"configured sources: {known}; `andon init DIR` prepares a folder",
        )
    return FilesSource.open(path)


def _live(named: NamedSource, budget: Budget | None) -> Connector:
    session = Session(0.0, budget)  # Time is given for each stage, `limits.seconds` of it.
    try:
        return open_connector(
            named.name,
            {"kind": named.kind} | dict(named.options),
            session,
            folder=named.folder,
            origin=named.origin,
        )
    except BaseException:
        session.close()
        raise


@contextmanager
def open_parts(texts: Sequence[str], settings: Settings) -> Iterator[tuple[Part, ...]]:
    """All of the sources, each once, under one budget, and their connections closed afterwards.

    Of several sources, a configured one that cannot be opened is a gap and not the end.
    """
    budget = Budget(settings.budget.seconds, int(settings.budget.bytes))
    with ExitStack() as stack:
        opened: list[Part] = []
        for text in dict.fromkeys(texts):
            try:
                part = open_part(text, settings, budget)
            except AndonError as error:
                if len(texts) == 1 or text not in settings.sources:
                    raise
                part = Unopened(text, error)
            if isinstance(part, Connector):
                stack.callback(part.close)
                stack.callback(part.session.close)
            opened.append(part)
        yield tuple(opened)


def look_of(question: Question, parts: Sequence[Part], last: float, until: float | None = None) -> Window:
    """The time that is looked at: around a stated incident, else what files span, else the last so many seconds before `until` or now."""
    stated = question.incident
    held = [info for part in parts if not isinstance(part, Connector) and (info := part.info()).extent]
    stated = stated or next((info.incident for info in held if info.incident), None)
    if stated is not None:
        before = min(max(_QUIET * stated.seconds, _LEAST_QUIET), _MOST_QUIET)
        quiet = question.baseline.start if question.baseline else stated.start - before
        return Window(min(quiet, stated.start), stated.end + _AFTER * stated.seconds)
    spans = [info.extent for info in held if info.extent]
    if spans:
        return Window(min(w.start for w in spans), max(w.end for w in spans))
    end = time.time() if until is None else until
    return Window(end - last, end)


def check_sources(settings: Settings, names: Sequence[str] = ()) -> tuple[SourceChecks, ...]:
    """Tries each of the configured sources, or those named, at once; none of them stops the others.

    Raises ConfigError for a name that is not configured.
    """
    unknown = [name for name in names if name not in settings.sources]
    if unknown:
        known = ", ".join(sorted(settings.sources)) or "none"
        raise ConfigError(f"no source is named {unknown[0]!r}", hint=f"configured sources: {known}")
    wanted = [settings.sources[name] for name in names] or list(settings.sources.values())
    with ThreadPoolExecutor(max_workers=max(1, len(wanted)), thread_name_prefix="check") as pool:
        return tuple(pool.map(lambda named: _checked(named, settings), wanted))


def _checked(named: NamedSource, settings: Settings) -> SourceChecks:
    try:
        with open_parts([named.name], settings) as (part,):
            return SourceChecks(named.name, named.kind, _tried(part))
    except AndonError as error:
        found = Check("configuration", CheckState.FAILED, error.message, error.hint)
    except (
        Exception
    ) as error:  # Of a class that opens: whatever it raises, the other sources are still tried.
        gap = broken(error, str)
        found = Check("configuration", CheckState.FAILED, gap.message, gap.hint)
    return SourceChecks(named.name, named.kind, (found,))


def _tried(part: Part) -> tuple[Check, ...]:
    if isinstance(part, Connector):
        hide = part.session.vault.hide
        part.session.extend(part.config.limits.seconds)
        try:
            return tuple(replace(c, found=hide(c.found), hint=hide(c.hint)) for c in part.check())
        except Exception as error:  # `check` never raises; where it does, the other sources are still tried.
            gap = broken(error, hide)
            return (Check("check", CheckState.FAILED, gap.message, gap.hint),)
    info = part.info()
    held = ", ".join(info.signals) or "nothing that is recognised"
    state = CheckState.OK if info.signals else CheckState.FAILED
    found = [Check("read", state, held, "" if info.signals else "`andon init DIR` shows what its files are")]
    if info.extent:
        found.append(Check("history", CheckState.OK, str(info.extent)))
    found += [Check("read", CheckState.WARNING, str(problem), problem.hint) for problem in info.problems[:5]]
    return tuple(found)
