"""`logs`: which log templates are new, vanished, more or fewer than before, and which errors belong together."""

from __future__ import annotations

from andon.analysis.log_comparison import LogComparison
from andon.analysis.log_comparison import compare as compare_templates
from andon.analysis.log_families import ErrorFamilies, families
from andon.connectors import Source
from andon.investigation.toolbox import Answer, Toolbox
from andon.investigation.tools.periods import compared, whole
from andon.storage import Observation
from andon.telemetry import Window

__all__ = ["ErrorFamilies", "LogComparison", "compare", "error_families"]

TOOL = "logs"


def compare(box: Toolbox, baseline: Window, incident: Window) -> tuple[Observation, ...]:
    """Templates in both windows; content `LogComparison`."""
    span = whole(baseline, incident)

    def fetch(source: Source) -> Answer:
        result, table = box.templates(source, span)
        compared = compare_templates(result.value, table, baseline, incident)
        return Answer(compared, result.status, result.count, result.problems)

    return box.ask(TOOL, compared("templates compared", baseline, incident), fetch, window=span)


def error_families(box: Toolbox, baseline: Window, incident: Window) -> tuple[Observation, ...]:
    """Errors by exception type and frames; content `ErrorFamilies`."""
    span = whole(baseline, incident)

    def fetch(source: Source) -> Answer:
        result, table = box.templates(source, span)
        found = families(result.value, table, baseline, incident)
        return Answer(found, result.status, result.count, result.problems)

    return box.ask(TOOL, compared("error families", baseline, incident), fetch, window=span)
