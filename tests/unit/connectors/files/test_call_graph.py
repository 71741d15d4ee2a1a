import pytest

from andon.connectors.files.call_graph import parse_architecture, parse_edges, parse_matrix
from andon.errors import ParseError


def edges(parsed):
    return {(r.source, r.destination): r.calls for t in parsed.collected.topologies for r in t.relationships}


def test_edge_list_with_cycles_and_counts(parse):
    parsed = parse(parse_edges, "source,target,count\nPet Site,b/ü,3\nb/ü,Pet Site,\nPet Site,b/ü,2\nx,\n")
    assert edges(parsed) == {("Pet Site", "b/ü"): 5, ("b/ü", "Pet Site"): None}
    assert parsed.problems == ["file.txt:5: edge without a source and a target left out"]
    assert all(r.declared for r in parsed.collected.topologies[0].relationships)


def test_edge_list_with_other_columns(parse):
    assert edges(parse(parse_edges, "a,b\nx,y\n", columns={"source": "b", "target": "a"})) == {
        ("y", "x"): None
    }
    with pytest.raises(ParseError, match="no column for source and target"):
        parse(parse_edges, "a,b\nx,y\n")


def test_the_row_of_a_matrix_calls_the_column(parse):
    parsed = parse(parse_matrix, ",site,search,db\nsite,0,1.0,0\nsearch,0.0,0,7\ndb,,0,x\n")
    assert edges(parsed) == {("site", "search"): None, ("search", "db"): 7}
    assert [e.id for e in parsed.collected.topologies[0].elements] == ["site", "search", "db"]
    assert parsed.problems == ["file.txt:4: cell is not a number: read as no call"]


def test_uneven_matrix(parse):
    parsed = parse(parse_matrix, ",a,b\na,0\nc,1,0\n")
    assert edges(parsed) == {("c", "a"): None}
    assert len(parsed.problems) == 2
    with pytest.raises(ParseError, match="no matrix"):
        parse(parse_matrix, "")


def test_architecture(parse):
    dsl = (
        'workspace "W" {\n model {\n a = softwareSystem "A"\n b = softwareSystem "B"\n a -> b "uses"\n }\n}\n'
    )
    (topology,) = parse(parse_architecture, dsl, name="sub/w.dsl").collected.topologies
    assert topology.callees == {"a": ("b",)}


@pytest.mark.parametrize(("name", "content"), [("w.dsl", "nothing"), ("sub/w.json", "[1"), ("w.json", "[]")])
def test_broken_architecture(parse, name, content):
    with pytest.raises(ParseError) as caught:
        parse(parse_architecture, content, name=name)
    assert caught.value.file == name
