from __future__ import annotations

from andon.investigation.equipment import is_equipment, joined, loops_of
from andon.telemetry import Element, ElementKind, Relationship, Topology


def element(name: str, *tags: str) -> Element:
    return Element(name, ElementKind.CONTAINER, name, tags=tags)


MODEL = Topology(
    (
        element("pump", "Equipment"),
        element("valve", "equipment"),
        element("fan", "Equipment"),
        element("api"),
    ),
    (Relationship("pump", "valve"), Relationship("valve", "api"), Relationship("api", "fan")),
)


def test_the_tag_tells_equipment_in_any_case() -> None:
    assert [e.id for e in MODEL.elements if is_equipment(e.id, MODEL)] == ["pump", "valve", "fan"]
    assert not is_equipment("unheard of", MODEL)


def test_relationships_join_equipment_either_way_and_software_does_not() -> None:
    assert joined("valve", MODEL) == {"pump", "valve"}
    assert joined("api", MODEL) == frozenset()


def test_services_are_grouped_by_what_joins_their_equipment() -> None:
    bound = {"V-1": "valve", "P-1": "pump", "F-1": "fan", "api": "api"}
    assert loops_of(MODEL, bound) == (("P-1", "V-1"), ("F-1",))
    assert loops_of(Topology(), bound) == ()
