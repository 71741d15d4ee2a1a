"""`logs`: which log templates are new, vanished, more or fewer than before."""

from __future__ import annotations

from andon.analysis.log_comparison import LogComparison
from andon.analysis.log_comparison import compare as compare_templates
from andon.analysis.templates import mine
from andon.connectors import Source
from andon.investigation.toolbox import Answer, Toolbox
from andon.storage import Observation
from andon.telemetry import Window

__all__ = ["LogComparison", "compare"]

TOOL = "logs"


def compare(box: Toolbox, baseline: Window, incident: Window) -> tuple[Observation, ...]:
    """Templates in both windows; content `LogComparison`."""
    whole = Window(min(baseline.start, incident.start), max(baseline.end, incident.end))

    def fetch(source: Source) -> Answer:
        result = source.logs(whole)
        table = mine(result.value.bodies)
        compared = compare_templates(result.value, table, baseline, incident)
        return Answer(compared, result.status, result.count, result.problems)

    query = {
        "what": "templates compared",
        "baseline": [baseline.start, baseline.end],
        "incident": [incident.start, incident.end],
    }
    return box.ask(TOOL, query, fetch, window=whole)
