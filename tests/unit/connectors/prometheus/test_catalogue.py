from __future__ import annotations

import pytest

from andon.connectors.prometheus.catalogue import Family, FamilyKind, families, left_out, types_in, worth


def test_families_from_suffixes() -> None:
    names = [
        *("req_seconds_bucket", "req_seconds_count", "req_seconds_sum"),
        *("rpc_seconds", "rpc_seconds_count", "rpc_seconds_sum"),
        *("sent_bytes_total", "queue_depth", "thread_count"),
    ]
    found = {family.name: family for family in families(names, {})}
    assert {name: family.kind.value for name, family in found.items()} == {
        "req_seconds": "histogram",
        "rpc_seconds": "summary",
        "sent_bytes_total": "counter",
        "queue_depth": "gauge",
        "thread_count": "gauge",
    }
    assert found["req_seconds"].unit == "s" and found["sent_bytes_total"].unit == "By"
    assert found["rpc_seconds"].quantiles and found["req_seconds"].members == tuple(names[:3])


def test_metadata_overrules_names() -> None:
    stated = {
        "switches": [{"type": "counter", "unit": ""}],
        "half_total": [{"type": "gauge"}],
        "busy": [{"type": "gauge", "unit": "seconds"}],
        "odd": "nonsense",
    }
    found = {f.name: f for f in families(["switches", "half_total", "busy", "odd"], types_in(stated))}
    assert found["switches"].kind is FamilyKind.COUNTER and found["half_total"].kind is FamilyKind.GAUGE
    assert found["busy"].unit == "s" and found["odd"].kind is FamilyKind.GAUGE
    assert types_in(None) == {} and types_in([1]) == {}


@pytest.mark.parametrize(
    ("name", "reason"),
    [
        ("prometheus_tsdb_head_series", "about the monitoring itself"),
        ("go_gc_duration_seconds", "inside of a language's runtime"),
        ("process_start_time_seconds", "inside of a process"),
        ("target_info", "does not measure"),
        ("ALERTS", "alerts, read as such"),
        ("process_cpu_seconds_total", ""),
        ("up", ""),
        ("promotions_total", ""),
        ("good_orders", ""),
    ],
)
def test_what_is_left_out_by_rule(name: str, reason: str) -> None:
    assert left_out(name) == reason


def test_the_configuration_overrules_the_rules() -> None:
    assert left_out("go_goroutines", include=("go_.*",)) == ""
    assert left_out("up", include=("go_.*",)) == "not included"
    assert left_out("up", include=("up",), exclude=("u.*",)) == "excluded"


def test_recorded_rules_come_last() -> None:
    assert worth(Family("job:errors:rate5m", FamilyKind.GAUGE)) > worth(Family("oven", FamilyKind.GAUGE))
