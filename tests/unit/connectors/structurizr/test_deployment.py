from andon.connectors.structurizr import Workspace
from andon.telemetry import ElementKind

SYSTEM = """
    s = softwareSystem "S" {
        db = container "DB"
        api = container "API" {
            -> db "Reads" "SQL" "T"
        }
    }
    x = softwareSystem "X"
    api -> x "Calls"
"""


def deployed(workspace: Workspace) -> list[tuple[str, str, str]]:
    by_id = workspace.topology.by_id
    return [
        (r.source, r.destination, r.description)
        for r in workspace.topology.relationships
        if by_id[r.source].environment
    ]


def test_nodes_and_instances(model) -> None:
    topology = model(
        SYSTEM
        + """
        live = deploymentEnvironment "Live" {
            n = deploymentNode "Server" "Rack 1" "Linux" "Tag" 4 {
                lb = infrastructureNode "LB" "Balances" "nginx" "Edge"
                i = containerInstance api "" "Blue" {
                    healthCheck "ping" "http://localhost/health" 60 10
                    tags "Green"
                }
                instanceOf x
                deploymentNode "VM" {
                    instances 1..3
                }
            }
        }
    """
    ).topology
    node, lb, instance, other, vm = topology.elements[4:]
    assert (node.id, node.kind, node.technology, node.instances) == ("n", "deployment-node", "Linux", "4")
    assert (lb.parent, lb.technology, lb.environment) == ("n", "nginx", "Live")
    assert (instance.kind, instance.instance_of, instance.name) == (
        ElementKind.CONTAINER_INSTANCE,
        "api",
        "API",
    )
    assert (instance.tags, instance.environment) == (("Blue", "Green"), "Live")
    assert (other.kind, other.id) == (ElementKind.SOFTWARE_SYSTEM_INSTANCE, "n/x")
    assert (vm.instances, vm.parent) == ("1..3", "n")


def test_relationships_are_repeated_between_instances_of_one_environment(model) -> None:
    workspace = model(
        SYSTEM
        + """
        deploymentEnvironment "One" {
            deploymentNode "N" {
                a1 = containerInstance api
                d1 = containerInstance db
                x1 = softwareSystemInstance x
            }
        }
        deploymentEnvironment "Two" {
            deploymentNode "N" {
                d2 = containerInstance db
            }
        }
    """
    )
    assert set(deployed(workspace)) == {("a1", "d1", "Reads"), ("a1", "x1", "Calls")}
    (reads,) = [r for r in workspace.topology.relationships if r.source == "a1" and r.destination == "d1"]
    assert (reads.technology, reads.tags) == ("SQL", ())


def test_deployment_groups_keep_instances_apart(model) -> None:
    workspace = model(
        SYSTEM
        + """
        deploymentEnvironment "Live" {
            g1 = deploymentGroup "One"
            g2 = deploymentGroup "Two"
            deploymentNode "N1" {
                a1 = containerInstance api g1
                d1 = containerInstance db "g1, g2"
            }
            deploymentNode "N2" {
                deploymentGroup g2
                deploymentNode "N3" {
                    a2 = containerInstance api
                    d2 = containerInstance db
                }
            }
            deploymentNode "N4" {
                d3 = containerInstance db "Failover"
            }
        }
    """
    )
    assert set(deployed(workspace)) == {("a1", "d1", "Reads"), ("a2", "d1", "Reads"), ("a2", "d2", "Reads")}
    assert [(p.place, "Failover" in p.message) for p in workspace.problems] == [("test.dsl:28", True)]


def test_groups_of_the_same_identifier_in_two_environments(model) -> None:
    environment = """
        deploymentEnvironment "{0}" {{
            g = deploymentGroup "G {0}"
            deploymentNode "N" {{
                containerInstance s.api g
                containerInstance s.db
                containerInstance s.db g
            }}
        }}
    """
    text = SYSTEM.replace("    api -> x", "    s.api -> x")
    workspace = model(
        "!identifiers hierarchical\n" + text + environment.format("One") + environment.format("Two")
    )
    assert len(deployed(workspace)) == 2
    assert workspace.problems == ()


def test_hierarchical_identifiers_of_nodes(model) -> None:
    workspace = model("""
        !identifiers hierarchical
        ss = softwareSystem "SS"
        live = deploymentEnvironment "Live" {
            dn = deploymentNode "DN" {
                ss = deploymentNode "Inner" {
                    i = softwareSystemInstance ss
                }
            }
            other = deploymentNode "Other"
            dn.ss -> other "Copies"
        }
        deploymentEnvironment "Test Lab" {
            dn = deploymentNode "DN"
        }
    """)
    ids = [element.id for element in workspace.topology.elements]
    assert ids == ["ss", "live.dn", "live.dn.ss", "live.dn.ss.i", "live.other", "test-lab.dn"]
    assert workspace.topology.by_id["live.dn.ss.i"].instance_of == "ss"
    assert deployed(workspace) == [("live.dn.ss", "live.other", "Copies")]


REPLACED = """
    deploymentEnvironment "Live" {
        deploymentNode "N" {
            a = containerInstance api
            d = containerInstance db
            p = infrastructureNode "Proxy"
        }
        api -/> db "Reads" {
            api -> p
            p -> db "Forwards"
        }
    }
"""


def test_a_relationship_between_instances_can_be_replaced(model) -> None:
    workspace = model(SYSTEM + REPLACED)
    assert set(deployed(workspace)) == {("a", "p", "Reads"), ("p", "d", "Forwards")}
    assert ("api", "db") in [(r.source, r.destination) for r in workspace.topology.relationships]
    assert [r.technology for r in workspace.topology.relationships if r.destination == "p"] == ["SQL"]


def test_nodes_of_a_group(model) -> None:
    topology = model(
        SYSTEM
        + """
        deploymentEnvironment "Live" {
            group "Zone" {
                deploymentNode "N" {
                    group "Rack" {
                        containerInstance api
                    }
                }
            }
        }
    """
    ).topology
    assert [element.group for element in topology.elements[4:]] == ["Zone", "Rack"]


def test_faults(fault) -> None:
    for statement, found in [
        ("containerInstance s", "names no container"),
        ("containerInstance nobody", "nobody"),
        ("instanceOf", "arguments"),
        ("deploymentGroup nobody", "nobody"),
        ('deploymentNode "M" "" "" "" zero', "zero"),
        ('deploymentNode "M" "" "" "" 0', "`0`"),
        ('healthCheck "a" "b"', "healthCheck"),
        ("container C", "container"),
    ]:
        text = SYSTEM + 'deploymentEnvironment "E" {\ndeploymentNode "N" {\n' + statement + "\n}\n}"
        error = fault(text)
        assert error.line == 14, (statement, str(error))
        assert found in error.message, (statement, error.message)
    error = fault(SYSTEM + 'deploymentEnvironment "E" {\n api -/> db\n}')
    assert (error.line, "E" in error.expected) == (13, True)
