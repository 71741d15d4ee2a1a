from __future__ import annotations

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from andon.app.yaml_entries import with_entry, without_entry
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


FILE = """# ours
sources: # here
  # the shop
  a: {path: .}   # first

  # the middle
  m:
    kind: loki   # logs
    # inside
    url: http://h
  # below it

  # the end
  z:
    path: |
      sources:
        m

# far below
budget: {seconds: 5}
"""
MIDDLE = "  m:\n    kind: loki   # logs\n    # inside\n    url: http://h\n"
LAST = "  z:\n    path: |\n      sources:\n        m\n"


@pytest.mark.parametrize(("name", "lines"), [("a", "  a: {path: .}   # first\n"), ("m", MIDDLE), ("z", LAST)])
def test_only_the_lines_of_an_entry_go(name, lines):
    assert without_entry(FILE, name) == FILE.replace(lines, "")
    windows = FILE.replace("\n", "\r\n")
    assert without_entry(windows, name) == windows.replace(lines.replace("\n", "\r\n"), "")
    written = f"  {name}:\n    kind: loki\n    url: http://h\n"
    assert with_entry(FILE, name, ENTRY) == FILE.replace(lines, written)


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("sources:\n  b: {path: .}", "sources:\n"),
        ("sources:\n  a: &a {path: .}\n  b: *a\n  # c\n", "sources:\n  a: &a {path: .}\n  # c\n"),
        ("sources:\n  a: &a {path: .}\n  b:\n    x:\n    - *a\n    - *a\n", "sources:\n  a: &a {path: .}\n"),
        ("sources:\n  b:\n    url:\n  a: {path: .}\n", "sources:\n  a: {path: .}\n"),
        ("sources:\n  b: {path: .,\n    # in it\n  }\n  a: {path: .}\n", "sources:\n  a: {path: .}\n"),
        ("sources:\n  'b':\n    - |+\n      x\n\n  a: {path: .}\n", "sources:\n\n  a: {path: .}\n"),
    ],
)
def test_an_entry_goes_however_it_is_written(before, after):
    assert without_entry(before, "b") == after


@pytest.mark.parametrize("text", ["", "sources:\n", "sources:\n  a: {b: 1}\n", "sources: {b: {path: .}}\n"])
def test_what_is_not_there_cannot_go(text):
    with pytest.raises(ConfigError):
        without_entry(text, "b")


_TEXTS = st.text(st.characters(exclude_categories=["Cs", "Cc", "Zl", "Zp"]), max_size=20)


@given(
    st.dictionaries(_TEXTS, st.one_of(_TEXTS, st.integers(), st.lists(_TEXTS, max_size=3)), max_size=4),
    _TEXTS,
)
def test_whatever_is_added_is_read_again(entry, name):
    text = with_entry("sources:\n  a: {path: .}\n", f"n{name}", entry)
    assert yaml.safe_load(text) == {"sources": {"a": {"path": "."}, f"n{name}": entry}}


@given(
    st.lists(_TEXTS.map(lambda text: f"n{text}"), min_size=1, max_size=4, unique=True),
    st.dictionaries(_TEXTS, st.one_of(_TEXTS, st.integers(), st.lists(_TEXTS, max_size=3)), max_size=3),
    st.data(),
)
def test_whatever_goes_or_is_replaced_leaves_the_others(names, entry, data):
    text = "# ours\n"
    for name in names:
        text = with_entry(text, name, entry) + "# after\n"
    gone = data.draw(st.sampled_from(names))
    others = {name: entry for name in names if name != gone}
    assert (yaml.safe_load(without_entry(text, gone))["sources"] or {}) == others
    assert yaml.safe_load(with_entry(text, gone, ENTRY))["sources"] == others | {gone: ENTRY}
    assert without_entry(text, gone).count("# after\n") == len(names)
