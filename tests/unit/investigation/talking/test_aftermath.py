from __future__ import annotations

import numpy as np
import pytest

from andon.connectors import Signal
from andon.investigation.question import Question
from andon.investigation.talking.aftermath import aftermath, stated
from andon.investigation.toolbox import Toolbox
from andon.storage import Ledger
from andon.telemetry import ERROR, LogRecord, Logs, MetricSeries, Status
from unit.investigation.incident import END, ONSET, START, spans
from unit.investigation.shop import looked_at, shop

ROLLED_BACK = ONSET + 120


def healed() -> list[object]:
    """Spans that fail from the onset on, and no more once the change was taken back."""
    broken, whole = spans(faulty=True), spans(faulty=False)
    return [b if b.start < ROLLED_BACK else w for b, w in zip(broken, whole, strict=True)]


def undone(time: float = ROLLED_BACK, **given: object) -> Question:
    return Question("checkout fails", **({"cleared": ("deploy-7",), "undone": (("deploy-7", time),)} | given))


def test_trouble_that_goes_on_bears_the_engineer_out() -> None:
    looked, box = looked_at(shop(), undone())
    found = aftermath(looked.case, box, "deploy-7", ROLLED_BACK)
    assert found.went_on is True
    assert "the trouble went on, which bears you out" in found.told
    assert "after 10:17:00" in found.told and "calls failed" in found.told
    (ref,) = found.refs
    assert ref.partition(":")[0] in box.ledger


def test_trouble_that_ends_contradicts_the_engineer() -> None:
    looked, box = looked_at(shop(span_list=healed()), undone())
    found = aftermath(looked.case, box, "deploy-7", ROLLED_BACK)
    assert found.went_on is False
    assert "the trouble was over then, which contradicts you" in found.told
    assert found.refs


def test_it_speaks_for_or_against_a_change_that_nobody_called_harmless() -> None:
    question = undone(cleared=())
    looked, box = looked_at(shop(), question)
    assert "speaks for it being harmless" in aftermath(looked.case, box, "deploy-7", ROLLED_BACK).told
    looked, box = looked_at(shop(span_list=healed()), question)
    assert "speaks against it" in aftermath(looked.case, box, "deploy-7", ROLLED_BACK).told


def test_a_change_that_was_undone_before_it_began_did_not_do_it() -> None:
    looked, box = looked_at(shop(), undone(START + 60))
    found = aftermath(looked.case, box, "deploy-7", START + 60)
    assert found.went_on is True and "before the trouble began" in found.told


def test_nothing_is_said_of_what_nobody_saw() -> None:
    looked, box = looked_at(shop(), undone(END + 600))
    found = aftermath(looked.case, box, "deploy-7", END + 600)
    assert (found.went_on, found.refs) == (None, ())
    assert "cannot be told" in found.told


def test_the_ledger_alone_is_enough() -> None:
    _, box = looked_at(shop(), undone())
    replayed = Toolbox([], box.ledger)
    looked, _ = looked_at(shop(), undone())
    assert aftermath(looked.case, replayed, "deploy-7", ROLLED_BACK).went_on is True


def test_both_are_told_in_the_report_with_what_was_computed() -> None:
    looked, _ = looked_at(shop(span_list=healed()), undone(facts=("it was harmless",)))
    notes = " ".join(looked.report.notes)
    assert "Stated by the engineer, and no evidence: “it was harmless”." in notes
    assert "which contradicts you. [traces-" in notes
    assert "deploy-7" not in {h.change for h in looked.report.hypotheses}


@pytest.mark.parametrize("bad", [True, False])
def test_metrics_tell_where_there_are_no_traces(bad: bool) -> None:
    times = [START + 10.0 * i for i in range(120)]
    end = END if bad else ROLLED_BACK
    values = [0.5 + 0.01 * (i % 3) + (8.0 if ONSET <= t < end else 0.0) for i, t in enumerate(times)]
    failing = MetricSeries("http.errors", "alpha", np.array(times), np.array(values))
    held = shop(
        span_list=(), series=(failing,), log_records=Logs.of([LogRecord(ONSET, ERROR, "charlie", "boom")])
    )
    looked, box = looked_at(held, undone())
    found = aftermath(looked.case, box, "deploy-7", ROLLED_BACK)
    assert found.went_on is bad
    assert "on average after 10:17:00" in found.told
    assert found.refs[0].endswith(":points")


def test_without_any_signal_it_cannot_be_told() -> None:
    denied = {Signal.TRACES: Status.DENIED, Signal.METRICS: Status.DENIED}
    looked, box = looked_at(shop(statuses=denied), undone())
    assert aftermath(looked.case, box, "deploy-7", ROLLED_BACK).went_on is None
    assert len(list(stated(looked.case, box))) == 1
    assert isinstance(box.ledger, Ledger)
