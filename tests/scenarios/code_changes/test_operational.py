"""Faults that no change made: nothing near them is to be blamed, however well it is placed."""

from __future__ import annotations

import pytest

from andon.analysis.code_changes import FaultSignature, MetricShift, SymptomKind, effects, rank
from andon.analysis.code_changes.symptoms import kinds_of_line, kinds_of_shift
from andon.telemetry import ChangeEvent, ChangeKind


def up(name: str, service: str = "shop") -> MetricShift:
    return MetricShift(name, 1, service)


FAULTS = {
    "certificate expired": FaultSignature(
        error_lines=(
            ("tls: failed to verify certificate: x509: certificate has expired or is not yet valid", 80.0),
            ("payment call failed: upstream returned 502", 20.0),
        ),
        metrics=(up("http_5xx_ratio"), up("tls_handshake_errors")),
        components=("shop", "frontend"),
    ),
    "provider outage": FaultSignature(
        error_lines=(
            ("charge failed: provider returned 503 from api.cards.example.com", 60.0),
            ("retrying charge", 20.0),
        ),
        metrics=(up("http_5xx_ratio"), up("provider_errors_total")),
        components=("shop",),
    ),
    "name resolution": FaultSignature(
        error_lines=(
            ("dial tcp: lookup ledger.internal on 10.0.0.10:53: no such host", 60.0),
            ("SERVFAIL for ledger.internal", 10.0),
        ),
        metrics=(up("coredns_errors"), up("http_5xx_ratio")),
        components=("shop",),
    ),
    "traffic surge": FaultSignature(
        error_lines=(("worker pool saturated, request queued", 60.0),),
        metrics=(
            up("requests_per_sec"),
            up("requests_per_sec", "cart"),
            up("cpu_utilization"),
            up("http_p99_ms"),
        ),
        components=("shop", "cart"),
    ),
    "node lost": FaultSignature(
        error_lines=(
            ("Evicted pod shop-7d: The node was low on resource: memory. MemoryPressure", 9.0),
            ("request timeout", 30.0),
        ),
        metrics=(up("node_memory_utilization"), up("http_p99_ms")),
        components=("shop",),
    ),
    "noisy neighbour": FaultSignature(
        error_lines=(("scheduler delayed: cpu contended by co-tenant", 40.0),),
        metrics=(
            up("container_cpu_cfs_throttled_seconds"),
            up("node_cpu_utilization", "node-3"),
            up("http_p99_ms"),
        ),
        components=("shop",),
    ),
    "malformed input": FaultSignature(
        error_lines=(
            ("validation error: malformed record from partner feed, field price invalid value", 50.0),
        ),
        metrics=(up("record_validation_error_ratio"), up("queue_oldest_message_age_seconds")),
        components=("shop",),
    ),
}
DECOYS = {
    "refactor": ("services/shop/handler.go", ("-\tvar req Req\n-\tif err := json.NewDecoder(r.Body).Decode(&req); err != nil {\n"
                 "-\t\thttp.Error(w, err.Error(), 400)\n-\t\treturn\n-\t}\n+\treq, err := decodeRequest(r)\n+\tif err != nil {\n"
                 "+\t\twriteError(w, 400, err)\n+\t\treturn\n+\t}")),
    "staging certificate": ("deploy/staging/tls.yaml", "-  cert: MIIB01\n+  cert: MIIB02"),
    "slightly larger cache": ("services/shop/config/cache.yaml", "-  cache_entries: 1000\n+  cache_entries: 1200"),
    "patch bump": ("go.mod", "-\tgoogle.golang.org/grpc v1.62.0\n+\tgoogle.golang.org/grpc v1.62.1"),
    "structured logs": ("services/shop/log.go", '-\tlog.Printf("%s %d", path, code)\n+\tlogger.Info("handled", "path", path, "code", code)'),
    "timeout loosened": ("services/shop/client.go", "-\tconst timeout = 2 * time.Second\n+\tconst timeout = 3 * time.Second"),
    "pool grown": ("services/shop/db.go", "-\tcfg.MaxConns = 20\n+\tcfg.MaxConns = 40"),
    "query elsewhere": ("services/wishlist/dao.py", "+    for item in items:\n+        item.name = repo.find_name(item.sku)"),
    "guard added": ("services/shop/parse.go", "+\tif price < 0 {\n+\t\treturn ErrNegative\n+\t}"),
    "button": ("web/button.css", "-.btn { color: #fff; }\n+.btn { color: #eee; }"),
    "docs": ("docs/certificates.md", "-Rotate yearly.\n+Rotate every ninety days."),
    "no diff": ("services/shop/rank.go", ""),
}  # fmt: skip


def decoy(name: str) -> ChangeEvent:
    file, diff = DECOYS[name]
    target = "shop" if "shop" in file else "wishlist" if "wishlist" in file else ""
    return ChangeEvent(
        name,
        0.0,
        ChangeKind.COMMIT,
        "commit",
        target,
        files=(file,),
        diff=f"@@ {file} @@\n{diff}" if diff else "",
    )


@pytest.mark.parametrize("fault", FAULTS)
def test_no_decoy_is_convicted(fault: str) -> None:
    first = rank([decoy(name) for name in DECOYS], FAULTS[fault])[0]

    assert not first.convicted, (first.event.id, first.plausibility)


@pytest.mark.parametrize(
    ("fault", "file", "diff"),
    [
        (
            "certificate expired",
            "services/shop/config/tls.yaml",
            "-  certificate: new.pem\n+  certificate: old.pem",
        ),
        (
            "name resolution",
            "services/shop/config/app.yaml",
            "-  ledger_host: ledger.prod\n+  ledger_host: ledger.internal",
        ),
        (
            "malformed input",
            "services/shop/decode.py",
            "         except InvalidRecord as malformed:\n-            skip(row)\n-            continue\n+            raise",
        ),
    ],
)
def test_a_change_that_explains_the_outside_signature_outscores_all_decoys(
    fault: str, file: str, diff: str
) -> None:
    culprit = ChangeEvent(
        "culprit", 0.0, ChangeKind.COMMIT, "commit", "shop", files=(file,), diff=f"@@ {file} @@\n{diff}"
    )

    assert rank([*(decoy(name) for name in DECOYS), culprit], FAULTS[fault])[0].event.id == "culprit"


def test_change_after_the_onset_is_not_convicted() -> None:
    diff = "@@ services/shop/pay.go @@\n-\tif card == nil {\n-\t\treturn nil\n-\t}\n \treturn card.Number"
    event = ChangeEvent(
        "late", 100.0, ChangeKind.COMMIT, "commit", "shop", files=("services/shop/pay.go",), diff=diff
    )
    lines = (("panic: nil pointer dereference", 5.0),)

    assert rank([event], FaultSignature(error_lines=lines, components=("shop",), onset=200.0))[0].convicted
    late = rank([event], FaultSignature(error_lines=lines, components=("shop",), onset=50.0))[0]
    assert not late.convicted
    assert "the change came after the onset" in {reason.text for reason in late.plausibility.contradicting}


def test_refused_change_is_not_convicted() -> None:
    event = ChangeEvent("1", 0.0, ChangeKind.CONFIG, "apply", "shop", error="denied", files=("config/app.yaml",),
                        diff="@@ config/app.yaml @@\n-  max_connections: 50\n+  max_connections: 2")  # fmt: skip

    assert not rank([event], FaultSignature(kinds=frozenset({SymptomKind.POOL}), components=("shop",)))[
        0
    ].convicted


def test_demand_at_one_callee_is_amplification_and_everywhere_a_surge() -> None:
    at_callee = FaultSignature(metrics=(up("requests_per_sec", "catalog"),), components=("shop",))
    everywhere = FaultSignature(
        metrics=(up("requests_per_sec", "catalog"), up("requests_per_sec")), components=("shop",)
    )

    assert SymptomKind.AMPLIFICATION in at_callee.weights
    assert SymptomKind.SURGE not in at_callee.weights
    assert SymptomKind.SURGE in everywhere.weights


def test_victim_line_tells_only_that_the_callee_failed() -> None:
    assert kinds_of_line("payment call failed: upstream returned 500, record not found") == frozenset()
    assert kinds_of_line("upstream ledger timed out after 500 ms") == {SymptomKind.TIMEOUT}


def test_metric_direction_matters() -> None:
    assert SymptomKind.CACHE_MISSES in kinds_of_shift(MetricShift("cache_hit_ratio", -1))
    assert SymptomKind.CACHE_MISSES not in kinds_of_shift(MetricShift("cache_hit_ratio", 1))


def test_empty_signature_and_no_events() -> None:
    assert rank([], FaultSignature()) == ()
    judged = rank([decoy("pool grown")], FaultSignature())[0]
    assert judged.score == 0.0
    assert effects(decoy("no diff"))[0].kind == "unread"
