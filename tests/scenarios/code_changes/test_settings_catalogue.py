"""Faults that settings, manifests and policies make, each with an innocent twin."""

from __future__ import annotations

from dataclasses import dataclass

import pytest

from andon.analysis.code_changes import CONVICTION, EffectKind, FaultSignature, MetricShift, effects, rank
from andon.telemetry import ChangeEvent, ChangeKind


@dataclass(frozen=True)
class Case:
    kind: EffectKind
    file: str
    culprit: str
    twin: str
    error: str = ""
    metrics: str = ""


K = EffectKind
CASES = {
    "log level": Case(
        K.LOG_VERBOSITY_RAISED,
        "config/app.properties",
        "-logging.level.root=WARN\n+logging.level.root=TRACE",
        "-logging.level.root=INFO\n+logging.level.root=WARN",
        "write failed: no space left on device",
        "log_bytes_written+",
    ),
    "wrong host": Case(
        K.ENDPOINT_CHANGED,
        "config/prod.env",
        "-LEDGER_URL=http://ledger.internal:8080\n+LEDGER_URL=http://ledger-v2.internal:8080",
        "-BANNER_TEXT=Hello\n+BANNER_TEXT=Welcome",
        "dial tcp: lookup ledger-v2.internal: no such host",
    ),
    "pool shrunk": Case(
        K.POOL_SHRUNK,
        "config/database.yaml",
        " pool:\n-  max_connections: 50\n+  max_connections: 5",
        " pool:\n-  max_connections: 50\n+  max_connections: 60",
        "timeout acquiring a connection: pool exhausted",
    ),
    "thread pool shrunk": Case(
        K.POOL_SHRUNK,
        "config/server.yml",
        "-server.tomcat.threads.max: 200\n+server.tomcat.threads.max: 8",
        "-server.tomcat.threads.max: 200\n+server.tomcat.threads.max: 220",
        metrics="threads_busy+ http_p99_ms+ request_queue_depth+",
    ),
    "memory limit lowered": Case(
        K.LIMIT_LOWERED,
        "deploy/deployment.yaml",
        "   resources:\n     limits:\n-      memory: 2Gi\n+      memory: 256Mi",
        "   resources:\n     limits:\n-      memory: 2Gi\n+      memory: 2Gi # as measured",
        "container killed: OOMKilled, memory limit reached",
        "restarts_total+",
    ),
    "heap lowered": Case(
        K.LIMIT_LOWERED,
        "config/jvm.properties",
        "-JAVA_OPTS=-Xmx4g -XX:+UseG1GC\n+JAVA_OPTS=-Xmx512m -XX:+UseG1GC",
        "-JAVA_OPTS=-Xmx4g -XX:+UseG1GC\n+JAVA_OPTS=-Xmx5g -XX:+UseG1GC",
        "java.lang.OutOfMemoryError: Java heap space",
    ),
    "rate limit lowered": Case(
        K.LIMIT_LOWERED,
        "config/gateway.yaml",
        "-  rate_limit_per_minute: 6000\n+  rate_limit_per_minute: 60",
        "-  rate_limit_per_minute: 6000\n+  rate_limit_per_minute: 6500",
        "429 too many requests: rate limit of 60 reached",
    ),
    "policy tightened": Case(
        K.PERMISSION_CHANGED,
        "terraform/iam.tf",
        ' actions = [\n   "s3:GetObject",\n-  "s3:PutObject",\n ]',
        ' actions = [\n-  "s3:PutObject",\n   "s3:GetObject",\n+  "s3:PutObject",\n ]',
        "AccessDenied: not authorized to perform s3:PutObject",
    ),
    "scope missing": Case(
        K.PERMISSION_CHANGED,
        "auth.ts",
        '-  scopes: ["openid", "invoices.read"],\n+  scopes: ["openid"],',
        '-  scopes: ["openid", "invoices.read"],\n+  scopes: ["invoices.read", "openid"],',
        "403 forbidden: insufficient scope, invoices.read needed",
    ),
    "health check path": Case(
        K.HEALTH_CHECK_CHANGED,
        "deploy/deployment.yaml",
        "   readinessProbe:\n     httpGet:\n-      path: /healthz\n+      path: /health/full",
        "   annotations:\n-    note: a\n+    note: b",
        "readiness probe failed: HTTP 404 on /health/full",
        "restarts_total+",
    ),
    "wrong certificate": Case(
        K.CREDENTIAL_CHANGED,
        "config/tls.yaml",
        " tls:\n-  ca_file: /etc/ssl/internal-ca.pem\n+  ca_file: /etc/ssl/public-ca.pem",
        " server:\n-  motd: hello\n+  motd: welcome",
        "x509: certificate signed by unknown authority",
    ),
    "verification set otherwise": Case(
        K.CREDENTIAL_CHANGED,
        "client.go",
        "-\ttls.Config{InsecureSkipVerify: true}\n+\ttls.Config{InsecureSkipVerify: false}",
        "-\tcfg := tls.Config{}\n+\tconf := tls.Config{}",
        "tls: failed handshake: x509 certificate not valid for the name",
    ),
    "cron storm": Case(
        K.SCHEDULE_CHANGED,
        "config/jobs.yaml",
        " rebuild-index:\n-  schedule: 0 3 * * *\n+  schedule: * * * * *",
        " rebuild-index:\n-  schedule: 0 3 * * *\n+  schedule: 0 3 * * * # nightly",
        metrics="container_cpu_usage+ jobs_running+",
    ),
    "setting deleted": Case(
        K.SETTING_REMOVED,
        "config/app.yaml",
        " payments:\n-  merchant_account: main\n   currency: EUR",
        " payments:\n-  merchant_account: main\n   currency: EUR\n+  merchant_account: main",
        "merchant_account is not configured",
    ),
    "database index type dropped from a mapping": Case(
        K.IDENTIFIER_RENAMED,
        "search/mapping.json",
        '-  "headline": {"type": "text"},\n+  "caption": {"type": "text"},',
        '-  "headline": {"type": "text"},\n+  "headline": {"type": "text" },',
        "no mapping found for field [headline]",
    ),
}


def change(case: Case, diff: str, name: str) -> ChangeEvent:
    path = f"services/shop/{case.file}"
    return ChangeEvent(
        id=name,
        time=0.0,
        kind=ChangeKind.COMMIT,
        action="commit",
        target="shop",
        files=(path,),
        diff=f"@@ {path} @@\n{diff}",
    )


def signature(case: Case) -> FaultSignature:
    shifts = tuple(MetricShift(m[:-1], 1 if m[-1] == "+" else -1, "shop") for m in case.metrics.split())
    return FaultSignature(
        error_lines=((case.error, 10.0),) if case.error else (), metrics=shifts, components=("shop",)
    )


@pytest.mark.parametrize("name", CASES)
def test_culprit_is_convicted_and_its_twin_is_not(name: str) -> None:
    case = CASES[name]
    culprit, twin = change(case, case.culprit, "culprit"), change(case, case.twin, "twin")

    assert case.kind in {effect.kind for effect in effects(culprit)}
    first, second = rank([twin, culprit], signature(case))

    assert first.event.id == "culprit"
    assert first.score >= CONVICTION
    assert second.score < CONVICTION


@pytest.mark.parametrize("name", CASES)
def test_no_culprit_among_twins_alone(name: str) -> None:
    case = CASES[name]
    twins = [change(other, other.twin, other.file) for other in CASES.values()]

    assert not rank(twins, signature(case))[0].convicted


def test_major_version_weighs_more_than_patch() -> None:
    def bump(old: str, new: str) -> float:
        text = f"@@ go.mod @@\n-\texample.org/queue v{old}\n+\texample.org/queue v{new}"
        event = ChangeEvent("1", 0.0, ChangeKind.COMMIT, "commit", "", files=("go.mod",), diff=text)
        return next(e.strength for e in effects(event) if e.kind is K.DEPENDENCY_BUMPED)

    assert bump("1.9.3", "2.0.0") > bump("1.9.3", "1.10.0") > bump("1.9.3", "1.9.4")
