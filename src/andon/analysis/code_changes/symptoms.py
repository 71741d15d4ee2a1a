"""What a fault looks like, and how its kinds are read from log lines and metric names."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from functools import cached_property

from andon.analysis.code_changes.lexemes import words

__all__ = ["OPERATIONAL", "FaultSignature", "MetricShift", "SymptomKind", "kinds_of_line", "kinds_of_shift"]


class SymptomKind(StrEnum):
    """The kinds of trouble that error lines and metrics tell apart."""

    LATENCY = "latency"
    ERRORS = "errors"
    SATURATION = "saturation"
    THROUGHPUT_DROP = "throughput-drop"
    TIMEOUT = "timeout"
    CANCELLED = "cancelled"
    PANIC = "panic"
    NULL = "null-dereference"
    BOUNDS = "out-of-bounds"
    NOT_FOUND = "not-found"
    SCHEMA = "schema"
    MISSING_DATA = "missing-data"
    WRONG_DATA = "wrong-data"
    THROTTLING = "throttling"
    DISK = "disk"
    MEMORY = "memory"
    CPU = "cpu"
    POOL = "pool-exhausted"
    HANDLES = "handles-exhausted"
    LOCK = "lock-contention"
    CONNECTIVITY = "connectivity"
    AUTHENTICATION = "authentication"
    AUTHORIZATION = "authorization"
    SERIALIZATION = "serialization"
    AMPLIFICATION = "amplification"
    """More calls for the same demand: queries, requests, write units."""
    ROWS = "rows-scanned"
    """More rows read for the same answer."""
    LOG_VOLUME = "log-volume"
    CRASH_LOOP = "crash-loop"
    BACKLOG = "backlog"
    BANDWIDTH = "bandwidth"
    CACHE_MISSES = "cache-misses"
    SURGE = "throughput-surge"
    OVERLOAD = "overload"
    CERTIFICATE = "certificate"
    DNS = "dns"
    NODE = "node"
    PROVIDER = "provider"
    MALFORMED = "malformed-data"


OPERATIONAL = frozenset(
    {
        SymptomKind.SURGE,
        SymptomKind.OVERLOAD,
        SymptomKind.CERTIFICATE,
        SymptomKind.DNS,
        SymptomKind.NODE,
        SymptomKind.PROVIDER,
        SymptomKind.MALFORMED,
    }
)
"""Kinds that mostly come from outside the code."""

_K = SymptomKind
_PHRASES: tuple[tuple[SymptomKind, str], ...] = (
    (_K.NULL, r"nil pointer|null ?pointer|NullReference|NoneType|of (?:undefined|null)\b|is not a function|nil map|null value|unwrap\(\)` on a `None"),
    (_K.BOUNDS, r"index out of (?:range|bounds)|IndexError|OutOfBounds|slice bounds|buffer overflow|KeyError|ArrayIndex"),
    (_K.PANIC, r"\bpanic\b|segfault|SIGSEGV|fatal error|uncaught|unhandled|ClassCast|AttributeError|TypeError|assertion failed|stack overflow"),
    (_K.CANCELLED, r"\bcancell?ed\b|CANCELLED|client (?:closed|disconnected)|aborted by (?:client|caller)|\b499\b"),
    (_K.TIMEOUT, r"deadline ?exceeded|timed?[ -]?out|TimeoutError|exceeded \d+ ?m?s|\b504\b|i/o timeout"),
    (_K.SCHEMA, (r"(?:relation|table|column|view|index)\b.{0,60}(?:does not exist|doesn't exist|not found|unknown|missing)|no such (?:table|column|index)|"
                r"(?:unknown|invalid|unmapped|undefined|missing|no mapping found for|unrecognized) (?:column|field|property|attribute)|UndefinedTable|UndefinedColumn|SQLGrammar|has no field|NoSuchColumn")),
    (_K.NOT_FOUND, (r"not found|\b404\b|not registered|unregistered|no (?:handler|provider|route|bean|such (?:bean|service|method|key|bucket|file))\b|NoSuch|unknown (?:service|method|route|type)|unimplemented|"
                   r"no (?:matching|suitable)|not (?:initiali[sz]ed|configured|loaded)")),
    (_K.THROTTLING, r"throttl|throughput ?exceeded|rate.?limit|rate exceeded|too many requests|\b429\b|quota exceeded|ProvisionedThroughput|SlowDown|request ?limit"),
    (_K.DISK, r"no space left|disk (?:is )?full|ENOSPC|read-only file ?system|disk quota|disk pressure|inode"),
    (_K.MEMORY, r"out of memory|OutOfMemory|\bOOM|heap (?:space|out)|GC overhead|cannot allocate|MemoryError|memory limit|heap exhausted|long gc pause|GC pause"),
    (_K.POOL, r"pool (?:is )?(?:exhausted|timeout|full)|(?:acquir|wait|borrow)\w* (?:a |for )?(?:a )?(?:free )?connection|too many (?:connections|clients)|connection slots|pool size|no (?:free|idle|available) (?:connection|worker|thread)|QueuePool|RejectedExecution|thread pool"),
    (_K.HANDLES, r"too many open files|EMFILE|file descriptors?|goroutines? (?:count|leak)|unable to create (?:new )?native thread|ephemeral ports|cannot assign requested address"),
    (_K.LOCK, r"deadlock|lock wait|lock timeout|waiting for lock|could not obtain lock|serializ\w+ failure|lock contention|LockNotAvailable|row lock"),
    (_K.CONNECTIVITY, r"connection (?:refused|reset|closed)|ECONN|no route to host|unreachable|broken pipe|connect: |network error|failed to connect|transport (?:error|closing)|wrong host"),
    (_K.AUTHENTICATION, r"\b401\b|unauthenticated|unauthori[sz]ed|invalid (?:token|signature|credential|api key|password)|token (?:has )?expired|authentication|login failed|jwt|signature (?:mismatch|verification)|bad credentials"),
    (_K.AUTHORIZATION, r"\b403\b|forbidden|access ?denied|permission ?denied|not authori[sz]ed|insufficient (?:scope|permission|privilege)|missing scope|AccessDenied|\bRBAC\b|is not permitted"),
    (_K.SERIALIZATION, r"unmarshal|deseriali|serializ|cannot (?:parse|decode|convert)|failed to (?:parse|decode)|wire ?type|unknown enum|unrecognized (?:enum|value)|invalid (?:enum|encoding|utf)|schema version|codec|proto:|JSONDecodeError|JsonMapping|type mismatch|unsupported (?:version|encoding|content)"),
    (_K.WRONG_DATA, r"mismatch|inconsistent|incorrect|duplicate|wrong (?:total|amount|value|time)|overflow|precision|\bNaN\b|negative (?:total|amount|balance)|checksum|off by|reconcil|constraint violat|unique constraint"),
    (_K.MISSING_DATA, r"empty (?:result|response|list)|no (?:results|rows|data|records)|missing (?:record|row|item|page|data)|0 results|zero results|incomplete|skipped page"),
    (_K.ROWS, r"slow query|full (?:table |collection )?scan|rows examined|seq(?:uential)? scan|filesort|COLLSCAN"),
    (_K.AMPLIFICATION, r"too many queries|single-item|per-item|n\+1|batching (?:is )?(?:disabled|off)|unbatched|one by one"),
    (_K.LOG_VOLUME, r"log (?:volume|ingestion|rate)|logs? dropped|log buffer"),
    (_K.CRASH_LOOP, r"CrashLoop|Back-off restarting|(?:liveness|readiness|startup) probe|health ?check fail|unhealthy|restarting"),
    (_K.BACKLOG, r"backlog|consumer lag|queue (?:is )?(?:growing|depth)|redeliver|OldestMessage|commit blocked|lagging|dead.?letter"),
    (_K.LATENCY, r"slow request|\bslow\b|latency|response time degraded|latency budget"),
    (_K.CACHE_MISSES, r"cache miss|cold cache|cache stampede|thundering herd"),
    (_K.CERTIFICATE, r"certificate (?:has )?(?:expired|is not (?:yet )?valid|verify failed|is not trusted|signed by unknown)|x509|cert\w* expir|NotAfter|CERT_|tls: |ssl ?(?:handshake|error)|handshake fail|unknown authority|PKIX"),
    (_K.DNS, r"no such host|NXDOMAIN|SERVFAIL|could not resolve|cannot resolve|name resolution|ENOTFOUND|EAI_AGAIN|UnknownHost|dns lookup|getaddrinfo"),
    (_K.NODE, r"evict|MemoryPressure|DiskPressure|PIDPressure|UnderPressure|NodeNotReady|node .{0,40}not ready|preempt|spot (?:instance|interruption)|co-?tenant|noisy|cpu steal|cfs quota|cpu(?:-| )?contended|contended|hardware (?:error|failure)|kernel panic|drain(?:ing|ed) node|hypervisor|availability zone|host maintenance|\bECC\b|i/o error|instance (?:terminated|stopped)"),
    (_K.PROVIDER, r"provider (?:outage|unavailable|error|incident|returned|status|down)|status page|third.?party|upstream provider|regional outage|service disruption|external (?:service|api|dependency|provider|gateway) .{0,40}(?:unavailable|down|5\d\d|degraded|fail)|\boutage\b|(?:[a-z0-9-]{1,40}\.){1,5}(?:com|io|net|dev)\b.{0,60}\b50[0234]\b|\b50[0234]\b.{0,60}(?:[a-z0-9-]{1,40}\.){1,5}(?:com|io|net|dev)\b"),
    (_K.OVERLOAD, r"overload|shedding|(?:queue|pool|workers?) .{0,20}(?:full|saturated)|saturated|back.?pressure|request queued|autoscal|pods pending|max replicas"),
    (_K.SURGE, r"elevated (?:request|traffic)|traffic (?:spike|surge|increase)|request (?:volume|spike|surge)|flash sale|flood|\bDDoS\b|bot traffic|crawler|campaign|thundering crowd|viral"),
    (_K.MALFORMED, r"malformed|poison|corrupt|(?:field|value|parameter|coordinate|column) .{0,40}out of range|validation (?:error|failed)|invalid (?:record|payload|input|row|message|data|value|format)|bad (?:record|payload|input|data)|unparseable|failed validation|unexpected (?:token|character|eof|value)|schema violation|not a valid"),
)  # fmt: skip
_COMPILED = tuple((kind, re.compile(phrase, re.I)) for kind, phrase in _PHRASES)
_VICTIM = re.compile(
    r"\bupstream\b|\bdownstream\b|returned (?:an? )?(?:\d{3}|error)|\bcall(?:ing)? .{0,40}failed", re.I
)
_METRICS: tuple[tuple[SymptomKind, int, str], ...] = (
    (_K.NODE, 1, r"^(?:node|host|instance|system)_.*(?:cpu|memory|load|pressure|disk)|steal|cfs_throttl|evict|pressure"),
    (_K.THROTTLING, 1, r"throttl|rate_?limited|\b429|rejected|capacity|quota"),
    (_K.LATENCY, 1, r"latency|duration|p50|p9\d|response_?time|_ms$|_seconds$|elapsed"),
    (_K.CANCELLED, 1, r"cancel"),
    (_K.TIMEOUT, 1, r"time_?out|deadline"),
    (_K.PANIC, 1, r"panic|crash|fatal|exception"),
    (_K.CRASH_LOOP, 1, r"restart|unhealthy|probe_fail"),
    (_K.SCHEMA, 1, r"missing_(?:table|column)|schema_error"),
    (_K.NOT_FOUND, 1, r"not_?found|404|lookup_fail"),
    (_K.MALFORMED, 1, r"validation_(?:error|fail)|malformed|poison|dead_?letter|dlq|parse_err"),
    (_K.AMPLIFICATION, 1, r"quer(?:y|ies)_(?:count|per)|(?:db|sql)_quer(?:y|ies)(?:_total)?$|per_request|consumed_|calls_per|statements|round_?trips|write_units|iops"),
    (_K.ROWS, 1, r"rows_(?:examined|scanned|read|returned)|seq_scan|docs_examined|tup_(?:read|fetched|returned)|iops"),
    (_K.DISK, 1, r"disk|volume_used|filesystem|inode|storage_used"),
    (_K.LOG_VOLUME, 1, r"log_(?:write|volume|bytes|lines|rate|ingest)|logs_per|_lps"),
    (_K.MEMORY, 1, r"mem(?:ory)?_(?:us|util|work|bytes|rss|pct|percent|limit|gib|mib|mb)|memory$|heap|rss|working_set|gc_|oom"),
    (_K.CPU, 1, r"cpu"),
    (_K.POOL, 1, r"pool|connections|conn_|threads_(?:active|busy)|waiting"),
    (_K.HANDLES, 1, r"goroutine|open_f|fds?\b|file_desc|sockets|threads"),
    (_K.LOCK, 1, r"lock|deadlock|contention"),
    (_K.BACKLOG, 1, r"lag|backlog|queue_(?:depth|oldest|size|length)|oldest_message|pending|unacked|buffer_used"),
    (_K.CACHE_MISSES, 1, r"cache_miss|miss_(?:rate|ratio)|evictions"),
    (_K.CACHE_MISSES, -1, r"cache_hit|hit_(?:rate|ratio)"),
    (_K.BANDWIDTH, 1, r"network|bytes_(?:sent|out|transmitted)|bandwidth|egress|response_size|payload"),
    (_K.CERTIFICATE, -1, r"cert\w*_(?:expir|valid|days|remaining)|tls_days"),
    (_K.CERTIFICATE, 1, r"tls_handshake_(?:err|fail)|cert\w*_err"),
    (_K.DNS, 1, r"dns|resolv"),
    (_K.PROVIDER, 1, r"provider|third_?party|external_"),
    (_K.AUTHENTICATION, 1, r"auth(?:n|entication)?_(?:fail|err)|401|login_fail"),
    (_K.AUTHORIZATION, 1, r"denied|403|forbidden"),
    (_K.MISSING_DATA, -1, r"result_?count|results?_|rows_returned|records_|items_|completeness|hit_count"),
    (_K.THROUGHPUT_DROP, -1, r"throughput|per_sec|per_min|_rps|requests_|processed|orders|completed|succe|enriched"),
    (_K.SATURATION, 1, r"saturation|utili[sz]ation|queue_depth|used_(?:pct|ratio)"),
    (_K.ERRORS, 1, r"err|fail|5xx|4xx|non_?200|abort"),
    (_K.WRONG_DATA, 1, r"mismatch|discrepan|drift|duplicate|reconcil|incorrect"),
)  # fmt: skip
_METRIC_PATTERNS = tuple((kind, sign, re.compile(pattern, re.I)) for kind, sign, pattern in _METRICS)
_DEMAND = re.compile(
    r"requests?_per|_rps\b|^rps|qps|request_rate|requests_total|http_requests|throughput_rps|calls_per_sec|messages_in",
    re.I,
)
_SPECIFICITY = {
    _K.ERRORS: 0.35, _K.LATENCY: 0.5, _K.SATURATION: 0.4, _K.THROUGHPUT_DROP: 0.3, _K.CPU: 0.5, _K.BACKLOG: 0.4,
    _K.PANIC: 0.7, _K.TIMEOUT: 0.6, _K.NOT_FOUND: 0.8, _K.WRONG_DATA: 0.7, _K.MISSING_DATA: 0.7, _K.OVERLOAD: 0.7,
    _K.CRASH_LOOP: 0.6, _K.CONNECTIVITY: 0.7, _K.BANDWIDTH: 0.6, _K.PROVIDER: 0.9,
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class MetricShift:
    """A metric that rose (+1) or fell (-1) against its baseline; `service` is empty when unknown."""

    name: str
    direction: int
    service: str = ""


@dataclass(frozen=True)
class FaultSignature:
    """What was observed of one fault.

    `kinds`: what the caller already knows. `error_lines`: texts of new or more frequent bad log lines
    with weights (any scale), attribute values included. `metrics`: shifted metrics. `components`:
    affected services, the one that failed first or alerts first in front. `operations`: span or route
    names. `onset`: Unix seconds after which a change comes too late to be the cause, None if unknown.
    """

    kinds: frozenset[SymptomKind] = frozenset()
    error_lines: tuple[tuple[str, float], ...] = ()
    metrics: tuple[MetricShift, ...] = ()
    components: tuple[str, ...] = ()
    operations: tuple[str, ...] = ()
    onset: float | None = None

    @cached_property
    def weights(self) -> Mapping[SymptomKind, float]:
        """How much each kind of symptom is in evidence and how much it tells, in (0, 1]."""
        support = dict.fromkeys(self.kinds, 0.9)
        total = sum(weight for _, weight in self.error_lines if weight > 0) or 1.0
        shares: dict[SymptomKind, float] = {}
        for line, weight in self.error_lines:
            for kind in kinds_of_line(line):
                shares[kind] = shares.get(kind, 0.0) + max(0.0, weight) / total
        for kind, share in shares.items():
            support[kind] = max(support.get(kind, 0.0), min(1.0, 0.5 + share))
        for kind, sure in self._shifted().items():
            support[kind] = max(support.get(kind, 0.0), sure)
        return {kind: sure * _SPECIFICITY.get(kind, 1.0) for kind, sure in support.items()}

    def _shifted(self) -> dict[SymptomKind, float]:
        found: dict[SymptomKind, float] = {}
        for shift in self.metrics:
            for kind in kinds_of_shift(shift):
                found[kind] = max(found.get(kind, 0.0), 0.85)
        risen = {s.service for s in self.metrics if s.direction > 0 and _DEMAND.search(s.name)}
        at_the_symptom = bool(self.components) and self.components[0] in risen
        if at_the_symptom or len(risen) > 1:
            found[SymptomKind.SURGE] = 1.0
        elif risen:
            found[SymptomKind.AMPLIFICATION] = 0.9
        return found


def kinds_of_line(line: str) -> frozenset[SymptomKind]:
    """What a log line complains of; of a line about a callee only that it failed to answer in time or at all."""
    text = line[:2000]
    found = frozenset(kind for kind, pattern in _COMPILED if pattern.search(text))
    if found & {SymptomKind.NULL, SymptomKind.BOUNDS}:
        found -= {SymptomKind.MALFORMED}
    if _VICTIM.search(text) and not found & (OPERATIONAL - {SymptomKind.OVERLOAD}):
        return found & {
            SymptomKind.TIMEOUT,
            SymptomKind.LATENCY,
            SymptomKind.CANCELLED,
            SymptomKind.THROTTLING,
        }
    return found


def kinds_of_shift(shift: MetricShift) -> frozenset[SymptomKind]:
    """What a rise or fall of a metric of that name means."""
    name = "_".join(words(shift.name[:200])) if not re.search(r"[_.]", shift.name) else shift.name.lower()
    return frozenset(
        kind
        for kind, sign, pattern in _METRIC_PATTERNS
        if sign == shift.direction and pattern.search(name.replace(".", "_"))
    )
