import json
from dataclasses import replace
from pathlib import Path

import pytest

from andon.errors import ParseError
from andon.investigation.claims import Binding
from andon.reports.json_form import from_json, json_schema, to_json, write_schema
from unit.reports.sample import door_unlock, hostile, nothing_found

COMMITTED = Path(__file__).parents[3] / "docs" / "reference" / "report.schema.json"


@pytest.mark.parametrize("report", [door_unlock(), nothing_found()])
def test_a_report_survives_the_way_there_and_back(report):
    assert from_json(to_json(report)) == report
    assert to_json(from_json(to_json(report))) == to_json(report)


def test_keys_stand_in_the_order_of_the_schema():
    found = json.loads(to_json(door_unlock()))
    assert list(found)[:4] == ["run", "created", "question", "headline"]
    assert found["schema"] == "andon.report/1"
    assert found["hypotheses"][0]["evidence"][0]["bindings"]["n"]["style"] == "count"


def test_what_json_cannot_hold_becomes_null_or_visible():
    report = door_unlock()
    chart = replace(
        report.exhibits.charts[0], values=(float("nan"), float("inf"), 1.0), times=(1.0, 2.0, 3.0)
    )
    odd = Binding("O1", "r", {"x": float("nan")}, "count", "1")
    claim = replace(report.hypotheses[0].evidence[0], bindings={"n": odd})
    report = replace(
        report,
        exhibits=replace(report.exhibits, charts=(chart,)),
        hypotheses=(replace(report.hypotheses[0], evidence=(claim,)),),
    )
    found = from_json(to_json(report))
    assert found.exhibits.charts[0].values == (None, None, 1.0)
    assert found.hypotheses[0].evidence[0].bindings["n"].args == {"x": None}
    assert b"NaN" not in to_json(report)
    assert "\\ud800" in from_json(to_json(hostile())).question


def test_fields_of_a_later_version_are_ignored():
    found = json.loads(to_json(door_unlock()))
    found["later"] = 1
    found["hypotheses"][0]["later"] = 2
    assert from_json(json.dumps(found)) == door_unlock()


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"{", "not JSON"),
        (b"[]", "the schema is None"),
        (b'{"schema": "andon.report/9"}', "andon.report/9"),
        (b'{"schema": "andon.report/1"}', "Field required"),
        (b"[" * 100_000, "not JSON"),
    ],
)
def test_what_is_no_report_is_refused_with_its_place(data, words):
    with pytest.raises(ParseError, match=words) as caught:
        from_json(data, file="old.json")
    assert str(caught.value).startswith("old.json")


def test_the_schema_names_every_field():
    schema = json_schema()
    assert schema["properties"]["schema"]["const"] == "andon.report/1"
    assert {"hypotheses", "coverage", "exhibits", "something_else"} <= set(schema["properties"])


def test_the_committed_schema_is_the_generated_one(tmp_path):
    write_schema(tmp_path / "schema.json")
    generated = (tmp_path / "schema.json").read_text(encoding="utf-8")
    assert COMMITTED.read_text(encoding="utf-8") == generated, (
        "run andon.reports.write_schema on the committed file"
    )
