import io
import shlex

import pytest
from hypothesis import given
from hypothesis import strategies as st
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from andon.reports.page import Page, bar


def written(act, width=80, encoding="utf-8"):
    raw = io.BytesIO()
    console = Console(width=width, file=io.TextIOWrapper(raw, encoding=encoding, newline="\n"))
    act(Page(console))
    console.file.flush()
    return raw.getvalue().decode(encoding)


def test_the_body_hangs_below_its_prefix():
    out = written(lambda page: page.put(Text("one two three four"), prefix=Text(" + ")), width=16)
    assert out == " + one two three\n   four\n"


def test_the_right_text_ends_at_the_edge():
    first, second = written(lambda page: page.ends(Text("a" * 90), Text("42 %"))).splitlines()
    assert first.endswith(" 42 %")
    assert len(first) == 80
    assert set(second) == {"a"}


@pytest.mark.parametrize("share", [0.0, 0.001, 0.5, 1.0, 7.0, float("nan")])
def test_bars_all_have_one_width(share):
    assert bar(share, "").cell_len == bar(0.42, "").cell_len
    assert bar(0.001, "").plain.startswith("█")


def test_a_short_command_stays_as_it_is_with_its_comment():
    out = written(lambda page: page.command("andon verify r1", indent=2, comment="again"))
    assert out == "  andon verify r1  # again\n"


@given(st.lists(st.text("ab 'é$`", min_size=1, max_size=30), min_size=1, max_size=12))
def test_a_shell_reads_a_broken_command_as_the_whole_one(words):
    command = f"aws {shlex.join(words)}"
    out = written(lambda page: page.command(command, indent=4))
    assert shlex.split(out.replace("\\\n", "")) == ["aws", *words]
    assert all(cell_len(one) <= 80 for one in out.splitlines())


def test_a_query_is_broken_without_backslashes_and_never_in_a_string():
    query = (
        'sum by (version) (rate(errors_total{path="'
        + "x y " * 9
        + '"}[5m])) / sum by (version) (rate(all[5m]))'
    )
    out = written(lambda page: page.command(query, indent=0))
    assert "\\" not in out
    assert '"' + "x y " * 9 + '"' in out
    assert out.split() == query.split()


def test_a_command_whose_quote_does_not_end_stays_whole():
    command = "curl 'http" + " x" * 60
    assert written(lambda page: page.command(command, indent=0)) == command + "\n"


def test_a_console_without_utf8_gets_ascii_signs():
    out = written(lambda page: page.put(Text("− ✓ 86 % → 車 …")), encoding="ascii")
    assert out == "- + 86 % > ? ~\n"
