from andon.analysis.code_changes.diffs import parse_diff
from andon.connectors.commits import LONGEST_DIFF, Commit, FilePatch, commit_event, looked_into
from andon.telemetry import ChangeKind


def test_the_event_of_a_commit():
    patch = FilePatch("src/pool.py", "src/pool.py", "@@ -1 +1 @@\n-size = 10\n+size = 2")
    commit = Commit("a1", 5.0, "Shrink the pool\n\nTo save money.", "mara", (patch,))
    event = commit_event(commit, repository="shop/api", service="api")
    assert (event.id, event.commit, event.kind, event.target) == ("a1", "a1", ChangeKind.COMMIT, "api")
    assert (event.summary, event.actor, event.origin) == ("Shrink the pool", "mara", "shop/api")
    assert event.files == ("src/pool.py",) and event.parameters["message"].endswith("money.")
    (hunk,) = parse_diff(event.diff, event.files).hunks
    assert hunk.file == "src/pool.py" and [line.verbatim for line in hunk.lines][:2] == [
        "-size = 10",
        "+size = 2",
    ]


def test_files_that_came_or_went():
    came, went = FilePatch("", "new.py", "@@ -0,0 +1 @@\n+x"), FilePatch("old.py", "", "@@ -1 +0,0 @@\n-x")
    assert came.unified().startswith("--- /dev/null\n+++ b/new.py\n") and came.path == "new.py"
    assert went.unified().startswith("--- a/old.py\n+++ /dev/null\n") and went.path == "old.py"
    assert FilePatch("a", "b").unified() == ""


def test_a_huge_diff_is_cut():
    commit = Commit("a", 0.0, patches=(FilePatch("x", "x", "+" * (2 * LONGEST_DIFF)),))
    assert len(commit_event(commit, repository="r", service="s").diff) == LONGEST_DIFF


def test_deployed_commits_are_looked_into_first_then_the_newest():
    listed = [Commit("a", 1.0), Commit("b", 3.0), Commit("c", 2.0)]
    assert looked_into(["old", "", "c"], listed, 3) == ("old", "c", "b")
    assert looked_into(["old"], listed, 0) == ()
