def test_a_keyword_of_ones_own_extends_another(model) -> None:
    topology = model("""
        archetypes {
            application = container {
                technology "JVM"
                tag "Application"
                description "An application"
            }
            springBoot = application {
                technology "Spring Boot"
                tags "Spring" "Boot"
                properties {
                    owner platform
                }
            }
            service = group
            hardware = element {
                metadata "Hardware"
            }
            server = deploymentNode {
                technology Linux
            }
        }
        hardware "Pump"
        softwareSystem "S" {
            service "Orders" {
                a = SPRINGBOOT "A" "Own words" "" "Mine"
                b = application "B" "" "Go"
            }
        }
        deploymentEnvironment "Live" {
            server "N" {
                server "M"
            }
        }
    """).topology
    pump, _, a, b, n, m = topology.elements
    assert pump.technology == "Hardware"
    assert (a.technology, a.description, a.tags) == (
        "Spring Boot",
        "Own words",
        ("Application", "Spring", "Boot", "Mine"),
    )
    assert (a.group, a.properties) == ("Orders", {"owner": "platform"})
    assert (b.technology, b.description, b.tags) == ("Go", "An application", ("Application",))
    assert (n.technology, m.technology) == ("Linux", "Linux")


def test_defaults_of_a_keyword_and_of_the_arrow(model) -> None:
    topology = model("""
        archetypes {
            softwareSystem {
                description "Default"
            }
            -> {
                technology "TCP"
                tag "Default"
            }
            sync = -> {
                tag "Sync"
            }
            https = --sync-> {
                technology "HTTPS"
            }
        }
        a = softwareSystem "A"
        b = softwareSystem "B" "Own" {
            --https-> a "Calls"
        }
        a -> b
        a --sync-> b "x" "UDP"
    """).topology
    assert [element.description for element in topology.elements] == ["Default", "Own"]
    assert [(r.technology, r.tags) for r in topology.relationships] == [
        ("TCP", ("Default",)),
        ("UDP", ("Default", "Sync")),
        ("HTTPS", ("Default", "Sync")),
    ]


def test_one_name_for_two_kinds_is_told_apart_by_its_place(model) -> None:
    topology = model("""
        archetypes {
            store = container {
                tag "C"
            }
            store = component {
                tag "K"
            }
        }
        softwareSystem "S" {
            store "One" {
                store "Two"
            }
        }
    """).topology
    assert [(element.kind.value, element.tags) for element in topology.elements[1:]] == [
        ("container", ("C",)),
        ("component", ("K",)),
    ]


def test_faults(fault) -> None:
    for text, line, found in [
        ("archetypes {\n x = nothing\n}", 4, "nothing"),
        ("archetypes {\n x = --nothing-> {\n}\n}", 4, "nothing"),
        ("archetypes {\n x = person {\n technology y\n}\n}", 5, "technology"),
        ("archetypes {\n x = container {\n container y\n}\n}", 5, "container"),
    ]:
        error = fault(text)
        assert (error.line, found in error.message) == (line, True), (text, str(error))
