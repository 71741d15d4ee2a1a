from andon.telemetry import ElementKind


def test_every_keyword_and_its_positional_arguments(model) -> None:
    topology = model("""
        u = PERSON "User" "Buys" "Customer, VIP"
        h = element "Pump" "Hardware" "Moves water" "Plant"
        s = SoftwareSystem "Shop" "Sells" "Core" {
            c = container "Web" "Shows" "Django" "UI" {
                k = component "Cart" "Holds" "Python" "State"
            }
        }
    """).topology
    user, pump, shop, web, cart = topology.elements
    assert (user.id, user.kind, user.description, user.tags) == ("u", "person", "Buys", ("Customer", "VIP"))
    assert (pump.kind, pump.technology, pump.description) == (ElementKind.CUSTOM, "Hardware", "Moves water")
    assert (shop.tags, shop.parent) == (("Core",), "")
    assert (web.technology, web.tags, web.parent) == ("Django", ("UI",), "s")
    assert (cart.technology, cart.parent) == ("Python", "c")


def test_statements_in_the_body(model) -> None:
    topology = model("""
        s = softwareSystem "Shop" {
            description "Sells"
            tags "A" "B, A"
            tag C
            url https://example.com
            properties {
                owner "Team One"
                "a b" c
            }
            perspectives {
                "Security" "Safe"
                perspective "Cost" {
                    value 7
                }
            }
            !docs docs
            c = container "Web" {
                technology Django
            }
        }
    """).topology
    shop, web = topology.elements
    assert (shop.description, shop.tags, shop.url) == ("Sells", ("A", "B", "C"), "https://example.com")
    assert shop.properties == {"owner": "Team One", "a b": "c"}
    assert web.technology == "Django"


def test_ids_without_an_identifier_are_paths_of_names_and_unique(model) -> None:
    topology = model("""
        softwareSystem "Äpfel / Birnen" {
            container "API (v2)"
        }
        person "User"
        user = softwareSystem "X"
        person "***"
        softwareSystem "User"
    """).topology
    assert [element.id for element in topology.elements] == [
        "äpfel-birnen",
        "äpfel-birnen/api-v2",
        "user~2",
        "user",
        "person",
        "user~3",
    ]
    assert topology.by_id["äpfel-birnen/api-v2"].parent == "äpfel-birnen"


def test_hierarchical_identifiers_resolve_the_nearest_first(model) -> None:
    topology = model("""
        !identifiers hierarchical
        a = person "A"
        b = softwareSystem "B" {
            c = container "C" {
                d = component "D"
                a = component "A"
                d -> a
            }
            a -> c "From the person"
        }
        a -> B.C.D "Whole path"
    """).topology
    assert [element.id for element in topology.elements] == ["a", "b", "b.c", "b.c.d", "b.c.a"]
    stated = {(r.source, r.destination): r.description for r in topology.relationships}
    assert stated["b.c.d", "b.c.a"] == ""
    assert stated["a", "b.c"] == "From the person"
    assert stated["a", "b.c.d"] == "Whole path"


def test_groups_nest_by_the_separator_and_name_their_members(model) -> None:
    topology = model("""
        properties {
            structurizr.groupSeparator /
        }
        group "Bank" {
            group "Team" {
                s = softwareSystem "S" {
                    group "Part" {
                        c = container "C" {
                            component "K" {
                                group "Layer"
                            }
                        }
                    }
                }
            }
            p = person "P"
        }
    """).topology
    assert {element.name: element.group for element in topology.elements} == {
        "S": "Bank/Team",
        "C": "Part",
        "K": "Layer",
        "P": "Bank",
    }


def test_faults_say_where_what_and_what_was_expected(fault) -> None:
    for text, line, found, expected in [
        ("component x", 3, "component", "softwareSystem"),
        ('softwareSystem "S" {\n component "K"\n}', 4, "component", "container"),
        ("person", 3, "without a name", "<name>"),
        ('person ""', 3, "without a name", "<name>"),
        ("person a b c d", 3, "4 arguments", "[tags]"),
        ("a = person A\na = person B", 4, "identifier `a`", "new identifier"),
        ("person A\nperson A", 4, "second person", "new name"),
        ("a.b = person A", 3, "a.b", "letters"),
        ("-a = person A", 3, "-a", "letters"),
        ('group "G"', 3, "G", "{"),
        ('group "G" {\nurl x\n}', 4, "url", "group"),
        ('group "G" {\ngroup "H" {\n}\n}', 4, "H", "structurizr.groupSeparator"),
        ('enterprise "E" {\n}', 3, "enterprise", ""),
        ('person A {\ntechnology "x"\n}', 4, "technology", "description"),
        ("person A {\nproperties\n}", 4, "properties", "properties {"),
        ("person A {\nproperties {\n a b c\n}\n}", 5, "a b c", "<name> <value>"),
        ("nonsense here", 3, "nonsense", "softwareSystem"),
        ("{", 3, "{", "softwareSystem"),
        ("person " + "x" * 1001, 3, "1001 characters", "1000"),
    ]:
        error = fault(text)
        assert (error.file, error.line) == ("test.dsl", line), text
        assert found in error.message, text
        assert expected in error.expected, text


def test_names_may_hold_any_letters(model) -> None:
    names = ["a/b", "顧客 窓口", "🙂", "Ümläut", "a.b", "x -> y", "}"]
    topology = model("\n".join(f'softwareSystem "{name}"' for name in names)).topology
    assert [element.name for element in topology.elements] == names
    assert len(topology.by_id) == len(names)
