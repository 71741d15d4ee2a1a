from __future__ import annotations

from andon.investigation.talking.said import Said, lines_of, percent


def test_lines_of_an_answer_become_sentences_with_their_references() -> None:
    answer = "<data>\nmetrics: 3 series changed\nnote: a gap\n[metrics-2:series.4] x ‹n› rose\n[logs-1:points] y\n4 more: narrow it down\n</data>"
    assert list(lines_of(answer)) == [
        Said("Metrics: 3 series changed"),
        Said("Note: a gap"),
        Said("x <n> rose", ("metrics-2:series.4",)),
        Said("y", ("logs-1:points",)),
        Said("4 more."),
    ]


def test_an_answer_that_is_no_data_is_a_sentence() -> None:
    assert list(lines_of("there is no component 'x'")) == [Said("There is no component 'x'")]
    assert list(lines_of("")) == []


def test_shares_are_written_as_in_a_report() -> None:
    assert [percent(share) for share in (0, 0.034, 1)] == ["0 %", "3 %", "100 %"]
