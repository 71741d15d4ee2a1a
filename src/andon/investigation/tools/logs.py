"""`logs`: which log templates are new, vanished, more or fewer than before, and which errors belong together."""

from __future__ import annotations

from andon.analysis.log_comparison import LogComparison, LogTally
from andon.analysis.log_families import ErrorFamilies, FamilyTally
from andon.connectors import Source
from andon.investigation.toolbox import Answer, Toolbox
from andon.investigation.tools.periods import compared, whole
from andon.storage import Observation
from andon.telemetry import Window

__all__ = ["ErrorFamilies", "LogComparison", "compare", "error_families"]

TOOL = "logs"

BATCH = 1 << 18
"""Records counted at a time, so that what counting needs does not grow with the logs."""


def compare(box: Toolbox, baseline: Window, incident: Window) -> tuple[Observation, ...]:
    """Templates in both windows; content `LogComparison`."""
    return _told(box, "templates compared", LogTally, baseline, incident)


def error_families(box: Toolbox, baseline: Window, incident: Window) -> tuple[Observation, ...]:
    """Errors by exception type and frames; content `ErrorFamilies`."""
    return _told(box, "error families", FamilyTally, baseline, incident)


def _told(
    box: Toolbox, what: str, tally_of: type[LogTally | FamilyTally], baseline: Window, incident: Window
) -> tuple[Observation, ...]:
    """What a tally says of the logs of each source, which it is given batch by batch."""
    span = whole(baseline, incident)

    def fetch(source: Source) -> Answer:
        result, table = box.templates(source, span)
        tally = tally_of(baseline, incident)
        for first, batch in result.value.batches(BATCH):
            tally.add(batch, table.codes[first : first + BATCH])
        return Answer(tally.result(table.by_template()), result.status, result.count, result.problems)

    return box.ask(TOOL, compared(what, baseline, incident), fetch, window=span)
