from __future__ import annotations

from andon.connectors import Signal
from andon.investigation.toolbox import Toolbox, content
from andon.investigation.tools.architecture import Architecture, describe, fuse
from andon.storage import Ledger
from andon.telemetry import Element, ElementKind, Relationship, Status, Topology, Window
from unit.investigation.incident import END, START, source

DECLARED = Topology(
    tuple(Element(name, ElementKind.CONTAINER, name.capitalize()) for name in ("alpha", "bravo", "charlie")),
    (Relationship("alpha", "bravo", "asks"), Relationship("alpha", "charlie", "asks")),
)


def drift(fused: Architecture) -> set[tuple[str, str, str]]:
    return {(d.kind, d.source, d.destination) for d in fused.drift}


def test_drift_goes_both_ways() -> None:
    fused = fuse(DECLARED, ["alpha", "bravo", "charlie"], {("alpha", "bravo"): 5, ("bravo", "charlie"): 2})
    assert drift(fused) == {
        ("declared-not-seen", "alpha", "charlie"),
        ("seen-not-declared", "bravo", "charlie"),
    }
    calls = {(r.source, r.destination): (r.declared, r.calls) for r in fused.relationships}
    assert calls == {
        ("alpha", "bravo"): (True, 5),
        ("alpha", "charlie"): (True, 0),
        ("bravo", "charlie"): (False, 2),
    }


def test_what_nobody_watched_has_not_drifted() -> None:
    fused = fuse(DECLARED, ["alpha", "bravo"], {("alpha", "bravo"): 5})
    assert drift(fused) == set()
    assert {r.destination: r.calls for r in fused.relationships} == {"bravo": 5, "charlie": None}
    assert drift(fuse(DECLARED, ["alpha", "bravo", "charlie"], {})) == set()


def test_without_a_declared_model_nothing_drifts() -> None:
    fused = fuse(Topology(), ["alpha", "bravo"], {("alpha", "bravo"): 5})
    assert fused.drift == ()
    assert {e.id for e in fused.elements} == {"alpha", "bravo"}
    assert fused.topology().callees == {"alpha": ("bravo",)}


def test_services_of_one_element_are_added_up_and_do_not_call_themselves() -> None:
    seen = {("alpha", "bravo"): 5, ("ALPHA", "bravo"): 2, ("alpha", "ALPHA"): 9}
    fused = fuse(DECLARED, ["alpha", "ALPHA", "bravo"], seen)
    assert {(r.source, r.destination): r.calls for r in fused.relationships}["alpha", "bravo"] == 7
    assert all(r.source != r.destination for r in fused.relationships)


def test_a_service_that_nobody_declared_becomes_an_element() -> None:
    fused = fuse(DECLARED, ["zulu"], {})
    (added,) = [e for e in fused.elements if e.id == "zulu"]
    assert "observed" in added.tags
    assert len(fused.elements) == len(DECLARED.elements) + 1


def test_a_source_is_described_by_its_model_and_its_calls() -> None:
    (observation,) = describe(Toolbox([source()], Ledger()), Window(START, END))
    fused = content(observation, Architecture)
    assert observation.status is Status.OK
    assert {(r.source, r.destination) for r in fused.relationships if r.calls} == {
        ("alpha", "bravo"),
        ("bravo", "charlie"),
    }
    assert fused.drift == ()


def test_a_source_without_a_model_is_described_by_its_calls() -> None:
    held = source(model=Topology(), statuses={Signal.TOPOLOGY: Status.EMPTY})
    (observation,) = describe(Toolbox([held], Ledger()), Window(START, END))
    assert observation.status is Status.OK
    assert {e.id for e in content(observation, Architecture).elements} == {"alpha", "bravo", "charlie"}
