import pickle

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.telemetry import Bytes, Texts

WORDS = st.lists(st.text(max_size=12) | st.sampled_from(["", "at x\nat y", "é", "\ud800"]), max_size=40)


@given(WORDS)
def test_a_column_is_a_sequence_of_its_texts(words):
    texts = Texts.of(words)
    assert texts == words
    assert [texts[i] for i in range(len(texts))] == words
    assert texts != [*words, "more"]
    assert Texts.of(texts) is texts


@given(WORDS, st.randoms(use_true_random=False))
def test_any_order_and_any_slice_reads_the_same(words, random):
    order = list(range(len(words)))
    random.shuffle(order)
    taken = Texts.of(words).take(np.array(order, dtype=np.int64))
    assert taken == [words[i] for i in order]
    assert taken[3:9] == [words[i] for i in order][3:9]
    assert taken.compact() == taken
    assert pickle.loads(pickle.dumps(taken)) == taken


@given(WORDS, st.randoms(use_true_random=False), st.sampled_from(["\n", "é", "x", "aa"]))
def test_who_holds_some_bytes(words, random, part):
    order = np.array(random.sample(range(len(words)), len(words)), dtype=np.int64)
    found = Texts.of(words).take(order).holding(part.encode())
    assert found.tolist() == [part in words[i] for i in order]


def test_texts_far_apart_are_read_one_by_one():
    class Counting:
        reads = 0

        def read(self, start, stop):
            self.reads += 1
            return Bytes(b"a" * 1_000_000).read(start, stop)

    buffer = Counting()
    far = Texts(buffer, np.array([0, 900_000]), np.array([2, 3], dtype=np.int32))
    assert list(far) == ["aa", "aaa"]
    assert buffer.reads == 2
    near = Texts(buffer, np.array([0, 10]), np.array([2, 3], dtype=np.int32))
    assert list(near) == ["aa", "aaa"]
    assert buffer.reads == 3


def test_only_the_beginning_is_shown():
    assert repr(Texts.of(["a", "b", "c", "d"])) == "Texts(['a', 'b', 'c', …], n=4)"
    with pytest.raises(TypeError):
        hash(Texts.of([]))
