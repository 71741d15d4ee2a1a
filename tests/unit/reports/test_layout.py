import random
from itertools import combinations

from hypothesis import given
from hypothesis import strategies as st

from andon.reports.layering import layered
from andon.reports.layout import Size, arranged

SIZE = Size()
NODES = [f"n{i}" for i in range(14)]
EDGES = st.lists(st.tuples(st.sampled_from(NODES), st.sampled_from(NODES)), max_size=45)


def overlapping(drawing, width, height):
    for (a, one), (b, other) in combinations(drawing.boxes.items(), 2):
        if abs(one.x - other.x) < width - 1e-6 and abs(one.y - other.y) < height - 1e-6:
            yield a, b


@given(EDGES, st.booleans())
def test_boxes_never_overlap_and_stay_inside(edges, down):
    drawing = arranged(NODES, edges, down=down)
    assert set(drawing.boxes) == set(NODES)
    assert drawing == arranged(NODES, edges, down=down)
    assert not list(overlapping(drawing, SIZE.width, SIZE.height))
    for box in drawing.boxes.values():
        assert -1e-6 <= box.x <= drawing.width - SIZE.width + 1e-6
        assert -1e-6 <= box.y <= drawing.height - SIZE.height + 1e-6


@given(EDGES)
def test_every_edge_leads_from_a_side_of_its_source_to_one_of_its_destination(edges):
    drawing = arranged(NODES, edges)
    assert set(drawing.ways) == {edge for edge in edges if edge[0] != edge[1]}
    for (a, b), way in drawing.ways.items():
        for node, (x, y) in ((a, way[0]), (b, way[-1])):
            box = drawing.boxes[node]
            assert min(abs(x - box.x), abs(x - box.x - SIZE.width)) < 1e-6
            assert box.y <= y <= box.y + SIZE.height


@given(EDGES)
def test_without_cycles_every_edge_leads_to_the_right(edges):
    forward = [(a, b) for a, b in edges if NODES.index(a) < NODES.index(b)]
    drawing = arranged(NODES, forward)
    assert all(drawing.boxes[a].x < drawing.boxes[b].x for a, b in forward)
    assert not any(chain.reversed for chain in layered(NODES, forward).chains)


def test_a_cycle_is_broken_where_it_returns_to_the_caller():
    chains = layered(
        ["user", "app", "bff", "api"], [("user", "app"), ("app", "bff"), ("bff", "api"), ("api", "app")]
    ).chains
    assert [chain.edge for chain in chains if chain.reversed] == [("api", "app")]


def test_crossings_that_can_be_undone_are_undone():
    drawing = arranged(["a", "b", "c", "d"], [("a", "d"), ("b", "c")])
    assert (drawing.boxes["a"].y < drawing.boxes["b"].y) == (drawing.boxes["d"].y < drawing.boxes["c"].y)


def test_unknown_nodes_and_loops_have_no_way():
    assert not arranged(["a"], [("a", "a"), ("a", "x"), ("x", "y")]).ways
    assert arranged([], []).width == 0


def test_a_large_graph_with_cycles_is_arranged_whole():
    chance = random.Random(1)
    nodes = [f"n{i}" for i in range(300)]
    edges = [(chance.choice(nodes), chance.choice(nodes)) for _ in range(2000)]
    drawing = arranged(nodes, edges)
    assert len(drawing.boxes) == 300
    assert not list(overlapping(drawing, SIZE.width, SIZE.height))
