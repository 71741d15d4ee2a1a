"""Which time is the incident, and which is quiet.

What the question states wins, then what the source states; where no quiet time is stated with it, the
incident begins earlier if the data clearly turned before. Otherwise the data say it: the strongest lasting
turn for the worse at the symptom's components, or, where those show none, inside, above or below them, or
anywhere.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from andon.connectors import SourceInfo
from andon.errors import SourceError
from andon.investigation.equipment import joined, loops_of
from andon.investigation.question import Question
from andon.investigation.report import SymptomKind
from andon.investigation.toolbox import Toolbox, content
from andon.investigation.tools import instruments, metrics, traces
from andon.telemetry import Topology, Window

__all__ = ["Turn", "Windows", "choose_windows", "extent", "onset_of"]

_CLEAR = 5.0
"""The score from which on a turn is clear: stricter than one series' test, since the best of all series is taken."""
_KEEP_QUIET = 0.25
"""The part of the time before the turn that stays quiet time at least: without any there is nothing to compare with."""
_AROUND = 900.0
"""Seconds around an alert that are looked at where nothing turned."""
_SAME = 0.1
"""Turns within this part of the whole time belong together."""
_TOGETHER = 0.05
"""Turns within this part of the time that all turns span are taken for the same turn."""
_MEASURES = {
    SymptomKind.UNAVAILABLE: frozenset(["failed share", "errors", "availability"]),
    SymptomKind.SLOW: frozenset(["mean duration", "latency"]),
    SymptomKind.MISSING: frozenset(["successful calls", "successes", "requests"]),
}


_INNER = frozenset(["saturation", "requests"])
"""What nobody outside feels; it decides only where nothing else turned."""


@dataclass(frozen=True, slots=True)
class Windows:
    """`why` says who decided; `observation` is the survey that did, if one did."""

    incident: Window
    baseline: Window
    why: str
    observation: str = ""


@dataclass(frozen=True, slots=True)
class Turn:
    """A lasting turn for the worse of something that an element was measured by (Unix seconds)."""

    element: str
    measure: str
    onset: float
    low: float
    high: float
    end: float | None
    score: float
    observation: str


def extent(infos: Sequence[SourceInfo]) -> Window:
    """The time that all sources together span. Raises SourceError when none of them holds any."""
    known = [info.extent for info in infos if info.extent is not None]
    if not known:
        raise SourceError(
            "no source holds a single point, record or span",
            hint="`andon init DIR` shows what was recognised",
        )
    return Window(min(w.start for w in known), max(w.end for w in known))


def choose_windows(
    question: Question,
    infos: Sequence[SourceInfo],
    whole: Window,
    box: Toolbox,
    symptom: tuple[Sequence[str], SymptomKind],
    model: tuple[Topology, dict[str, str]],
) -> Windows:
    """The incident and the baseline before it. `model` is the topology and service to element id."""
    stated = question.incident or next((i.incident for i in infos if i.incident), None)
    quiet = question.baseline or next((i.baseline for i in infos if i.baseline), None)
    if stated is not None:
        who = "you said so" if question.incident else "the source says so"
        if quiet is not None:
            return Windows(stated, quiet, who)
        return _widened(stated, whole, who, list(_turns(box, whole, model)), symptom, model[0])
    alert = next((i.alert for i in infos if i.alert is not None), None)
    turns = [t for t in _turns(box, whole, model) if alert is None or _holds(t, alert)]
    turn = _decisive(turns, symptom, model[0])
    if turn is None and alert is not None:
        around = Window(max(whole.start, alert - _AROUND), max(alert, min(whole.end, alert + _AROUND)))
        return Windows(
            around,
            quiet or _before(around, whole),
            "nothing turned, so the time around the alert is looked at",
        )
    if turn is None:
        start = whole.end - whole.seconds / 3
        incident = Window(start, whole.end)
        return Windows(
            incident, quiet or _before(incident, whole), "nothing turned, so the last third is looked at"
        )
    start = max(_earliest(turn, turns, whole), whole.start + _KEEP_QUIET * (turn.onset - whole.start))
    incident = Window(start, turn.end if turn.end and turn.end > start else whole.end)
    where = f"{turn.measure} at {turn.element} turned for the worse"
    return Windows(incident, quiet or _before(incident, whole), where, turn.observation)


def _widened(
    stated: Window,
    whole: Window,
    who: str,
    turns: list[Turn],
    symptom: tuple[Sequence[str], SymptomKind],
    topology: Topology,
) -> Windows:
    """The stated incident, begun earlier where the data clearly turned before and stayed so until then.

    People say when they noticed. What had turned by then would make the quiet time look like the trouble.
    """
    lasting = [t for t in turns if t.onset < stated.end and (t.end is None or t.end > stated.start)]
    turn = _decisive(lasting, symptom, topology) if stated.seconds and stated.start < whole.end else None
    if turn is None or turn.onset >= stated.start or turn.onset <= whole.start:
        return Windows(stated, _before(stated, whole), who)
    incident = Window(turn.onset, stated.end)
    why = f"{who}, but {turn.measure} at {turn.element} turned for the worse before that and stayed so"
    return Windows(incident, _before(incident, whole), why, turn.observation)


def _holds(turn: Turn, alert: float) -> bool:
    """Whether the alert fired while the turn lasted."""
    return turn.low <= alert and (turn.end is None or turn.end >= alert)


def _before(incident: Window, whole: Window) -> Window:
    """Everything before the incident; after it when there is nothing before."""
    if incident.start > whole.start:
        return Window(whole.start, incident.start)
    return Window(min(incident.end, whole.end), whole.end)


def _turns(box: Toolbox, whole: Window, model: tuple[Topology, dict[str, str]]) -> Iterable[Turn]:
    element_of = model[1]
    loops = loops_of(*model)
    for observation in traces.survey(box, whole):
        if observation.content is not None:
            for call in content(observation, traces.CallTurns).turns:
                element = element_of.get(call.caller, call.caller)
                yield Turn(
                    element,
                    call.measure,
                    call.onset,
                    call.low,
                    call.high,
                    call.end,
                    call.score,
                    observation.id,
                )
    for observation in (*metrics.survey(box, whole), *instruments.survey(box, whole, loops)):
        if observation.content is not None:
            for series in content(observation, metrics.SeriesTurns).turns:
                element = element_of.get(series.service, series.service)
                yield Turn(
                    element,
                    series.kind.value,
                    series.onset,
                    series.low,
                    series.high,
                    series.end,
                    series.score,
                    observation.id,
                )


def _earliest(turn: Turn, turns: Sequence[Turn], whole: Window) -> float:
    """When the first clear turn at the same element began, if it belongs to the decisive one."""
    near = _SAME * whole.seconds
    same = [t for t in turns if t.element == turn.element and t.score >= _CLEAR and t.measure != "saturation"]
    sharp = [t for t in same if t.high - t.low <= 2 * (turn.high - turn.low)]
    return min([t.onset for t in sharp if 0 <= turn.onset - t.onset <= near], default=turn.onset)


def _decisive(
    turns: list[Turn], symptom: tuple[Sequence[str], SymptomKind], topology: Topology
) -> Turn | None:
    """The strongest clear turn, looked for nearest to the symptom first."""
    components, kind = symptom
    near = set(components).union(*(joined(e, topology) for e in components))
    inside = {e.id for e in topology.elements if e.parent in near}
    above = set(topology.distances(components, upstream=True)) if components else set()
    below = set(topology.distances(components)) if components else set()
    wanted = _MEASURES.get(kind)
    clear = [t for t in turns if t.score >= _CLEAR]
    felt = [t for t in clear if t.measure not in _INNER]
    for pool in (felt, clear):
        for where in (near, inside, above, below, None):
            here = [t for t in pool if where is None or t.element in where]
            fitting = [t for t in here if wanted is None or t.measure in wanted] or here
            if fitting:
                return _agreed(fitting)
    return None


def _agreed(turns: Sequence[Turn]) -> Turn:
    """The strongest turn at the time for which most speaks: one series may turn by chance, not many at once."""
    reach = _TOGETHER * (max(t.high for t in turns) - min(t.low for t in turns))

    def support(turn: Turn) -> float:
        return sum(t.score for t in turns if abs(t.onset - turn.onset) <= reach)

    most = max(turns, key=lambda t: (support(t), t.score))
    return max((t for t in turns if abs(t.onset - most.onset) <= reach), key=lambda t: t.score)


def onset_of(
    components: Sequence[str], windows: Windows, box: Toolbox, topology: Topology, element_of: dict[str, str]
) -> Turn | None:
    """When the trouble of an incident began, as the symptom's components show it; None when none does."""
    whole = Window(windows.baseline.start, max(windows.incident.end, windows.baseline.end))
    near = [t for t in _turns(box, whole, (topology, element_of)) if t.onset < windows.incident.end]
    margin = windows.incident.seconds / 2
    fitting = [t for t in near if t.high >= windows.incident.start - margin]
    return _decisive(fitting, (components, SymptomKind.UNKNOWN), topology)
