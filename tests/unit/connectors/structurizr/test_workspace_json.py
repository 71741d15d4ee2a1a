import json

import pytest

from andon.connectors.structurizr import parse_json
from andon.errors import ParseError

IDENTIFIER = "structurizr.dsl.identifier"
WORKSPACE = {
    "name": "W",
    "model": {
        "people": [{"id": "1", "name": "U", "tags": "Element,Person,VIP,", "group": "G"}],
        "customElements": [{"id": "2", "name": "H", "metadata": "Hardware", "tags": "Element"}],
        "softwareSystems": [
            {
                "id": "3",
                "name": "S",
                "url": "https://example.com",
                "properties": {IDENTIFIER: "shop", "owner": "a"},
                "containers": [
                    {
                        "id": "4",
                        "name": "C",
                        "technology": "Go",
                        "components": [{"id": "5", "name": "K", "properties": {IDENTIFIER: "shop"}}],
                    }
                ],
            }
        ],
        "deploymentNodes": [
            {
                "id": "6",
                "name": "N",
                "environment": "Live",
                "instances": 2,
                "children": [
                    {
                        "id": "7",
                        "name": "M",
                        "environment": "Live",
                        "containerInstances": [
                            {"id": "8", "containerId": "4", "tags": "Container Instance,Blue"}
                        ],
                        "infrastructureNodes": [{"id": "9", "name": "LB"}],
                        "softwareSystemInstances": [{"id": "10", "softwareSystemId": "3"}],
                    }
                ],
            }
        ],
    },
}


def relate(source: str, destination: str, **more: object) -> dict[str, object]:
    return {"id": "99", "sourceId": source, "destinationId": destination, **more}


def test_every_kind_of_element() -> None:
    topology = parse_json(json.dumps(WORKSPACE), file="w.json").topology
    assert topology.name == "W"
    assert [(e.id, e.kind.value, e.name, e.parent) for e in topology.elements] == [
        ("1", "person", "U", ""),
        ("shop", "software-system", "S", ""),
        ("4", "container", "C", "shop"),
        ("5", "component", "K", "4"),
        ("2", "custom", "H", ""),
        ("6", "deployment-node", "N", ""),
        ("7", "deployment-node", "M", "6"),
        ("9", "infrastructure-node", "LB", "7"),
        ("10", "software-system-instance", "S", "7"),
        ("8", "container-instance", "C", "7"),
    ]
    by_id = topology.by_id
    assert (by_id["1"].tags, by_id["1"].group) == (("VIP",), "G")
    assert (by_id["shop"].properties, by_id["shop"].url) == ({"owner": "a"}, "https://example.com")
    assert by_id["2"].technology == "Hardware"
    assert (by_id["6"].instances, by_id["7"].instances) == ("2", "1")
    assert (by_id["8"].instance_of, by_id["8"].environment, by_id["8"].tags) == ("4", "Live", ("Blue",))


def test_relationships() -> None:
    data = json.loads(json.dumps(WORKSPACE))
    data["model"]["people"][0]["relationships"] = [
        relate(
            "1", "3", description="Uses", technology="HTTPS", tags="Relationship,Web", properties={"a": "b"}
        ),
        {"id": "98", "destinationId": "4", "linkedRelationshipId": "99"},
    ]
    first, second = parse_json(json.dumps(data), file="w.json").topology.relationships
    assert (first.source, first.destination, first.description) == ("1", "shop", "Uses")
    assert (first.technology, first.tags, first.properties) == ("HTTPS", ("Web",), {"a": "b"})
    assert (second.source, second.destination) == ("1", "4")


@pytest.mark.parametrize(
    ("text", "line", "found"),
    [
        ("", 1, ""),
        ('{\n "model": {,}\n}', 2, ""),
        ("[]", 0, "not a workspace"),
        ("{}", 0, "not a workspace"),
        ("null", 0, "not a workspace"),
        ('{"model": []}', 0, "not a workspace"),
        ('{"model": {"people": {}}}', 0, "`people` of the wrong type"),
        ('{"model": {"people": [1]}}', 0, "people[0]"),
        ('{"model": {"people": [{"name": "A"}]}}', 0, "without an id"),
        ('{"model": {"people": [{"id": "1"}]}}', 0, "without a name at model.people[0]"),
        ('{"model": {"people": [{"id": "1", "name": "A"}, {"id": "1", "name": "B"}]}}', 0, "people[1]"),
        ('{"model": {"people": [{"id": "1", "name": ["A"]}]}}', 0, "`name` of the wrong type"),
        ('{"model": {"people": [{"id": "1", "name": "A", "properties": 1}]}}', 0, "`properties`"),
        (
            '{"model": {"people": [{"id": "1", "name": "A", "relationships": [{"destinationId": "2"}]}]}}',
            0,
            "`destinationId` of no element at model.people[0].relationships[0]",
        ),
        (
            '{"model": {"deploymentNodes": [{"id": "1", "name": "N", "containerInstances": [{"id": "2"}]}]}}',
            0,
            "`containerId`",
        ),
        ('{"name": ' + "[" * 100_000, 0, ""),
        ('{"name": ' + "1" * 10_000 + "}", 0, ""),
    ],
)
def test_faults(text: str, line: int, found: str) -> None:
    with pytest.raises(ParseError) as caught:
        parse_json(text, file="w.json")
    assert (caught.value.file, caught.value.line) == ("w.json", line)
    assert found in caught.value.message


def test_deep_nesting_ends() -> None:
    node: dict[str, object] = {"id": "0", "name": "N"}
    for number in range(1, 150):
        node = {"id": str(number), "name": "N", "children": [node]}
    with pytest.raises(ParseError, match="deep"):
        parse_json(json.dumps({"model": {"deploymentNodes": [node]}}), file="w.json")


def test_halves_of_characters_do_no_harm() -> None:
    topology = parse_json('{"model": {"people": [{"id": "1", "name": "\\ud800"}]}}', file="w.json").topology
    assert topology.elements[0].name.encode()
