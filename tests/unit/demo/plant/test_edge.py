from http.server import ThreadingHTTPServer
from threading import Thread

from andon.demo.plant.alarms import Alarm
from andon.demo.plant.edge import EdgeGateway, logs_request, metrics_request
from andon.demo.plant.instruments import Reading
from andon.demo.receiver import ReceiverServer

READINGS = [
    Reading("P-101", "vibration.velocity", "mm/s", 1.6),
    Reading("T-100", "tank.level", "m", 1.5),
    Reading("P-101", "motor.current", "A", 2.6),
]


def names(resource):
    return {a["key"]: a["value"]["stringValue"] for a in resource["resource"]["attributes"]}


def test_each_tag_is_a_resource_of_its_own():
    resources = metrics_request(READINGS, "4.2.0", 7)["resourceMetrics"]
    assert [names(r)["service.name"] for r in resources] == ["P-101", "T-100"]
    metrics = resources[0]["scopeMetrics"][0]["metrics"]
    assert [(m["name"], m["unit"]) for m in metrics] == [
        ("vibration.velocity", "mm/s"),
        ("motor.current", "A"),
    ]
    assert metrics[0]["gauge"]["dataPoints"] == [{"timeUnixNano": "7", "asDouble": 1.6}]


def test_alarms_are_logs_of_their_tag():
    (one, two) = logs_request([Alarm("P-101", True, "high"), Alarm("P-101", False, "normal")], "1", 7)[
        "resourceLogs"
    ]
    assert names(one)["service.name"] == "P-101"
    severities = [r["scopeLogs"][0]["logRecords"][0]["severityText"] for r in (one, two)]
    assert severities == ["WARN", "INFO"]


def test_it_sends_to_the_receiver_and_counts_what_is_lost(tmp_path):
    server: ThreadingHTTPServer = ReceiverServer(0, tmp_path)
    Thread(target=server.serve_forever, args=(0.05,), daemon=True).start()
    gateway = EdgeGateway(server.server_address[1], "1")
    gateway.send(READINGS, [Alarm("P-101", True, "high")])
    gateway.close()
    server.shutdown()
    server.server_close()
    assert (tmp_path / "metrics.otlp.jsonl").read_text().count("\n") == 1
    assert "high" in (tmp_path / "logs.otlp.jsonl").read_text()
    assert gateway.dropped == 0
    gateway.send(READINGS, [])
    assert gateway.dropped == len(READINGS)
