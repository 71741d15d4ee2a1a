"""`traces`: where time and failures are added along the calls."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from andon.analysis.calls import CallTally, Tally, tally_calls
from andon.analysis.courses import Courses, compare_courses
from andon.analysis.episode import Episode, find_episode
from andon.analysis.invocations import find_invocations
from andon.analysis.templates import mine
from andon.analysis.time_shifts import TimeShifts, compare_times
from andon.connectors import Source
from andon.investigation.toolbox import Answer, Toolbox
from andon.investigation.tools.periods import compared, whole
from andon.storage import Observation
from andon.telemetry import Logs, Window

__all__ = [
    "CallTally",
    "CallTurn",
    "CallTurns",
    "Courses",
    "TimeShifts",
    "compare",
    "courses",
    "survey",
    "time_shifts",
]

TOOL = "traces"

_LEAST_CALLS = 1
"""Calls that a part of time needs to have a mean."""


@dataclass(frozen=True, slots=True)
class CallTurn:
    """A lasting turn for the worse at a node (`callee` empty) or a link; `measure` says of what."""

    caller: str
    callee: str
    measure: str
    onset: float
    low: float
    high: float
    end: float | None
    score: float
    before: float
    after: float


@dataclass(frozen=True, slots=True)
class CallTurns:
    """All turns of one source's nodes and links."""

    turns: tuple[CallTurn, ...]


def compare(box: Toolbox, baseline: Window, incident: Window) -> tuple[Observation, ...]:
    """Nodes and links in both windows; content `CallTally`."""
    span = whole(baseline, incident)

    def fetch(source: Source) -> Answer:
        calls, answer = box.calls(source, span)
        return Answer(tally_calls(calls, baseline, incident), answer.status, answer.count, answer.problems)

    return box.ask(TOOL, compared("calls compared", baseline, incident), fetch, window=span)


def courses(box: Toolbox, baseline: Window, incident: Window) -> tuple[Observation, ...]:
    """Which steps the invocations of each service take in both windows, with logs of the same traces; content `Courses`."""
    span = whole(baseline, incident)

    def fetch(source: Source) -> Answer:
        calls, answer = box.calls(source, span)
        if not answer.count:
            return Answer(Courses((), (), 0, 1.0), answer.status, 0, answer.problems)
        result, table = box.templates(source, span)
        found = compare_courses(find_invocations(calls, result.value, table), baseline, incident)
        return Answer(found, answer.status, answer.count, answer.problems)

    return box.ask(TOOL, compared("courses compared", baseline, incident), fetch, window=span)


def time_shifts(box: Toolbox, baseline: Window, incident: Window) -> tuple[Observation, ...]:
    """Own time of services and time between them in both windows; content `TimeShifts`."""
    span = whole(baseline, incident)

    def fetch(source: Source) -> Answer:
        calls, answer = box.calls(source, span)
        nothing = Logs.of(())
        found = compare_times(calls, find_invocations(calls, nothing, mine(())), baseline, incident)
        return Answer(found, answer.status, answer.count, answer.problems)

    return box.ask(TOOL, compared("times compared", baseline, incident), fetch, window=span)


def survey(box: Toolbox, window: Window) -> tuple[Observation, ...]:
    """When each node and link turned for the worse within the window; content `CallTurns`."""
    middle = (window.start + window.end) / 2

    def fetch(source: Source) -> Answer:
        calls, answer = box.calls(source, window)
        tally = tally_calls(calls, Window(window.start, middle), Window(middle, window.end))
        looked = _looked_at(tally) if answer.share < 1 else np.ones(len(tally.edges) - 1, dtype=np.bool_)
        turns = [turn for one in (*tally.nodes, *tally.links) for turn in _turns(one, tally.edges, looked)]
        return Answer(CallTurns(tuple(turns)), answer.status, answer.count, answer.problems)

    return box.ask(TOOL, {"what": "turns"}, fetch, window=window)


def _looked_at(tally: CallTally) -> NDArray[np.bool_]:
    """Which bins an even sample reached at all: those in which anybody was called."""
    calls = np.zeros(len(tally.edges) - 1)
    for one in tally.nodes:
        calls += one.bins
    return calls > 0


def _turns(tally: Tally, edges: tuple[float, ...], looked: NDArray[np.bool_]) -> list[CallTurn]:
    """Turns of the error share, the mean duration and the number of successful calls."""
    calls = np.array(tally.bins, dtype=np.float64)
    errors = np.array(tally.bin_errors, dtype=np.float64)
    seconds = np.array(tally.bin_seconds, dtype=np.float64)
    starts = np.array(edges[:-1])
    busy = calls >= _LEAST_CALLS
    found = []
    for measure, times, values, bad in (
        ("failed share", starts[busy], errors[busy] / calls[busy], 1),
        ("mean duration", starts[busy], seconds[busy] / calls[busy], 1),
        ("successful calls", starts[looked], (calls - errors)[looked], -1),
    ):
        episode = find_episode(times, values, bad)
        if episode is not None:
            found.append(_turn(tally, measure, episode))
    return found


def _turn(tally: Tally, measure: str, episode: Episode) -> CallTurn:
    onset = episode.onset
    return CallTurn(
        tally.caller,
        tally.callee,
        measure,
        onset.time,
        onset.low,
        onset.high,
        episode.end,
        onset.score,
        episode.before,
        episode.after,
    )
