from __future__ import annotations

import json

from andon.demo import otlp


def test_values_take_the_types_of_otlp_json():
    values = {"flag": True, "count": 2**40, "share": 0.5, "name": "x", "none": None}
    encoded = {pair["key"]: pair["value"] for pair in otlp.attributes(values)}
    assert encoded == {
        "flag": {"boolValue": True},
        "count": {"intValue": "1099511627776"},
        "share": {"doubleValue": 0.5},
        "name": {"stringValue": "x"},
        "none": {"stringValue": "None"},
    }


def test_requests_carry_the_resource_and_are_json():
    resource = otlp.resource("rvm", "1.2.3", "562093481107")
    request = otlp.traces_request(resource, [{"name": "span"}])
    read = json.loads(json.dumps(request))["resourceSpans"][0]
    assert {"key": "service.name", "value": {"stringValue": "rvm"}} in read["resource"]["attributes"]
    assert {"key": "cloud.account.id", "value": {"stringValue": "562093481107"}} in read["resource"][
        "attributes"
    ]
    assert read["scopeSpans"][0]["spans"] == [{"name": "span"}]
    assert otlp.logs_request(resource, [])["resourceLogs"][0]["scopeLogs"][0]["logRecords"] == []
    assert otlp.metrics_request(resource, [])["resourceMetrics"][0]["scopeMetrics"][0]["metrics"] == []
