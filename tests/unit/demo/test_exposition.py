from __future__ import annotations

from andon.demo import otlp
from andon.demo.exposition import Exposition
from andon.demo.metering import Meter


def told(*meters: Meter) -> dict[str, float]:
    shown = Exposition()
    for meter in meters:
        for _ in range(2):
            meter.count("http.requests", 3, route='/a"b')
            meter.duration("http.server.request.duration", 0.3, code="200")
            shown.add(otlp.metrics_request(otlp.resource("bff", "1", "2"), meter.collect()))
    lines = [line for line in shown.text().splitlines() if not line.startswith("#")]
    return {line.rpartition(" ")[0]: float(line.rpartition(" ")[2]) for line in lines}


def test_deltas_add_up_to_counters_that_grow():
    meter = Meter()
    meter.gauge("pool.in_use", lambda: 4)
    meter.gauge("process.memory.usage", lambda: 7, "By")
    found = told(meter)
    assert found['http_requests_total{job="bff",route="/a\\"b"}'] == 6
    assert found['pool_in_use_ratio{job="bff"}'] == 4
    assert found['process_memory_usage_bytes{job="bff"}'] == 7


def test_buckets_are_cumulative_in_bounds_and_in_time():
    found = told(Meter())
    name = "http_server_request_duration_seconds"
    assert found[f'{name}_bucket{{code="200",job="bff",le="0.2"}}'] == 0
    assert found[f'{name}_bucket{{code="200",job="bff",le="0.5"}}'] == 2
    assert found[f'{name}_bucket{{code="200",job="bff",le="+Inf"}}'] == 2
    assert found[f'{name}_count{{code="200",job="bff"}}'] == 2
    assert found[f'{name}_sum{{code="200",job="bff"}}'] == 0.6


def test_each_family_states_its_type_once():
    meter = Meter()
    meter.duration("d", 0.1)
    meter.count("c")
    shown = Exposition()
    shown.add(otlp.metrics_request(otlp.resource("bff", "1", "2"), meter.collect()))
    types = [line for line in shown.text().splitlines() if line.startswith("# TYPE")]
    assert types == ["# TYPE c_total counter", "# TYPE d_seconds histogram"]
