from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from andon.analysis.code_changes import Side, parse_diff
from andon.analysis.code_changes.diffs import MAX_LINES, MAX_WIDTH

GIT = """diff --git a/pkg/a.go b/pkg/a.go
index 12..34 100644
--- a/pkg/a.go
+++ b/pkg/a.go
@@ -3,3 +3,3 @@ func A() {
 \tx := 1
-\ty := 2
+\ty := 3
\\ No newline at end of file
diff --git a/old.py b/old.py
deleted file mode 100644
--- a/old.py
+++ /dev/null
@@ -1,1 +0,0 @@
-print(1)
"""


def test_git_diff() -> None:
    first, second = parse_diff(GIT).hunks

    assert (first.file, first.heading) == ("pkg/a.go", "func A() {")
    assert [line.side for line in first.lines] == [Side.CONTEXT, Side.REMOVED, Side.ADDED]
    assert first.lines[1].number == 7
    assert first.lines[1].verbatim == "-\ty := 2"
    assert first.lines[1].run == first.lines[2].run
    assert second.file == "old.py"


def test_headers_that_name_a_file_or_a_function() -> None:
    text = "@@ a/b.go: func B() {\n-x\n@@ func C() {\n-y\n@@ conf/c.yaml @@\n-z\n@@ note: see the text\n-w"
    hunks = parse_diff(text, ["a/b.go", "conf/c.yaml"]).hunks

    assert [hunk.file for hunk in hunks] == ["a/b.go", "a/b.go", "conf/c.yaml", "conf/c.yaml"]
    assert [hunk.heading for hunk in hunks] == ["func B() {", "func C() {", "", "note: see the text"]


def test_body_without_header_belongs_to_the_known_file() -> None:
    assert parse_diff("-a\n+b", ["x.py"]).hunks[0].file == "x.py"


def test_removed_sql_comment_is_no_file_header() -> None:
    hunk = parse_diff("@@ q.sql @@\n--- all rows\n-SELECT 1\n+SELECT 2").hunks[0]

    assert [line.text for line in hunk.lines] == ["-- all rows", "SELECT 1", "SELECT 2"]


def test_limits_are_told() -> None:
    assert parse_diff("+x\n" * (MAX_LINES + 5)).truncated
    assert parse_diff("+" + "x" * (MAX_WIDTH + 5)).truncated
    assert not parse_diff("+x").truncated


def test_nothing_gives_no_hunk() -> None:
    assert parse_diff("").hunks == ()


@given(st.text(alphabet="+-@ \\ab/.:\n\r\t'\"", max_size=300))
def test_lines_are_kept_verbatim(text: str) -> None:
    lines = [line.rstrip("\r") for line in text.split("\n")]
    for hunk in parse_diff(text).hunks:
        for line in hunk.lines:
            shown = lines[line.number - 1]
            assert line.verbatim == shown or line.text == shown
