from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.analysis.code_changes import (
    INNOCENT,
    Effect,
    EffectKind,
    FaultSignature,
    MetricShift,
    effects,
    rank,
)
from andon.telemetry import ChangeEvent, ChangeKind

K = EffectKind
FRAGMENTS = [
    "if x == nil {", "for _, i := range xs {", "db.Query(ctx, q)", "return", "}", "timeout: 5s", "LIMIT 50", "@@ a.go @@",
    "--- a/b.yaml", "+++ b/b.yaml", "SELECT * FROM t_a", "level: debug", "defer f.Close()", "lock.Lock()", '"a": "b",', "(" * 50,
    "'\"`", "\\", "await f(x)", "string a = 1;", "-Xmx4g", "\x00", "é", "0x1f", "9" * 40,
]  # fmt: skip


def commit(file: str, diff: str, *more: str) -> ChangeEvent:
    return ChangeEvent(
        "1",
        0.0,
        ChangeKind.COMMIT,
        "commit",
        "",
        files=(file, *more),
        diff=f"@@ {file} @@\n{diff}" if diff else "",
    )


@pytest.mark.parametrize(
    ("kind", "file", "diff"),
    [
        (K.REFACTOR, "sink.go", ("-\tf, err := os.OpenFile(path, flags, 0644)\n-\tdefer f.Close()\n-\t_, err = f.Write(line)\n"
         "+\treturn writeLine(path, line)\n+}\n+func writeLine(path string, line []byte) error {\n"
         "+\tfile, err := os.OpenFile(path, flags, 0644)\n+\tdefer file.Close()\n+\t_, err = file.Write(line)")),
        (K.RENAME_LOCAL, "a.go", "-\tc := r.Context()\n-\treturn fetch(c, q)\n+\tctx := r.Context()\n+\treturn fetch(ctx, q)"),
        (K.COMMENT_OR_DOCS, "a.py", "-# old words\n+# new words"),
        (K.COMMENT_OR_DOCS, "messages.go", '-\tErrNotFound = "resouce not found"\n+\tErrNotFound = "resource not found"'),
        (K.STYLE_ONLY, "card.tsx", '-  <div className="card">\n+  <div className="card card--wide">'),
        (K.LOGGING_ONLY, "a.go", '-\tlog.Printf("%s", p)\n+\tlogger.Info("request",\n+\t\t"path", p)'),
        (K.TEST_ONLY, "a_test.go", "+\tassert(x)"),
        (K.BUILD_ONLY, ".github/workflows/ci.yml", "+  - run: make"),
        (K.FEATURE_ADDED, "ready.go", "+func Readyz(w Writer) {\n+\tw.WriteHeader(200)\n+}"),
    ],
)  # fmt: skip
def test_innocent_kinds(kind: EffectKind, file: str, diff: str) -> None:
    found = effects(commit(file, diff))

    assert kind in {each.kind for each in found}
    assert max((e.strength for e in found if e.kind not in INNOCENT), default=0.0) <= 0.4


def test_reordered_lines_cancel_out() -> None:
    found = effects(commit("a.go", '-\t"os"\n-\t"bufio"\n+\t"bufio"\n+\t"os"'))

    assert {each.kind for each in found} == {K.COMMENT_OR_DOCS}


def test_no_diff_is_unread() -> None:
    assert [each.kind for each in effects(commit("a.go", ""))] == [K.UNREAD]


def test_table_created_in_the_same_change_is_no_lack() -> None:
    query = '+    db.execute("SELECT id FROM gift_cards")'
    table = "@@ db/migrations/7.sql @@\n+CREATE TABLE gift_cards (id int);"
    alone = effects(commit("dao.py", query))
    together = effects(commit("dao.py", f"{query}\n{table}", "db/migrations/7.sql"))

    assert K.TABLE_REFERENCED in {each.kind for each in alone}
    assert K.TABLE_REFERENCED not in {each.kind for each in together}


def test_rename_is_worse_while_the_old_name_is_in_use() -> None:
    rename = '-    row["title"] = t\n+    row["name"] = t'
    kept = effects(commit("a.py", f'{rename}\n     find("title")'))
    gone = effects(commit("a.py", f'{rename}\n-    find("title")\n+    find("name")'))

    def strength(found: tuple[Effect, ...]) -> float:
        return max(each.strength for each in found if each.kind is K.IDENTIFIER_RENAMED)

    assert strength(kept) > 2 * strength(gone)


def test_quoted_lines_are_verbatim_with_their_numbers() -> None:
    diff = "-\ttimeout := 5 * time.Second\n+\ttimeout := 50 * time.Millisecond"
    event = commit("a.go", diff)
    found = next(each for each in effects(event) if each.kind is K.TIMEOUT_TIGHTENED)

    for line in found.lines:
        assert event.diff.split("\n")[line.number - 1] == line.text
    assert "50" in found.tokens


def test_shared_rare_words_raise_the_score() -> None:
    def score(error: str) -> float:
        event = commit(
            "a.go", "-\tif voucher_batch == nil {\n-\t\treturn nil\n-\t}\n \treturn voucher_batch.Size"
        )
        return rank([event], FaultSignature(error_lines=((error, 1.0),)))[0].score

    assert score("nil pointer dereference in voucher_batch") > score("nil pointer dereference")


def test_words_of_every_candidate_bind_less() -> None:
    diff = "-\tif voucher_batch == nil {\n-\t\treturn nil\n-\t}\n \treturn voucher_batch.Size"
    signature = FaultSignature(error_lines=(("nil pointer dereference in voucher_batch", 1.0),))
    alone = rank([commit("a.go", diff)], signature)[0].score

    assert rank([commit("a.go", diff)] * 5, signature)[0].score < alone
    assert (
        rank([commit("a.go", diff)], signature, frozenset({"voucher_batch", "voucher", "batch"}))[0].score
        < alone
    )


lines = st.builds(lambda sign, *parts: sign + " ".join(parts), st.sampled_from(["+", "-", " ", ""]),
                  st.sampled_from(FRAGMENTS), st.one_of(st.sampled_from(FRAGMENTS), st.text(max_size=20)))  # fmt: skip


@settings(max_examples=80, deadline=None)
@given(
    st.lists(lines, max_size=25),
    st.sampled_from(
        ["a.go", "a.py", "a.proto", "c/a.yaml", "m/migrations/1.sql", "go.mod", "x.css", "mapping.json", ""]
    ),
    st.text(max_size=80),
)
def test_any_text_gives_bounded_verdicts(body: list[str], file: str, error: str) -> None:
    event = ChangeEvent(
        "1", 0.0, ChangeKind.COMMIT, "commit", "", files=(file,) if file else (), diff="\n".join(body)
    )
    signature = FaultSignature(
        error_lines=((error, 1.0), ("panic: timeout", 2.0)),
        metrics=(MetricShift(error, 1),),
        components=(error,),
    )
    found = effects(event)
    judged = rank([event, event], signature)

    assert found
    assert all(0.0 <= each.strength <= 1.0 for each in found)
    assert all(0.0 <= j.score <= 1.0 for j in judged)
    assert found == effects(event)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.sampled_from([f for f in FRAGMENTS if not f.startswith(("@@", "---", "+++"))]), max_size=12)
)
def test_change_that_only_moves_lines_has_no_harmful_effect(body: list[str]) -> None:
    diff = "\n".join([*("-" + line for line in body), *("+" + line for line in reversed(body))])

    assert all(each.kind in INNOCENT for each in effects(commit("a.go", diff)))
