import io
from dataclasses import replace
from html.parser import HTMLParser

import pytest
from rich.cells import cell_len
from rich.console import Console
from rich.text import Text

from andon.investigation.report import Check
from andon.reports.terminal import print_report, terminal_svg
from unit.reports.sample import HOSTILE, door_unlock, hostile, nothing_found

WIDE = "車両遠隔管理アプリケーション" * 4
LONG = "com.example.fleet.remote.vehicle.management.api.internal.production.europe.west.1a.instance"


def printed(report, width=80, **options):
    out = io.StringIO()
    print_report(report, Console(file=out, width=width, **options))
    return out.getvalue()


def test_it_says_what_one_must_know():
    text = printed(door_unlock())
    for part in (
        "r-0619-7f3a",
        "iOS users cannot unlock their car doors since about 10:25",
        "unavailable: iOS app",
        "10:25:00 UTC (between 10:24:30 and 10:25:30)",
        "86 %",
        "Network rule removed",
        "Remote Vehicle Management API → iOS backend-for-frontend → iOS app",
        "+ A log template that never occurred before appears 412 times in ios-bff,",
        "− The telemetry of rvm-api itself shows no errors in the window. [O8]",
        "✓ stands   If the API itself had failed, Android would fail too.",
        "aws ec2 describe-security-group-rules",
        "Authorise tcp 443",
        "Something else, or not seen",
        "12 queries: 8 ok, 1 empty",
        "denied",
        "limit of 50,000 records",
        "declared, not seen: Remote Vehicle Management API → Audit log",
        "andon investigate --continue r-0619-7f3a --exclude rvm-api",
    ):
        assert part in text


def test_hypotheses_stand_in_their_order_the_first_in_full():
    text = printed(door_unlock())
    first, second = text.index("  1  Remote Vehicle"), text.index("  2  iOS backend")
    assert first < second < text.index("Something else")
    assert "Roll back" not in text
    assert "and 1 more" in text[second:]
    assert "✗ refuted  A faulty deploy would show at once." in text[second:]


def test_queries_that_went_well_are_only_counted():
    assert "workspace.dsl" not in printed(door_unlock())


@pytest.mark.parametrize("width", [60, 80, 120])
@pytest.mark.parametrize("name", [WIDE, LONG, "ordinary"], ids=["wide", "long", "ordinary"])
def test_no_line_exceeds_the_width(width, name):
    report = hostile(f"{name} {name}")
    first = replace(report.hypotheses[0], component="x", next_check=door_unlock().hypotheses[0].next_check)
    lines = printed(replace(report, run="r-1", hypotheses=(first, report.hypotheses[1])), width).splitlines()
    assert max(map(cell_len, lines)) <= min(width, 100)


def test_a_word_of_a_command_is_not_broken_so_that_it_can_be_pasted():
    first = replace(door_unlock().hypotheses[0], next_check=Check("why", f"kubectl logs {LONG}"))
    lines = printed(replace(door_unlock(), hypotheses=(first,))).splitlines()
    assert any(one.strip() == LONG for one in lines)
    assert [one.strip() for one in lines if cell_len(one) > 80] == [LONG]


@pytest.mark.parametrize("report", [door_unlock(), nothing_found()])
def test_the_sample_fits_80_columns_and_leaves_no_blanks_at_line_ends(report):
    lines = printed(report).splitlines()
    assert max(map(cell_len, lines)) <= 80
    assert all(one == one.rstrip() for one in lines)


def test_piped_output_has_no_escape_codes():
    assert "\x1b" not in printed(door_unlock())


def test_colour_changes_no_word():
    coloured = printed(door_unlock(), force_terminal=True, color_system="truecolor")
    assert "\x1b[" in coloured
    out = io.StringIO()
    Console(file=out, width=200).print(Text.from_ansi(coloured), soft_wrap=True)
    assert [one.rstrip() for one in out.getvalue().rstrip().splitlines()] == printed(
        door_unlock()
    ).splitlines()


def test_hostile_text_is_shown_and_does_nothing():
    text = printed(hostile())
    assert all(character.isprintable() or character == "\n" for character in text)
    assert "\\x1b[31mred" in text
    assert "[red]rich[/red]" in text
    assert "\\u202e" in text


def test_nothing_found_names_no_culprit():
    text = printed(nothing_found())
    assert "Nothing abnormal was found in the incident window, so no cause is named." in " ".join(
        text.split()
    )
    assert "Remote Vehicle" not in text
    assert "%" not in text


def test_abnormal_without_a_hypothesis_is_said_otherwise():
    report = replace(door_unlock(), hypotheses=())
    assert "so none is named" in " ".join(printed(report).split())


def test_many_hypotheses_are_summed_up():
    report = door_unlock()
    many = replace(report, hypotheses=(report.hypotheses[0], *[report.hypotheses[1]] * 9))
    assert "5 more, less likely" in printed(many)


def test_an_ascii_console_can_be_written_to():
    out = io.TextIOWrapper(io.BytesIO(), encoding="ascii")
    print_report(hostile(HOSTILE + WIDE), Console(file=out, width=80))
    out.flush()


def test_the_picture_is_one_svg_that_fetches_nothing():
    picture = terminal_svg(door_unlock())
    assert picture.startswith("<svg")
    assert picture == terminal_svg(door_unlock())
    assert "@font-face" not in picture
    assert picture.count("://") == picture.count('xmlns="http://www.w3.org/2000/svg"') == 1
    assert "Network&#160;rule&#160;removed" in picture


def test_the_picture_of_hostile_text_holds_no_foreign_element():
    tags = set()
    parser = HTMLParser()
    parser.handle_starttag = lambda tag, attributes: tags.add(tag)
    parser.feed(terminal_svg(hostile()))
    assert not tags & {"script", "img", "foreignobject", "image", "a"}
