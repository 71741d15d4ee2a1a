"""`logs`: which log templates are new, vanished, more or fewer than before, and which errors belong together."""

from __future__ import annotations

from andon.analysis.log_comparison import LogComparison
from andon.analysis.log_comparison import compare as compare_templates
from andon.analysis.log_families import ErrorFamilies, families
from andon.connectors import Source
from andon.investigation.toolbox import Answer, Toolbox
from andon.storage import Observation
from andon.telemetry import Window

__all__ = ["ErrorFamilies", "LogComparison", "compare", "error_families"]

TOOL = "logs"


def compare(box: Toolbox, baseline: Window, incident: Window) -> tuple[Observation, ...]:
    """Templates in both windows; content `LogComparison`."""
    whole = Window(min(baseline.start, incident.start), max(baseline.end, incident.end))

    def fetch(source: Source) -> Answer:
        result, table = box.templates(source, whole)
        compared = compare_templates(result.value, table, baseline, incident)
        return Answer(compared, result.status, result.count, result.problems)

    return box.ask(TOOL, _query("templates compared", baseline, incident), fetch, window=whole)


def error_families(box: Toolbox, baseline: Window, incident: Window) -> tuple[Observation, ...]:
    """Errors by exception type and frames; content `ErrorFamilies`."""
    whole = Window(min(baseline.start, incident.start), max(baseline.end, incident.end))

    def fetch(source: Source) -> Answer:
        result, table = box.templates(source, whole)
        found = families(result.value, table, baseline, incident)
        return Answer(found, result.status, result.count, result.problems)

    return box.ask(TOOL, _query("error families", baseline, incident), fetch, window=whole)


def _query(what: str, baseline: Window, incident: Window) -> dict[str, object]:
    return {
        "what": what,
        "baseline": [baseline.start, baseline.end],
        "incident": [incident.start, incident.end],
    }
