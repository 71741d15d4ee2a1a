from __future__ import annotations

from types import SimpleNamespace

from andon.investigation.findings import Model, Seen
from andon.investigation.plan import first_reach, settled
from andon.investigation.report import ServiceBinding, Symptom, SymptomKind
from andon.investigation.tools.architecture import Architecture
from andon.telemetry import Element, ElementKind, Relationship


def model(edges: str, *spare: str, parents: dict[str, str] | None = None) -> Model:
    """`a>b c>d`: who calls whom; every element is a service of the same name."""
    pairs = [tuple(edge.split(">")) for edge in edges.split()]
    names = dict.fromkeys([*(name for pair in pairs for name in pair), *spare])
    elements = tuple(Element(n, ElementKind.CONTAINER, n, parent=(parents or {}).get(n, "")) for n in names)
    bindings = tuple(ServiceBinding(n, n, "exact") for n in names)
    relationships = tuple(Relationship(a, b) for a, b in pairs)
    return Model((Seen(None, Architecture(elements, relationships, bindings, ())),))


def reach(found: Model, *components: str) -> str:
    return " ".join(first_reach(found, Symptom(SymptomKind.SLOW, components, components, ())).services)


FAR = " ".join(f"x{i}>x{i + 1}" for i in range(20))


def test_what_the_symptom_depends_on_its_callers_and_their_peers():
    assert reach(model(f"app>bff bff>api api>db job>db job>mail {FAR}"), "bff") == "api app bff db job mail"


def test_what_stands_alone_is_looked_at_too():
    assert reach(model(f"bff>api {FAR}", "exporter"), "bff") == "api bff exporter"


def test_containers_and_what_they_contain_belong_together():
    found = model(f"bff>api {FAR} worker>queue", parents={"api": "cluster", "worker": "api"})
    assert reach(found, "bff") == "api bff worker"


def test_everything_is_looked_at_where_little_would_be_spared():
    assert reach(model("a>b b>c c>d e>f"), "a", "e") == ""
    assert reach(model(f"a>b {FAR}")) == ""


def test_cycles_end():
    assert reach(model(f"a>b b>a {FAR}"), "a") == "a b"


def test_a_look_is_enough_when_one_cause_is_likelier_than_all_else():
    def told(*likelihoods: float) -> SimpleNamespace:
        return SimpleNamespace(hypotheses=[SimpleNamespace(likelihood=one) for one in likelihoods])

    assert [settled(told()), settled(told(0.4, 0.3)), settled(told(0.5, 0.2))] == [False, False, True]
