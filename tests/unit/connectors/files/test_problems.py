import pytest

from andon.connectors.files.problems import MOST_KINDS_PER_FILE, ProblemCounter
from andon.telemetry import Problem, Status


def test_equal_messages_are_counted_at_their_first_place():
    counter = ProblemCounter()
    counter.add("a.csv", "bad", line=3, hint="fix")
    counter.add("a.csv", "bad", line=9, count=2)
    assert counter.problems() == (Problem("a.csv:3", "bad", 3, "fix"),)
    assert counter.about("a.csv")
    assert not counter.about("b.csv")


def test_kinds_of_problems_are_limited():
    counter = ProblemCounter()
    for i in range(MOST_KINDS_PER_FILE + 10):
        counter.add("a.csv", f"bad {i}")
    problems = counter.problems()
    assert len(problems) == MOST_KINDS_PER_FILE + 1
    assert problems[-1].count == 10


@pytest.mark.parametrize(
    ("count", "files", "denied", "failed", "truncated", "problems", "status"),
    [
        (0, 0, 0, 0, False, 0, Status.EMPTY),
        (3, 1, 0, 0, False, 0, Status.OK),
        (3, 1, 0, 0, False, 1, Status.PARTIAL),
        (3, 1, 0, 0, True, 1, Status.TRUNCATED),
        (0, 2, 2, 0, False, 1, Status.DENIED),
        (0, 2, 1, 1, False, 1, Status.FAILED),
        (0, 2, 0, 1, False, 1, Status.PARTIAL),
        (3, 2, 1, 0, False, 1, Status.PARTIAL),
    ],
)
def test_statuses(count, files, denied, failed, truncated, problems, status):
    counter = ProblemCounter(truncated, {f"d{i}" for i in range(denied)}, {f"f{i}" for i in range(failed)})
    for i in range(problems):
        counter.add(f"d{i}", "bad")
    assert counter.status(count, files) is status
