from dataclasses import replace

import pytest

from andon.reports import words
from andon.telemetry import Status, Window
from unit.reports.sample import START, door_unlock, nothing_found


@pytest.mark.parametrize(
    ("share", "text"),
    [
        (0.86, "86 %"),
        (0.0, "0 %"),
        (0.001, "<1 %"),
        (0.999, ">99 %"),
        (1.0, "100 %"),
        (float("nan"), "? %"),
    ],
)
def test_per_cent_never_rounds_doubt_away(share, text):
    assert words.per_cent(share) == text


@pytest.mark.parametrize(
    ("value", "text"),
    [
        (0.0, "0"),
        (41.26, "41.3"),
        (5010.0, "5010"),
        (18210, "18.2 k"),
        (3.4e7, "34 M"),
        (0.0042, "0.0042"),
        (float("inf"), "?"),
    ],
)
def test_numbers_are_short(value, text):
    assert words.number(value) == text


def test_times_that_are_none_are_question_marks():
    assert words.at(None) == words.at(float("nan")) == words.at(1e30) == "?"
    assert words.at(START) == "10:25:00"


def test_a_window_over_midnight_names_both_days():
    assert words.window_words(Window(START, START + 1800)) == "2026-06-19 10:25–10:55 UTC"
    assert words.window_words(Window(START, START + 86400)) == "2026-06-19 10:25–2026-06-20 10:25 UTC"


def test_coverage_is_summed_by_status_and_the_worst_comes_first():
    report = door_unlock()
    assert words.coverage_summary(report) == "12 queries: 8 ok, 1 empty, 1 partial, 1 truncated, 1 denied"
    order = [row.status for row in words.shortfalls(report.coverage)]
    assert order == [Status.DENIED, Status.TRUNCATED, Status.PARTIAL, Status.EMPTY]
    assert words.coverage_summary(replace(report, coverage=())) == "No source was asked."


def test_claims_say_whether_they_were_verified():
    report = door_unlock()
    assert "9 claims checked" in words.claims_checked(report)
    assert "1 dropped" in words.claims_checked(report)
    assert words.claims_checked(replace(report, verified=False)).startswith("not verified")
    assert words.claims_checked(nothing_found()) == "no claims to check"


def test_commands_quote_what_a_shell_would_read():
    first = replace(door_unlock().hypotheses[0], component="a b; rm -rf $HOME")
    steps = words.how_to_go_on(replace(door_unlock(), hypotheses=(first,)))
    assert steps[-1].command.endswith("--exclude 'a b; rm -rf $HOME'")


def test_without_a_hypothesis_nothing_is_excluded():
    assert not any("--exclude" in step.command for step in words.how_to_go_on(nothing_found()))


def test_names_come_from_the_map_the_symptom_and_the_hypotheses():
    report = door_unlock()
    path = words.path_names(report, report.hypotheses[0])
    assert path == ("Remote Vehicle Management API", "iOS backend-for-frontend", "iOS app")


def test_how_to_talk_on_and_to_judge_is_told():
    commands = [step.command for step in words.how_to_go_on(nothing_found())]
    run = nothing_found().run
    assert f"andon chat {run}" in commands
    assert any(command.startswith(f"andon verdict {run} ") for command in commands)
