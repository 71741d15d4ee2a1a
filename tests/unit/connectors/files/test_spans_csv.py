import pytest

from andon.connectors.files.spans_csv import parse_csv_spans
from andon.errors import ParseError


def test_nanosecond_columns(parse):
    parsed = parse(
        parse_csv_spans,
        "TraceID,SpanID,ParentID,PodName,OperationName,StartTimeUnixNano,EndTimeUnixNano,Duration\n"
        "t,a,root,web-1,GET,1781864700000000000,1781864700000001500,9\nt,b,a,pay-1,x,bad,1,1\n",
    )
    (span,) = parsed.spans
    assert (span.parent_id, span.service, span.name, span.duration) == ("", "web-1", "GET", 1.5e-6)
    assert parsed.problems == ["file.txt:3: span without a readable start or duration left out"]


def test_columns_named_by_the_user(parse):
    columns = {"start": "when", "duration": "took_us", "span_id": "key"}
    (span,) = parse(parse_csv_spans, "key,when,took_us\na,1781864700,5\n", columns=columns).spans
    assert (span.span_id, span.duration) == ("a", pytest.approx(5e-6))


def test_missing_columns(parse):
    with pytest.raises(ParseError, match="no field for span_id"):
        parse(parse_csv_spans, "start,duration\n1,2\n")
