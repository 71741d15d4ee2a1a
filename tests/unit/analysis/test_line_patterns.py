from __future__ import annotations

from andon.analysis import line_patterns
from andon.analysis.line_patterns import LinePatterns, merge_shapes, words_of


def test_words_end_at_separators() -> None:
    assert words_of("user=root (uid=0)") == ["user=", "root", "(", "uid=", "0)"]


def test_shapes_of_one_length_become_one_with_holes() -> None:
    assert merge_shapes([("a", "b"), ("a", "c"), ("a",), ("a", "b")]) == (("a",), ("a", None))


def test_only_so_many_lengths_are_kept() -> None:
    assert len(merge_shapes([("a",) * n for n in range(1, 30)])) == line_patterns.MOST_LENGTHS


def test_a_line_is_known_by_its_constant_words() -> None:
    patterns = LinePatterns()
    assert patterns.add(("hello", None, "there"), 7)
    assert patterns.add((None, "left"), 8)
    assert [
        patterns[shape] for shape in map(patterns.find, (["hello", "ann", "there"], ["bob", "left"])) if shape
    ] == [7, 8]
    for words in (["hello", "ann", "here"], ["hello", "ann"], ["bob", "came"], [""]):
        assert patterns.find(words) is None
    assert dict(patterns) == {("hello", None, "there"): 7, (None, "left"): 8}


def test_the_first_of_like_patterns_stays() -> None:
    patterns = LinePatterns()
    patterns.add(("a", None), 1)
    patterns.add(("a", None), 2)
    assert patterns[("a", None)] == 1


def test_what_says_nothing_is_no_pattern() -> None:
    patterns = LinePatterns()
    assert not patterns.add(("0", None), 1)
    assert not patterns.add(("no", "holes"), 1)
    assert len(patterns) == 0


def test_a_first_word_has_only_so_many_sets_of_holes() -> None:
    patterns = LinePatterns()
    shapes = [("a", *(None if i == hole else f"w{i}" for i in range(40))) for hole in range(40)]
    assert sum(patterns.add(shape, 1) for shape in shapes) == line_patterns.MOST_HOLES
