"""Which effect of a change can produce which symptom: general engineering knowledge, as a table.

A number says how typical the symptom is of the effect, 0 (not mentioned) to 1 (its hallmark).
"""

from __future__ import annotations

from collections.abc import Mapping

from andon.analysis.code_changes.kinds import EffectKind
from andon.analysis.code_changes.symptoms import SymptomKind

__all__ = ["PRODUCES"]

_K = EffectKind
_TEXT = {
    _K.CALL_REMOVED: "not-found 1, missing-data .8, errors .7, wrong-data .6, null-dereference .6, throughput-drop .6, schema .4, panic .5, authentication .5, "
    "authorization .5, backlog .5, latency .3, memory .3, malformed-data .3, cache-misses .4, crash-loop .4, serialization .4, connectivity .3",
    _K.GUARD_REMOVED: "null-dereference 1, panic 1, out-of-bounds 1, wrong-data .7, errors .7, crash-loop .6, missing-data .4, not-found .4, malformed-data .45, "
    "authorization .5, serialization .4, overload .3, throttling .3, memory .3",
    _K.DEREFERENCE_ADDED: "null-dereference 1, panic 1, out-of-bounds .9, errors .6, crash-loop .6",
    _K.CONDITION_CHANGED: "wrong-data 1, missing-data .9, out-of-bounds .9, rows-scanned .4, errors .5, not-found .5, malformed-data .5, authorization .6, authentication .5, panic .5, "
    "latency .3, cpu .3, null-dereference .5, amplification .3, backlog .3, throughput-drop .4",
    _K.ERROR_HANDLING_CHANGED: "errors .7, panic .9, crash-loop .9, backlog .8, missing-data .6, malformed-data .6, wrong-data .4, throughput-drop .5, null-dereference .3, timeout .2",
    _K.VALIDATION_ADDED: "errors .7, malformed-data .7, throughput-drop .5, authorization .4, missing-data .4, serialization .4, not-found .3, backlog .4",
    _K.TIMEOUT_TIGHTENED: "timeout 1, cancelled 1, errors .6, throughput-drop .3, pool-exhausted .3, connectivity .4, throughput-surge .2, lock-contention .2, crash-loop .3",
    _K.TIMEOUT_LOOSENED: "latency .9, pool-exhausted .9, handles-exhausted .7, saturation .7, backlog .6, timeout .5, overload .5, memory .4, lock-contention .5, throughput-drop .4",
    _K.RETRY_CHANGED: "throughput-surge .8, amplification .8, overload .8, throttling .9, errors .5, saturation .6, timeout .4, latency .5, backlog .5, cpu .4, provider .1",
    _K.LIMIT_REMOVED: "rows-scanned 1, amplification .4, latency .9, memory .9, cpu .7, timeout .6, bandwidth .8, saturation .7, throttling .7, overload .6, disk .5, pool-exhausted .4, backlog .3",
    _K.LIMIT_LOWERED: "throttling 1, memory .8, cpu .7, overload .7, errors .6, missing-data .6, latency .5, saturation .7, pool-exhausted .7, handles-exhausted .8, "
    "throughput-drop .7, crash-loop .7, backlog .6, malformed-data .2, disk .5, node .3, timeout .4",
    _K.LIMIT_RAISED: "memory .6, cpu .4, latency .35, saturation .4, overload .35, pool-exhausted .3, bandwidth .3, amplification .4, node .15, timeout .2, throttling .4",
    _K.POOL_SHRUNK: "pool-exhausted 1, latency .8, timeout .7, saturation .8, overload .8, backlog .9, throughput-drop .8, errors .4, cpu .3, throttling .3",
    _K.POOL_GROWN: "pool-exhausted .4, memory .4, cpu .3, throttling .4, lock-contention .4, overload .3, handles-exhausted .4, errors .2, connectivity .3",
    _K.SCHEDULE_CHANGED: "throughput-surge .7, cpu .8, saturation .8, overload .6, backlog .5, throttling .6, latency .4, missing-data .5, amplification .5, lock-contention .4, node .3, authentication .3",
    _K.QUERY_ADDED: "latency .7, timeout .5, amplification .6, rows-scanned .5, errors .3, throttling .4, pool-exhausted .4, saturation .3, throughput-surge .2, provider .2, connectivity .2",
    _K.QUERY_IN_LOOP: "amplification 1, rows-scanned .3, latency .95, timeout .7, throttling .9, pool-exhausted .7, saturation .7, throughput-surge .4, cpu .5, overload .5, backlog .5",
    _K.BATCH_REMOVED: "amplification 1, throttling 1, latency .8, backlog .8, throughput-drop .6, timeout .5, pool-exhausted .5, saturation .6, cpu .4, overload .4, throughput-surge .4",
    _K.UNBOUNDED_WORK: "cpu 1, memory .9, latency .9, timeout .7, rows-scanned .8, amplification .4, saturation .8, backlog .6, crash-loop .5, bandwidth .5, throttling .4, overload .5, pool-exhausted .3",
    _K.BLOCKING_ADDED: "latency 1, timeout .8, backlog .8, pool-exhausted .7, throughput-drop .8, saturation .6, cancelled .4, overload .5, cpu .3, lock-contention .4, crash-loop .3",
    _K.INDEX_REMOVED: "rows-scanned 1, amplification .3, latency 1, cpu .7, timeout .7, lock-contention .5, saturation .6, pool-exhausted .6, wrong-data .2",
    _K.CACHE_REMOVED: "amplification 1, rows-scanned .4, latency .9, cache-misses 1, cpu .6, saturation .7, throughput-surge .45, timeout .6, throttling .7, overload .6, pool-exhausted .5",
    _K.LOCK_ADDED: "lock-contention 1, latency .9, timeout .7, throughput-drop .8, pool-exhausted .6, backlog .6, errors .3, saturation .4",
    _K.CONCURRENCY_CHANGED: "lock-contention .8, wrong-data .7, panic .6, memory .6, handles-exhausted .9, cpu .6, missing-data .6, null-dereference .4, latency .4, errors .4, "
    "throttling .5, pool-exhausted .5, throughput-surge .2, cancelled .5, backlog .3, overload .4",
    _K.RESOURCE_LEAKED: "memory 1, handles-exhausted 1, pool-exhausted 1, crash-loop .6, latency .6, saturation .6, timeout .5, disk .5, cpu .3, connectivity .4, errors .4, lock-contention .5",
    _K.IDENTIFIER_RENAMED: "schema 1, not-found .9, missing-data .9, serialization .8, errors .7, wrong-data .7, null-dereference .6, malformed-data .5, authorization .3, authentication .3, throughput-drop .4",
    _K.TABLE_REFERENCED: "schema 1, errors .6, not-found .4, latency .2",
    _K.SCHEMA_CHANGED: "schema 1, errors .7, lock-contention .6, missing-data .6, latency .4, not-found .5, wrong-data .4",
    _K.SERIALIZATION_CHANGED: "serialization 1, wrong-data .8, malformed-data .7, errors .7, missing-data .6, schema .5, null-dereference .4, not-found .3, backlog .4, panic .3",
    _K.NUMERIC_TYPE_CHANGED: "wrong-data 1, serialization .7, malformed-data .6, errors .5, not-found .5, panic .4, out-of-bounds .5",
    _K.TIME_HANDLING_CHANGED: "wrong-data 1, missing-data .8, authentication .7, errors .4, serialization .4, not-found .3, malformed-data .4, cache-misses .3",
    _K.LOG_VERBOSITY_RAISED: "log-volume 1, disk 1, latency .35, cpu .5, bandwidth .5, backlog .3, saturation .3, memory .2, throughput-drop .2",
    _K.COMPRESSION_REMOVED: "bandwidth 1, latency .7, disk .6, timeout .5, saturation .4, memory .4, throttling .3",
    _K.CONFIG_VALUE_CHANGED: "errors .5, wrong-data .6, latency .4, not-found .5, missing-data .5, saturation .4, memory .4, cpu .4, throttling .4, throughput-drop .4, crash-loop .5, timeout .4, connectivity .4",
    _K.SETTING_REMOVED: "errors .7, crash-loop .8, connectivity .6, authentication .6, authorization .5, null-dereference .6, not-found .8, latency .4, memory .5, cpu .4, panic .6, certificate .4, dns .4, node .2, "
    "throttling .4, wrong-data .5, missing-data .5",
    _K.PERMISSION_CHANGED: "authorization 1, authentication .7, errors .6, connectivity .6, timeout .4, missing-data .5, not-found .4",
    _K.ENDPOINT_CHANGED: "connectivity 1, dns 1, not-found .8, errors .7, timeout .8, authentication .5, certificate .5, missing-data .6, wrong-data .5, latency .5, schema .5, crash-loop .4, provider .3, backlog .5, authorization .4",
    _K.CREDENTIAL_CHANGED: "certificate 1, authentication 1, connectivity .7, authorization .7, errors .6, crash-loop .4, provider .2",
    _K.HEALTH_CHECK_CHANGED: "crash-loop 1, errors .6, throughput-drop .6, not-found .5, connectivity .5, saturation .3, overload .3, latency .3",
    _K.DEPENDENCY_BUMPED: "errors .5, panic .5, serialization .5, memory .4, not-found .5, latency .4, authentication .4, null-dereference .3, crash-loop .5, wrong-data .4, connectivity .3, certificate .3, cpu .4",
    _K.BEHAVIOUR_CHANGED: "errors .5, wrong-data .7, missing-data .6, null-dereference .4, panic .4, not-found .4, latency .4, cpu .4, memory .4, malformed-data .3, serialization .4, throughput-drop .4, "
    "authorization .4, authentication .4, out-of-bounds .5, amplification .3, backlog .3, timeout .3, schema .3",
}  # fmt: skip


def _row(text: str) -> Mapping[SymptomKind, float]:
    cells = (cell.split() for cell in text.split(","))
    return {SymptomKind(name): float(weight) for name, weight in cells}


PRODUCES: Mapping[EffectKind, Mapping[SymptomKind, float]] = {
    kind: _row(text) for kind, text in _TEXT.items()
}
"""Effect kind to the symptoms that it produces; innocent kinds have no row."""
