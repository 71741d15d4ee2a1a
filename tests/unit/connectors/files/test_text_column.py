import pickle

from hypothesis import given
from hypothesis import strategies as st

from andon.connectors.files.text_column import AttributeColumn, TextColumn

PARTS = st.lists(
    st.integers(0, 3) | st.lists(st.sampled_from(["", "a", "é\n", "\ud800"]), max_size=4), max_size=6
)


def filled(parts):
    column, expected = TextColumn(), []
    for part in parts:
        if isinstance(part, int):
            column.skip(part)
            expected += [""] * part
        else:
            column.extend(part)
            expected += part
    return column, expected


@given(PARTS, PARTS)
def test_texts_come_back_in_order(first, second):
    (column, texts), (other, more) = filled(first), filled(second)
    assert column.texts() == texts
    column.absorb(pickle.loads(pickle.dumps(other)))
    assert column.texts() == texts + more
    assert len(column) == len(texts + more)
    assert column.filled is any(texts + more)


def test_attributes_come_back_as_they_were():
    deep: dict = {}
    for _ in range(300):
        deep = {"in": deep}
    given_ = [{}, {"user": {"id": 7}}, {"big": 2**70}, {"odd": float("nan")}, deep]
    column = AttributeColumn()
    column.extend(given_)
    found = column.mappings()
    assert list(found[:2]) == given_[:2]
    assert (found[2]["big"], found[3]["odd"], found[4]) == (2**70, None, deep)
    assert [bool(fields) for fields in found] == [False, True, True, True, True]
