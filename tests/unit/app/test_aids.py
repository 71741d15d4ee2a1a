from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from andon.app.aids import Aids, open_aids, recorded_aids
from andon.app.investigating import start
from andon.app.leading import found
from andon.app.lending import borrow
from andon.app.replaying import replay
from andon.config import Knowledge, Settings
from andon.connectors.secrets import Vault
from andon.investigation.question import Question
from andon.investigation.report import Report
from andon.investigation.toolbox import Toolbox
from andon.storage import Ledger, Store
from unit.investigation.agent.desks import HEADING, held

DOOR = Path(__file__).parents[3] / "examples" / "door-unlock.zip"


def with_a_broken_pdf(tmp_path: Path) -> Settings:
    runbooks = tmp_path / "runbooks"
    runbooks.mkdir()
    (runbooks / "broken.pdf").write_bytes(b"%PDF-1.7\nnothing of it is left")
    (runbooks / "pool.md").write_text("# Pool exhausted\n\nRaise the size of the pool.\n")
    return Settings(tmp_path / "home", tmp_path / "andon.yaml", knowledge=Knowledge(runbooks))


def reported(aids: Aids) -> Report:
    memory = held()
    box = Toolbox([memory], Ledger())
    return found(HEADING, Question("alpha fails"), box, [memory.info()], lambda *_: None, aids=aids)


def test_a_document_that_cannot_be_read_is_named_without_a_model_and_on_a_replay(tmp_path: Path):
    settings = with_a_broken_pdf(tmp_path)
    report = start(Question("doors do not unlock from the iOS app"), [str(DOOR)], settings)
    (note,) = (note for note in report.notes if note.startswith("Documents: "))
    assert note.startswith("Documents: broken.pdf: ") and not note.endswith("…")
    replayed = replay(report.run, settings)
    assert replayed.same and note in replayed.report.notes


def test_what_a_run_had_comes_back_from_its_journal(tmp_path: Path):
    settings = with_a_broken_pdf(tmp_path)
    settings.home.mkdir()
    store, journal = Store(settings.home), list[tuple[str, Mapping[str, Any]]]()
    with open_aids(settings, store, Vault(), lambda *event: journal.append(event)) as aids:
        assert aids.unread[0].place == "broken.pdf"
    store.close()
    again = recorded_aids(journal)
    assert (again.documents, again.unread, again.notes) == (True, aids.unread, aids.notes)
    before = [(type_, {k: v for k, v in told.items() if k != "unread"}) for type_, told in journal]
    assert recorded_aids(before).unread == ()


def test_a_server_that_cannot_be_reached_is_named_in_the_report_and_on_a_replay(tmp_path: Path):
    entry = {"command": [str(tmp_path / "nowhere")], "limits": {"seconds": 5}}
    settings = Settings(tmp_path, tmp_path / "andon.yaml", lenders={"gone": entry})
    journal = list[tuple[str, Mapping[str, Any]]]()
    with borrow(settings, Vault(), lambda *event: journal.append(event)) as borrowed:
        report = reported(Aids(borrowed=borrowed))
    (note,) = (note for note in report.notes if note.startswith("Tools of "))
    assert note.startswith("Tools of gone were not lent: it does not answer (FileNotFoundError")
    assert reported(recorded_aids(journal)).notes == report.notes
    assert reported(Aids()).notes == tuple(one for one in report.notes if one != note)
