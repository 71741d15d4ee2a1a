import pytest

MODEL = """
    u = person "U"
    h = element "H"
    g = group "G" {
        s = softwareSystem "S" "" "Core" {
            properties {
                owner red
            }
            a = container "A" "" "Go" "Api"
            b = container "B" "" "Java"
        }
    }
    t = softwareSystem "T"
    u -> a "Uses" "" "Web"
    a -> b "Calls"
    b -> t
    deploymentEnvironment "Live" {
        n = deploymentNode "N" {
            i = containerInstance a
            f = infrastructureNode "F"
        }
    }
"""


@pytest.mark.parametrize(
    ("expression", "ids"),
    [
        ("*", "u h s a b t n i f"),
        ("a", "a"),
        ("g", "s"),
        ("element==a", "a"),
        ("element.type==Container", "a b"),
        ("element.type==softwaresystem", "s t"),
        ("element.type==custom", "h"),
        ("element.type!=Container", "u h s t n i f"),
        ("element.type==ContainerInstance || element.type==InfrastructureNode", "i f"),
        ("element.tag==Core", "s"),
        ("element.tag==Software System", "s t"),
        ("element.tag==Element,Api", "a i"),
        ("element.tag!=Container Instance", "u h s a b t n f"),
        ("element.technology==Go", "a i"),
        ("element.parent==s", "a b"),
        ("element.parent==s && element.technology!=Go", "b"),
        ("element.group==G", "s"),
        ("element.properties[owner]==red", "s"),
        ("->a", "a u"),
        ("a->", "a b"),
        ("->a->", "a u b"),
        ("->element.technology==Java", "b a"),
    ],
)
def test_elements(model, expression: str, ids: str) -> None:
    topology = model(MODEL + f'!elements "{expression}" {{\n tags "Found"\n}}').topology
    found = {element.id for element in topology.elements if "Found" in element.tags}
    assert found == set(ids.split())


@pytest.mark.parametrize(
    ("expression", "count"),
    [
        ("*->*", 5),
        ("relationship==*", 5),
        ("a->*", 1),
        ("* -> t", 2),
        ("a->b", 1),
        ("element.type==Person -> *", 2),
        ("relationship.tag==Web", 2),
        ("relationship.source==a", 1),
        ("relationship.destination==b", 1),
        ("relationship.tag!=Web && relationship.source==a", 1),
    ],
)
def test_relationships(model, expression: str, count: int) -> None:
    topology = model(MODEL + f'!relationships "{expression}" {{\n tags "Found"\n}}').topology
    assert sum("Found" in r.tags for r in topology.relationships) == count


@pytest.mark.parametrize(
    "expression",
    ["->", "nobody", "->nobody", "element.type==Planet", "element.parent==nobody", "element==" * 20 + "a"],
)
def test_faults(fault, expression: str) -> None:
    error = fault(MODEL + f'!elements "{expression}" {{\n}}')
    assert error.line == MODEL.count("\n") + 3
