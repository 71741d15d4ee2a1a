"""Effects on what a process holds: handles, memory, caches, locks, threads, log volume."""

from __future__ import annotations

import re
from collections.abc import Iterator

from andon.analysis.code_changes.comparison import CodeLine, Comparison, Section
from andon.analysis.code_changes.kinds import Effect, EffectKind, effect
from andon.analysis.code_changes.lexemes import condition
from andon.analysis.code_changes.statement_effects import CODE

__all__ = ["resource_effects"]

_RELEASES = frozenset(
    "close release unlock runlock cancel stop dispose shutdown free disconnect unsubscribe rollback unregister "
    "removelistener removeeventlistener cleartimeout clearinterval drain returnconnection putconn quit detach".split()
)
_EVICTS = re.compile(
    r"evict|expire|max_?size|max_?entries|\blru\b|\bttl\b|prune|\.delete\(|\bdelete\(|cleanup|purge|truncate|rotate",
    re.I,
)
_SCOPED = re.compile(r"^\s*with\s|^\s*(?:async\s+)?with\s|\btry\s*\(|\busing\s*\(|\bdefer\b")
_OPENS = re.compile(
    r"\b(?:http\.Client\{|sql\.Open\(|grpc\.(?:Dial|NewClient)\(|redis\.NewClient\(|create_engine\(|MongoClient\(|new\s+\w{0,40}"
    r"(?:Client|Pool|Connection|DataSource|Session|HttpClient|PrismaClient)\(|psycopg2?\.connect\(|requests\.Session\(|"
    r"boto3\.client\(|open\(|aiohttp\.ClientSession\(|httpx\.(?:Async)?Client\(|DriverManager\.getConnection\()"
)
_GROWS = re.compile(
    r"\b(?:self\._?|this\.|global\.|window\.|static\s+)?(\w{0,40}(?:cache|history|registry|seen|buffer|pending|entries|listeners|"
    r"handlers|sessions|store|queue|log|events|results)\w{0,10})(?:\.(?:push|append|add|put|set|offer)\(|\[[^\]]{1,60}\]\s*=[^=]|\s*=\s*append\()",
    re.I,
)
_ASSIGNED = re.compile(r"\s*(?:var\s|let\s|const\s)?\s*(\w{1,80})\s*:?=[^=]")
_LISTENS = re.compile(r"\.addEventListener\(|\.on\(['\"]|setInterval\(|\.addListener\(")
_CACHES = re.compile(r"cache|memoi[sz]e|\bredis\b|memcache|singleflight", re.I)
_CACHE_USES = re.compile(
    r"get|set|load|store|put|fetch|has|contains|lookup|lru|memo|able|through|@|add|do\b", re.I
)
_LOCKS = re.compile(
    r"\.(?:R?Lock|lock|acquire|tryLock|writeLock)\(|\bsynchronized\b|\bFOR\s+UPDATE\b|\bLOCK\s+TABLES?\b|with_for_update|"
    r"\bwith\s+\w*lock\w*:|select_for_update|SERIALIZABLE|\bMutex\b|@Transactional\(.{0,60}SERIALIZABLE"
)
_SPAWNS = re.compile(
    r"\bgo\s+(?:func\b|\w[\w.]{0,80}\()|\bnew\s+Thread\(|Thread\(target|\.submit\(|asyncio\.(?:create_task|gather)|ensure_future|"
    r"Promise\.all|CompletableFuture|\bspawn\(|newCachedThreadPool|ForkJoinPool|parallelStream|errgroup|WaitGroup"
)
_UNLOCKED = re.compile(
    r"\.(?:R?Lock|lock|acquire)\(|\bsynchronized\b|\batomic\b|\bAtomic\w+|ConcurrentHashMap|sync\.Map|\bvolatile\b"
)
_LEVELS = ("trace", "debug", "info", "notice", "warn", "warning", "error", "fatal", "critical")
_LOG_CALL = re.compile(
    r"(?:\blog\w{0,12}\.|\bLOG_|\bslog\.|\bconsole\.|\blogging\.|\bLog\.)(trace|debug|info|notice|warn(?:ing)?|error|fatal|critical)\b",
    re.I,
)
_LEVEL_SET = re.compile(
    r"(?:set_?level|level|verbosity)\W{1,4}(?:\w{1,20}\.){0,2}\"?'?(?:Level)?(trace|debug|info|notice|warn(?:ing)?|error|fatal|critical)\b",
    re.I,
)
_COMPRESSES = re.compile(r"gzip|compress|brotli|zstd|snappy|deflate", re.I)


def resource_effects(comparison: Comparison) -> Iterator[Effect]:
    """What changes in acquiring, holding and releasing can do."""
    for section in comparison.sections:
        if section.role in CODE:
            yield from _leaks(section, comparison)
            yield from _growth(section)
            yield from _openings(section)
            yield from _vanished(section)
            yield from _contention(section, comparison)
            yield from _verbosity(section)


def _leaks(section: Section, comparison: Comparison) -> Iterator[Effect]:
    for line in section.removed:
        released = [name for name in line.calls if name.rpartition(".")[2].lower() in _RELEASES]
        if released and not any(comparison.calls_again(name) for name in released):
            yield effect(EffectKind.RESOURCE_LEAKED, 0.92, f"{released[0]} gone", line)
    for pair in section.pairs:
        if (
            _SCOPED.search(pair.before.code)
            and not _SCOPED.search(pair.after.code)
            and set(pair.before.calls) & set(pair.after.calls)
        ):
            yield effect(
                EffectKind.RESOURCE_LEAKED, 0.88, "no longer closed by its scope", pair.before, pair.after
            )


def _growth(section: Section) -> Iterator[Effect]:
    evicted = [line for line in section.removed if _EVICTS.search(line.code)]
    if evicted and not any(_EVICTS.search(line.code) for line in section.added):
        yield effect(EffectKind.RESOURCE_LEAKED, 0.75, "eviction gone", *evicted)
    if any(_EVICTS.search(line.code) for line in section.after):
        return
    local = {match.group(1) for line in section.after if (match := _ASSIGNED.match(line.code))}
    for line in section.added:
        grown = _GROWS.search(line.code)
        if grown and grown.group(1) not in local:
            yield effect(EffectKind.RESOURCE_LEAKED, 0.6, f"{grown.group(1)} grows without a bound", line)


def _openings(section: Section) -> Iterator[Effect]:
    """Handles opened at each call, and listeners, that nothing in sight gives back."""
    after = {name.rpartition(".")[2].lower() for line in section.after for name in line.calls}
    replaced = any(_OPENS.search(line.code) for line in section.removed)
    listened = any(_LISTENS.search(line.code) for line in section.before)
    for line in section.added:
        inside = line.code[:1].isspace() and not _SCOPED.search(line.code)
        if inside and not replaced and not after & _RELEASES and _OPENS.search(line.code):
            yield effect(EffectKind.RESOURCE_LEAKED, 0.65, "opened at each call, never closed", line)
        if not listened and not after & _RELEASES and _LISTENS.search(line.code):
            yield effect(EffectKind.RESOURCE_LEAKED, 0.4, "listener never removed", line)


def _vanished(section: Section) -> Iterator[Effect]:
    cached = [
        line for line in section.removed
        if (_CACHES.search(line.code) and _CACHE_USES.search(line.code) and line.calls)
    ]  # fmt: skip
    if cached and not any(_CACHES.search(line.code) for line in section.added):
        yield effect(EffectKind.CACHE_REMOVED, 0.85, "cache gone", *cached)
    packed = [line for line in section.removed if _COMPRESSES.search(line.code)]
    if packed and not any(_COMPRESSES.search(line.code) for line in section.added):
        yield effect(EffectKind.COMPRESSION_REMOVED, 0.85, "compression gone", *packed)


def _contention(section: Section, comparison: Comparison) -> Iterator[Effect]:
    locked = any(_LOCKS.search(line.code) for line in comparison.removed)
    for line in section.added:
        if _LOCKS.search(line.code) and not locked:
            yield effect(EffectKind.LOCK_ADDED, 0.7, "takes a lock", line)
        if _SPAWNS.search(line.code) and not any(_SPAWNS.search(old.code) for old in section.removed):
            yield effect(
                EffectKind.CONCURRENCY_CHANGED, 0.75 if line.looped else 0.5, "starts concurrent work", line
            )
    for line in section.removed:
        if _UNLOCKED.search(line.code) and not any(_UNLOCKED.search(other.code) for other in section.added):
            yield effect(EffectKind.CONCURRENCY_CHANGED, 0.8, "no longer synchronised", line)
    for pair in section.pairs:
        dropped = "await" in re.findall(r"\w+", pair.before.code) and "await" not in re.findall(
            r"\w+", pair.after.code
        )
        if dropped and set(pair.before.calls) & set(pair.after.calls):
            yield effect(EffectKind.CONCURRENCY_CHANGED, 0.85, "no longer awaited", pair.before, pair.after)
    awaited = [
        line for line in section.removed if re.search(r"Promise\.all|gather\(|errgroup|parallel", line.code)
    ]
    if awaited and any(line.looped and "await" in line.code for line in section.added):
        yield effect(EffectKind.QUERY_IN_LOOP, 0.85, "one after another instead of together", *awaited)


def _verbosity(section: Section) -> Iterator[Effect]:
    for pair in section.pairs:
        before, after = _level(pair.before), _level(pair.after)
        if before is not None and after is not None and after != before:
            set_globally = bool(_LEVEL_SET.search(pair.after.code))
            if before < _LEVELS.index("info") <= after and not set_globally:
                yield effect(
                    EffectKind.LOG_VERBOSITY_RAISED, 0.4, "logged at a higher level", pair.before, pair.after
                )
            elif after < before and set_globally:
                yield effect(
                    EffectKind.LOG_VERBOSITY_RAISED, 0.9, "log level lowered", pair.before, pair.after
                )
    for line in section.added:
        if line.looped and _LOG_CALL.search(line.code) and not condition(line.code):
            yield effect(EffectKind.LOG_VERBOSITY_RAISED, 0.55, "logs each turn of a loop", line)


def _level(line: CodeLine) -> int | None:
    found = _LEVEL_SET.search(line.code) or _LOG_CALL.search(line.code)
    return _LEVELS.index(found.group(1).lower()) if found else None
