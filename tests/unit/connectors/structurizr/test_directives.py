import pytest

from andon.connectors.structurizr import parse_dsl


def test_constants_and_variables_are_put_in_and_unknown_names_stay(model, monkeypatch) -> None:
    monkeypatch.setenv("SECRET_TOKEN", "hunter2")
    topology = model("""
        !const NAME "Shop"
        !constant OLD old
        !var N 1
        a = softwareSystem "${NAME} ${OLD} ${N}" "${SECRET_TOKEN} ${NAME"
        !var N 2
        !const BOTH "${NAME}-${N}"
        b = softwareSystem "${BOTH}"
    """).topology
    assert [element.name for element in topology.elements] == ["Shop old 1", "Shop-2"]
    assert topology.by_id["a"].description == "${SECRET_TOKEN} ${NAME"


def test_a_text_block_can_be_a_value(model) -> None:
    topology = model('!const T """\n  two\n  lines\n"""\nperson "P" "${T}"').topology
    assert topology.elements[0].description == "two\nlines"


def test_scripts_plugins_and_finders_are_never_run_and_always_reported(model) -> None:
    workspace = model("""
        !script groovy {
            workspace.model.elements.each { e ->
                println("}{{" + '{')
            }
            softwareSystem "No"
        }
        !plugin com.example.Plugin {
            name value
        }
        !script evil.rb
        s = softwareSystem "S" {
            c = container "C" {
                !components {
                    strategy {
                        technology "Java"
                    }
                }
            }
        }
    """)
    assert [element.id for element in workspace.topology.elements] == ["s", "c"]
    assert [problem.place.partition(":")[2] for problem in workspace.problems] == ["4", "10", "13", "16"]


def test_an_element_or_relationship_can_be_found_again(model) -> None:
    topology = model("""
        s = softwareSystem "S" {
            c = container "C"
        }
        t = softwareSystem "T"
        r = s -> t "Uses"
        !element c {
            technology "Go"
        }
        !element "Container://S.C" {
            tags "Found"
        }
        !extend s {
            container "D"
        }
        !ref r {
            tags "Old"
        }
        !relationship "Relationship://SoftwareSystem://S -> SoftwareSystem://T (Uses)" {
            tags "New"
        }
        named = !element "Container://S.D"
        named -> c
        deploymentEnvironment "Live" {
            deploymentNode "N/1" {
                deploymentNode "M"
            }
        }
        !element "DeploymentNode://Live/N1/M" {
            i = infrastructureNode "I"
        }
    """).topology
    assert (topology.by_id["c"].technology, topology.by_id["c"].tags) == ("Go", ("Found",))
    assert topology.by_id["named"].name == "D"
    assert topology.relationships[0].tags == ("Old", "New")
    assert topology.by_id["i"].parent == "live/n-1/m"


def test_many_at_once(model) -> None:
    topology = model("""
        u = person "U"
        g = group "G" {
            softwareSystem "A"
            softwareSystem "B"
        }
        x = softwareSystem "X" "" "Ext"
        !elements g {
            tags "Both"
            description "One of two"
            u -> this "Uses" {
                tags "Bulk"
            }
            -> x "Calls"
            properties {
                team one
            }
        }
        !relationships "*->x" {
            technology "HTTPS"
        }
    """).topology
    a = topology.by_id["a"]
    assert (a.tags, a.description, a.properties) == (("Both",), "One of two", {"team": "one"})
    assert [(r.source, r.destination, r.technology, r.tags) for r in topology.relationships] == [
        ("u", "a", "", ("Bulk",)),
        ("u", "b", "", ("Bulk",)),
        ("a", "x", "HTTPS", ()),
        ("b", "x", "HTTPS", ()),
    ]


def test_faults(fault) -> None:
    for text, line, found in [
        ("!const A 1\n!const A 2", 4, "second time"),
        ("!const A", 3, "1 arguments"),
        ("!identifiers nested", 3, "nested"),
        ("!element nobody {\n}", 3, "nobody"),
        ('!element "Person://Nobody"', 3, "Nobody"),
        ("!elements element.tag==None {\n}", 3, "selects nothing"),
        ("!nonsense", 3, "!nonsense"),
    ]:
        error = fault(text)
        assert (error.line, found in error.message) == (line, True), (text, str(error))


@pytest.mark.parametrize("rest", ["", "name N\n"])
def test_the_workspace_s_own_statements(rest: str) -> None:
    text = (
        'workspace "Given" "About" {\n' + rest + "properties {\n a b\n}\n!docs docs\n!adrs adrs\n"
        "configuration {\n users {\n  a read\n }\n}\nmodel {\n}\n"
        'views {\n systemContext x {\n include *\n }\n styles {\n element "}" {\n }\n }\n}\n}\n'
    )
    assert parse_dsl(text, file="w.dsl").topology.name == ("N" if rest else "Given")
