"""Talking on about a run of live systems: the ledger answers first, what it lacks is fetched, and a restart asks nothing twice."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from andon.app import investigating
from andon.app.conversing import open_conversation
from andon.app.runs import open_store
from andon.config import Settings, load_settings
from andon.connectors import Signal
from andon.connectors.files import FilesSource
from andon.investigation.question import Question
from andon.testing import MemoryConnector

BUNDLE = Path(__file__).parents[2] / "examples" / "door-unlock.zip"
PARTS = {
    "prometheus": Signal.METRICS,
    "loki": Signal.LOGS,
    "tempo": Signal.TRACES,
    "cloudtrail": Signal.CHANGES,
    "model": Signal.TOPOLOGY,
}


@pytest.fixture
def settings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """An empty store, and the recorded incident behind one connector for each signal."""
    held = FilesSource.open(BUNDLE)

    @contextmanager
    def open_parts(texts: list[str], _settings: Settings) -> Iterator[tuple[Any, ...]]:
        made = [MemoryConnector(name, held, (PARTS[name],)) for name in texts]
        yield tuple(made)
        for part in made:
            part.session.close()

    monkeypatch.setenv("ANDON_HOME", str(tmp_path / "home"))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(investigating, "open_parts", open_parts)
    monkeypatch.setattr(investigating, "_there", lambda *_: True)
    found = load_settings()
    extent = held.info().extent
    assert extent is not None
    asked = Question("Users of the iOS app cannot unlock their car doors remotely.")
    investigating.start(asked, list(PARTS), found, last=extent.seconds, until=extent.end)
    return found


def fetched(settings: Settings, run: str) -> int:
    with open_store(settings) as store:
        return sum(o.tool == "fetch" for o in store.observations(run))


def test_questions_are_answered_from_the_ledger(settings: Settings) -> None:
    with open_conversation("latest", settings) as conversation:
        before = fetched(settings, conversation.run)
        assert before
        answered = conversation.say("why rvm-api-from-ios and not the iOS BFF?")
        assert any(said.refs for said in answered.answer)
        assert any("UpdateService" in s.text for s in conversation.say("what changed at the iOS BFF?").answer)
        assert fetched(settings, conversation.run) == before


def test_a_redirection_ranks_again_and_tests_what_was_undone(settings: Settings) -> None:
    with open_conversation("latest", settings) as conversation:
        first = conversation.run
        exchange = conversation.say("the security group change was harmless, I rolled it back at 05:19:20")
        assert conversation.run != first
        assert any("the trouble went on, which bears you out" in said.text for said in exchange.answer)
        leader = conversation.report.hypotheses[0]
        assert leader.change is None or not leader.change.startswith("b8109ddf")
