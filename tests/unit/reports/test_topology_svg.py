import re

from andon.investigation.report import MapEdge, MapNode
from andon.reports.topology_svg import shown_nodes, topology_svg
from unit.reports.sample import HOSTILE, edges, nodes


def estate(count):
    """A chain of `count` elements; the symptom at 100, the cause at 104."""
    states = {100: "symptom", 104: "cause", 250: "affected"}
    elements = tuple(MapNode(f"n{i}", f"n{i}", "container", states.get(i, "ok")) for i in range(count))
    calls = tuple(MapEdge(f"n{i}", f"n{i + 1}", "ok") for i in range(count - 1))
    return elements, calls


def test_states_are_words_and_classes_not_only_colours():
    svg = topology_svg(nodes(), edges(), ("rvm-api", "ios-bff", "ios-app"))
    for word in ("most likely cause", "symptom", "affected", "not observed", "tcp 443 times out", "✕"):
        assert f">{word}</text>" in svg
    assert svg.count('class="node ') == 12
    assert svg.count('class="edge ') == 15
    assert 'class="edge broken"' in svg
    assert "fill=" not in svg


def test_a_large_estate_shows_the_way_from_cause_to_symptom_and_counts_the_rest():
    elements, calls = estate(300)
    kept = [
        node.id for node in shown_nodes(elements, calls, ("n104", "n103", "n102", "n101", "n100"), most=20)
    ]
    assert len(kept) == 20
    assert {"n100", "n101", "n102", "n103", "n104", "n250"} <= set(kept)
    assert "n99" in kept
    assert "n0" not in kept
    svg = topology_svg(elements, calls, ("n104", "n100"), most=20)
    assert "20 elements; 280 more elements are not drawn" in svg
    assert ">+1</text>" in svg


def test_without_a_path_the_picture_is_still_full():
    elements, calls = estate(80)
    assert len(shown_nodes(elements, calls, most=60)) == 60


def test_no_elements_no_picture():
    assert topology_svg((), ()) == ""


def test_of_several_relationships_between_two_elements_the_broken_one_is_drawn():
    pair = (MapNode("a", "a", "container", "ok"), MapNode("b", "b", "container", "ok"))
    svg = topology_svg(pair, (MapEdge("a", "b", "broken"), MapEdge("a", "b", "ok")))
    assert 'class="edge broken"' in svg
    assert 'class="edge ok"' not in svg


def test_unknown_states_and_hostile_names_are_harmless():
    pair = (MapNode(HOSTILE, HOSTILE, HOSTILE, HOSTILE), MapNode("b", "", "", ""))
    svg = topology_svg(pair, (MapEdge(HOSTILE, "b", HOSTILE, HOSTILE), MapEdge("b", "b", "slow")))
    assert "<script" not in svg
    assert "\x1b" not in svg
    assert set(re.findall(r'class="node (\w+)"', svg)) == {"ok"}


def test_wide_characters_are_cut_to_the_box():
    svg = topology_svg((MapNode("a", "車両遠隔管理アプリケーション" * 5, "container", "ok"),), ())
    names = re.findall(r'class="name"[^>]*>([^<]*)<', svg)
    assert len(names) == 2
    assert names[1].endswith("…")
    assert max(map(len, names)) <= 11
