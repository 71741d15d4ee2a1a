"""The whole path with a model that everyone has: offline, on this CPU, from a question to a report that replays.

The model is far too small to reason; what counts is that nothing of it makes the report wrong.
"""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from andon.app.investigating import start
from andon.app.replaying import replay
from andon.config import ModelEntry, load_settings
from andon.errors import AndonError
from andon.investigation.question import Question

BUNDLE = Path(__file__).resolve().parents[2] / "examples" / "door-unlock.zip"
TRUE_CAUSE = "rvmIngressIos"


def test_a_model_on_this_cpu_leads_and_the_report_stays_right(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    weights()
    monkeypatch.setenv("ANDON_HOME", str(tmp_path))
    monkeypatch.setenv("ANDON_OFFLINE", "1")
    entry = ModelEntry("local:smollm2", timeout=240.0, budget={"requests": 2, "seconds": 240})
    settings = replace(load_settings(), model=entry)
    told: list[str] = []
    report = start(Question(""), [str(BUNDLE)], settings, lambda type_, _: told.append(type_))
    assert report.hypotheses[0].component == TRUE_CAUSE
    assert report.verified
    assert report.agent is not None
    assert report.agent.model == "local:smollm2"
    assert report.agent.requests >= 1
    assert report.agent.tokens_in > 0 or report.agent.stopped
    assert "model" in told
    again = replay(report.run, settings)
    assert again.same, again.differs


def weights() -> None:
    """Skips, and says why, where the engine or the weights are not installed."""
    from andon.llm.local import find_weights

    pytest.importorskip("xllamacpp", reason="the extra `local` is not installed")
    try:
        find_weights("smollm2")
    except AndonError as error:
        pytest.skip(f"no weights: {error.message}")
