from datetime import UTC, datetime

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from andon.connectors.files import Limits
from andon.connectors.files.logs_text import parse_text_logs
from andon.connectors.files.times import TimeParser
from andon.errors import ParseError
from andon.telemetry import ERROR, FATAL, INFO, WARN

T = datetime(2026, 6, 19, 10, 25, tzinfo=UTC).timestamp()


@pytest.mark.parametrize(
    ("line", "severity", "service", "body"),
    [
        ("2026-06-19T10:25:00Z ERROR boom", ERROR, "", "ERROR boom"),
        ("2026-06-19 10:25:00,000 - INFO  [main] started", INFO, "", "INFO  [main] started"),
        ("[2026-06-19 10:25:00] [warn] slow", WARN, "", "[warn] slow"),
        ("2026-06-19T12:25:00+02:00 level=error msg=x", ERROR, "", "level=error msg=x"),
        (
            "Jun 19 10:25:00 web1 sshd(pam_unix)[19939]: check pass; user unknown",
            0,
            "sshd(pam_unix)",
            "check pass; user unknown",
        ),
        ("<34>Jun 19 10:25:00 web1 su: failed", FATAL, "su", "failed"),
        (
            '<165>1 2026-06-19T10:25:00.000Z h evntslog - ID47 [ex@1 a="]\\"x"] An event',
            10,
            "evntslog",
            "An event",
        ),
        (
            '1.2.3.4 - bob [19/Jun/2026:10:25:00 +0000] "GET / HTTP/1.1" 503 12',
            ERROR,
            "",
            '1.2.3.4 - bob "GET / HTTP/1.1" 503 12',
        ),
        ("[Fri Jun 19 10:25:00 2026] [error] child died", ERROR, "", "[error] child died"),
        ("1781864700 DEBUG x", 5, "", "DEBUG x"),
        ("1781864700000 plain", 0, "", "plain"),
    ],
)
def test_layouts(parse, line, severity, service, body):
    parsed = parse(parse_text_logs, line + "\n", times=TimeParser(reference=T))
    (record,) = parsed.logs
    assert (record.time, record.severity, record.service, record.body) == (T, severity, service, body)


def test_stack_traces_stay_with_their_record(parse):
    text = "2026-06-19 10:25:00 ERROR boom\r\njava.lang.X: y\r\n\tat a.b(C.java:1)\r\n\r\n2026-06-19 10:25:01 INFO on\r\n"
    first, second = parse(parse_text_logs, text).logs
    assert first.body == "ERROR boom\njava.lang.X: y\n\tat a.b(C.java:1)\n"
    assert second.body == "INFO on"


def test_text_is_kept_verbatim(parse):
    (record,) = parse(parse_text_logs, "2026-06-19 10:25:00 \x1b[2J<b>&amp;\n").logs
    assert record.body == "\x1b[2J<b>&amp;"


def test_lines_before_the_first_time_are_counted(parse):
    parsed = parse(parse_text_logs, "== log ==\nmore\n2026-06-19 10:25:00 a\n")
    assert len(parsed.logs) == 1
    assert parsed.problems == ["file.txt:1: line before the first time left out (2 times)"]


def test_endless_records_are_cut(parse):
    parsed = parse(
        parse_text_logs, "2026-06-19 10:25:00 a\n" + "x" * 99 + "\n" + "tail\n" * 50, limits=Limits(text=200)
    )
    assert len(parsed.logs[0].body) < 250
    assert "was cut" in parsed.problems[0]


def test_ten_megabytes_on_a_line(parse):
    parsed = parse(
        parse_text_logs, b"2026-06-19 10:25:00 a" + b"x" * 10_000_000 + b"\n2026-06-19 10:25:01 b\n"
    )
    assert [len(record.body) for record in parsed.logs] == [(1 << 20) - 20, 1]
    assert parsed.problems == ["file.txt:1: line longer than 1,048,576 bytes was cut"]


def test_several_layouts_in_one_file(parse):
    parsed = parse(parse_text_logs, "2026-06-19 10:25:00 a\n1781864701 b\n2026-06-19T10:25:02Z c\n")
    assert [record.time - T for record in parsed.logs] == [0, 1, 2]


def test_no_times_at_all(parse):
    with pytest.raises(ParseError, match="no line begins with a time"):
        parse(parse_text_logs, "hello\nworld\n")


@given(st.binary() | st.text(alphabet="2026-0619T10:25Z []<>34Jun\n ").map(str.encode))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
def test_any_bytes_are_kept_or_counted(parse, content):
    parsed = parse(parse_text_logs, b"2026-06-19 10:25:00 first\n" + content)
    assert parsed.logs
    lines = content.removesuffix(b"\n").count(b"\n") + 1 if content else 0
    assert sum(record.body.count("\n") + 1 for record in parsed.logs) == 1 + lines
