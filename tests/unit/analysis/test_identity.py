import numpy as np
from hypothesis import given
from hypothesis import strategies as st

from andon.analysis.identity import hashes, last_rows
from andon.telemetry import Texts

IDS = st.sampled_from(["", "a", "b", "a\0", "é", "0123456789abcdef", "0123456789abcdeg", "0123456789abcdef0"])


@given(st.lists(st.tuples(IDS, IDS, IDS), max_size=30))
def test_rows_are_found_as_a_dictionary_finds_them(rows):
    group, names, wanted = ([row[k] for row in rows] for k in range(3))
    index = {pair: i for i, pair in enumerate(zip(group, names, strict=True))}
    expected = [index.get((g, w), -1) if w else -1 for g, w in zip(group, wanted, strict=True)]
    assert last_rows(group, names, wanted).tolist() == expected


def test_equal_texts_have_equal_hashes_wherever_they_lie():
    texts = [f"{i:x}" * (i % 5) for i in range(1000)]
    whole = hashes(texts)
    order = np.random.default_rng(1).permutation(1000)
    assert np.array_equal(hashes(Texts.of(texts).take(order)), whole[order])
    assert len(set(whole.tolist())) == len(set(texts))
