SYSTEMS = """
    u = person "U"
    s = softwareSystem "S" {
        a = container "A" {
            k = component "K"
        }
        b = container "B"
    }
    t = softwareSystem "T" {
        c = container "C"
    }
"""


def edges(workspace) -> list[tuple[str, str, str]]:
    return [(r.source, r.destination, r.description) for r in workspace.topology.relationships]


def test_a_relationship_with_everything(model) -> None:
    (found,) = model(
        SYSTEMS
        + """
        r = u -> t "Uses" "HTTPS" "Async, Slow" {
            tags "More"
            technology "HTTP/2"
            url https://example.com
            properties {
                port 443
            }
        }
    """
    ).topology.relationships
    assert (found.description, found.technology, found.tags) == ("Uses", "HTTP/2", ("Async", "Slow", "More"))
    assert found.properties == {"port": "443"}
    assert found.declared


def test_implied_relationships_are_the_default_and_need_no_earlier_one(model) -> None:
    found = edges(model(SYSTEMS + 'u -> t "Known"\nk -> c "Calls" "gRPC"\nu -> c "New"'))
    assert set(found) == {
        ("u", "t", "Known"),
        ("k", "c", "Calls"),
        ("k", "t", "Calls"),
        ("a", "c", "Calls"),
        ("a", "t", "Calls"),
        ("s", "c", "Calls"),
        ("s", "t", "Calls"),
        ("u", "c", "New"),
    }
    assert len(found) == 8


def test_implied_relationships_inside_one_system_stop_at_its_border(model) -> None:
    assert set(edges(model(SYSTEMS + "k -> b x"))) == {("k", "b", "x"), ("a", "b", "x")}


def test_implied_relationships_can_be_off_or_by_description(model) -> None:
    assert edges(model("!impliedRelationships false\n" + SYSTEMS + "u -> a x")) == [("u", "a", "x")]
    same = "!impliedRelationships com.x.CreateImpliedRelationshipsUnlessSameRelationshipExistsStrategy\n"
    assert ("u", "s", "two") in edges(model(same + SYSTEMS + "u -> a one\nu -> a two"))
    assert ("u", "s", "two") not in edges(model(SYSTEMS + "u -> a one\nu -> a two"))


def test_an_unknown_strategy_is_reported(model) -> None:
    workspace = model("!impliedRelationships com.example.Mine\n" + SYSTEMS)
    assert [problem.place for problem in workspace.problems] == ["test.dsl:3"]


def test_a_stated_relationship_takes_the_place_of_an_implied_one(model) -> None:
    found = model(SYSTEMS + 'u -> a x\nu -> s x "HTTPS"').topology.relationships
    assert [(r.source, r.destination, r.technology) for r in found] == [("u", "a", ""), ("u", "s", "HTTPS")]


def test_this_and_the_implicit_source(model) -> None:
    found = edges(
        model("""
        a = softwareSystem "A"
        b = softwareSystem "B" {
            -> a "one"
            this -> a "two"
            a -> this "three"
        }
    """)
    )
    assert set(found) == {("b", "a", "one"), ("b", "a", "two"), ("a", "b", "three")}


def test_faults(fault) -> None:
    for text, line, found in [
        ("u -> nobody", 13, "nobody"),
        ("u -> t x\nu -> t x", 14, "second time"),
        ("a -> k", 13, "contains"),
        ("u ->", 13, "without a destination"),
        ("u -> t a b c d", 13, "7 words"),
        ("u --https-> t", 13, "https"),
        ("-> t", 13, "relationship in model"),
        ("a -/> b", 13, "-/>"),
    ]:
        error = fault(SYSTEMS.strip("\n") + "\n" + text)
        assert error.line == line, (text, str(error))
        assert found in error.message, (text, error.message)
