from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from andon.app.yaml_entries import with_entry
from andon.errors import ConfigError

ENTRY = {"kind": "loki", "url": "http://h"}
LINES = "  b:\n    kind: loki\n    url: http://h\n"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("", f"sources:\n{LINES}"),
        ("# only\n", f"# only\nsources:\n{LINES}"),
        ("sources:", f"sources:\n{LINES}"),
        ("sources: {} # ours\n", f"sources: # ours\n{LINES}"),
        ("sources: ~\n# end\n", f"sources:\n{LINES}# end\n"),
        ("sources:\n  a: {path: .}", f"sources:\n  a: {{path: .}}\n{LINES}"),
        ("sources:\n  a:\n    path: .   # one\n\n  # later\n", None),
        ("---\n'sources':\n  a: {path: .}\n...\n", f"---\n'sources':\n  a: {{path: .}}\n{LINES}...\n"),
        ("sources:\n  a:\n    path: |\n      sources:\n        x\n\n# end\n", None),
        ("sources:\n  a:\n    path: 'x\n\n      sources:'\n", None),
        ("\ufeffsources:\n  a: {path: .}\n", f"\ufeffsources:\n  a: {{path: .}}\n{LINES}"),
    ],
)
def test_an_entry_comes_last_and_all_else_stays(before, after):
    text = with_entry(before, "b", ENTRY)
    assert after is None or text == after
    held = (yaml.safe_load(before) or {}).get("sources") or {}
    assert yaml.safe_load(text) == {"sources": held | {"b": ENTRY}}
    assert text.replace(LINES, "").strip() == before.replace(" {}", "").replace(" ~", "").strip() or not held


def test_it_is_indented_and_ended_as_the_others():
    assert with_entry("sources:\n    a: {path: .}\n", "b", {"path": "x"}).endswith("    b:\n      path: x\n")
    assert with_entry("sources:\r\n  a: {path: .}\r\n", "b", {"path": "x"}).endswith(
        "  b:\r\n    path: x\r\n"
    )


@pytest.mark.parametrize("text", ["sources: {a: {path: .}}\n", "sources: {\n  a: {path: .}\n}\n"])
def test_braces_have_no_place_for_it(text):
    with pytest.raises(ConfigError, match="braces"):
        with_entry(text, "b", ENTRY)


_TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=20)


@given(
    st.dictionaries(_TEXTS, st.one_of(_TEXTS, st.integers(), st.lists(_TEXTS, max_size=3)), max_size=4),
    _TEXTS,
)
def test_whatever_is_added_is_read_again(entry, name):
    text = with_entry("sources:\n  a: {path: .}\n", f"n{name}", entry)
    assert yaml.safe_load(text) == {"sources": {"a": {"path": "."}, f"n{name}": entry}}
