"""The logs tool: templates and error families of the same records, mined once."""

from __future__ import annotations

from andon.investigation.toolbox import Toolbox, content
from andon.investigation.tools import logs
from andon.investigation.tools.logs import ErrorFamilies, LogComparison
from andon.storage import Ledger
from andon.telemetry import ERROR, INFO, LogRecord, Logs, Window
from andon.testing import MemorySource

BASELINE, INCIDENT = Window(0, 100), Window(100, 200)
TRACE = 'charge failed\nTraceback (most recent call last):\n  File "pay.py", line 7, in charge\nValueError: no card'


def test_a_new_exception_is_a_new_template_and_a_new_family() -> None:
    quiet = [LogRecord(float(t), INFO, "pay", f"charged order {t}") for t in range(0, 200, 5)]
    broken = [LogRecord(100.0 + t, ERROR, "pay", TRACE) for t in range(0, 90, 10)]
    box = Toolbox([MemorySource(log_records=Logs.of([*quiet, *broken]))], Ledger())
    (compared,) = logs.compare(box, BASELINE, INCIDENT)
    (families,) = logs.error_families(box, BASELINE, INCIDENT)
    new = [f for f in content(compared, LogComparison).findings if f.kind == "new"]
    assert [(f.template, f.incident_count) for f in new] == [("charge failed", 9)]
    found = content(families, ErrorFamilies).families
    assert [(f.exception, f.new, f.incident_count) for f in found] == [("ValueError", True, 9)]
    assert compared.count == families.count == len(quiet) + len(broken)
