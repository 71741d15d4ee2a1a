from __future__ import annotations

from andon.connectors.json_values import part_of, text_in


def test_what_is_of_another_type_counts_as_not_there():
    entry = {"a": {"b": 1}, "t": "x", "n": None, "l": []}
    assert [part_of(entry, key) for key in ("a", "t", "n", "l", "gone")] == [{"b": 1}, {}, {}, {}, {}]
    assert [text_in(entry, key) for key in ("t", "a", "n", "gone")] == ["x", "", "", ""]
