"""Effects on data access: queries in loops, batches, bounds, indices, tables, migrations."""

from __future__ import annotations

import re
from collections.abc import Iterator

from andon.analysis.code_changes.comparison import CodeLine, Comparison, Section
from andon.analysis.code_changes.file_roles import FileRole
from andon.analysis.code_changes.kinds import Effect, EffectKind, effect
from andon.analysis.code_changes.lexemes import definition, words
from andon.analysis.code_changes.statement_effects import CODE, trivial_call

__all__ = ["data_effects", "remote_call"]

_VERBS = frozenset(
    "query execute exec fetch find load get read lookup save insert update delete put post patch send publish call request "
    "invoke select scan list count search retrieve resolve write upsert persist store download upload check".split()
)
_REMOTE = frozenset(
    "db database repo repository dao store client conn connection session cursor sql jdbc redis mongo dynamo dynamodb s3 "
    "sqs sns kafka grpc stub http https requests axios api service gateway catalog tx pool elastic bucket table queryset "
    "objects rest template feign proxy remote cassandra es".split()
)
_ALWAYS_REMOTE = re.compile(
    r"\b(?:fetch|QueryRow(?:Context)?|QueryContext|ExecContext|execute_sql|executeQuery|getForObject|findById|find_by_id|"
    r"PutItem|GetItem|put_item|get_item|GetObject|SendMessage|query_one|fetchone|fetchrow)\("
)
_CONTEXT_ARGUMENT = re.compile(
    r"(?<!context)\.(?!With)[A-Z]\w{0,60}\(\s*(?:ctx|\w{0,20}Ctx|r\.Context\(\)|context\.\w+\(\)|ctx\.\w+\(\))\s*[,)]"
)
_SQL = re.compile(r"\b(?:SELECT\b.{0,300}\bFROM|INSERT\s+INTO|UPDATE\s+\w+\s+SET|DELETE\s+FROM)\b", re.I)
_EAGER = re.compile(
    r"\b(?:select_related|prefetch_related|joinedload|selectinload|subqueryload|includes|eager_load|preload|Preload|"
    r"EntityGraph|DataLoader|dataloader)\b|JOIN FETCH|FetchType\.EAGER|FetchMode\.JOIN|\beager\b"
)
_BATCHED = frozenset(
    "batch batched bulk chunk chunked chunks multi pipeline mget mset executemany many batcher dataloader".split()
)
_BOUND = re.compile(
    r"\bLIMIT\b|\.limit\(|\.Limit\(|\btake\(|\bfirst\(|\bTOP\s+\d|FETCH\s+FIRST|\bROWNUM\b|page_?size|per_?page|max_?results|"
    r"setMaxResults|LimitReader|MaxBytesReader|\.slice\(0|\[:\w{1,30}\]|\bpaginate\b|Pageable|\bmaxlen\b|max_?length|max_?bytes",
    re.I,
)
_FILTER = re.compile(r"\bWHERE\b|\.where\(|\.filter\(|\.Where\(|filter_by\(|\bHAVING\b")
_WIDE = re.compile(
    r"\.all\(\)|findAll\(|find_all\(|ReadAll\(|readlines\(\)|SELECT \*|LIKE\s+['\"]?%|\.toArray\(\)|scan\(\)|CROSS JOIN|"
    r"\bwhile\s*\(?\s*[Tt]rue\b|for\s*\(\s*;\s*;\s*\)|\.fetchall\(\)"
)
_NESTED_QUANTIFIER = re.compile(r"\((?:[^()\\]|\\.){0,60}[+*]\)[+*]|\((?:[^()\\]|\\.){0,60}[+*]\)\{\d")
_TABLE = re.compile(
    r"\b(?:FROM|JOIN|INTO|UPDATE|TABLE(?: IF NOT EXISTS)?)\s+[\"`]?([A-Za-z_][\w.]{2,80})", re.I
)
_DECLARED = re.compile(
    r"\bCREATE\s+(?:TABLE|VIEW|MATERIALIZED VIEW)\b|create_table\(|createTable\(|op\.create_table", re.I
)
_COLUMN_DECLARED = re.compile(r"__tablename__|@Table\(|@Column\(|\bColumn\(|models\.\w{1,30}Field\(")
_INDEX = re.compile(
    r"\bCREATE\s+(?:UNIQUE\s+)?INDEX\b|@Index\b|db_index=True|index=True|add_index|addIndex|createIndex|CreateIndex|ensureIndex|\bindex:\s*true"
)
_INDEX_DROPPED = re.compile(r"\bDROP\s+INDEX\b|remove_index|drop_index|dropIndex|DropIndex", re.I)
_DROPPED = re.compile(
    r"\bDROP\s+(?:TABLE|COLUMN|VIEW)\b|\bRENAME\s+(?:COLUMN|TO)\b|drop_column|remove_column|rename_column|drop_table|RemoveField|RenameField",
    re.I,
)
_REWRITES = re.compile(
    r"\bALTER\s+TABLE\b|\bNOT\s+NULL\b|\bALTER\s+COLUMN\b|\bCREATE\s+(?:UNIQUE\s+)?INDEX\b(?!\s+CONCURRENTLY)|\bVACUUM\s+FULL\b|\bREINDEX\b",
    re.I,
)
_NOT_TABLES = frozenset("select set values the where stdin dual if exists not concurrently only".split())


def data_effects(comparison: Comparison) -> Iterator[Effect]:
    """What changed reads and writes can do to stores and to those who wait for them."""
    yield from _batches_removed(comparison)
    for section in comparison.sections:
        if section.role in CODE:
            yield from _queries_added(section, comparison)
            yield from _bounds_removed(section)
            yield from _work_added(section)
        if section.role is FileRole.MIGRATION or section.role in CODE:
            yield from _schema_changed(section)
    yield from _tables_referenced(comparison)


def remote_call(line: CodeLine) -> float:
    """How surely the line waits for another process, 0 to 1."""
    named = [name for name in line.calls if not trivial_call(name)]
    if not named or definition(line.code):
        return 0.0
    if _ALWAYS_REMOTE.search(line.code) or _CONTEXT_ARGUMENT.search(line.code) or _SQL.search(line.code):
        return 1.0
    best = 0.0
    for name in named:
        receiver, _, last = name.rpartition(".")
        verb = bool(set(words(last)[:1]) & _VERBS)
        remote = bool(set(words(receiver)) & _REMOTE)
        best = max(best, 0.95 if verb and remote else 0.0)
    return max(best, 0.9 if re.search(r"\bawait\s+[A-Za-z_]", line.code) else 0.0)


def _queries_added(section: Section, comparison: Comparison) -> Iterator[Effect]:
    known = {
        name.lower() for other in section.before if other.looped or _maps_over(other) for name in other.calls
    }
    once = {
        name.rpartition(".")[2].lower()
        for line in comparison.removed
        if not line.looped
        for name in line.calls
    }
    for line in section.added:
        sure = remote_call(line)
        if not sure:
            continue
        if (line.looped or _maps_over(line)) and not {name.lower() for name in line.calls} <= known:
            yield effect(EffectKind.QUERY_IN_LOOP, sure * 0.95, "a remote call per turn of a loop", line)
        elif not {name.rpartition(".")[2].lower() for name in line.calls} & once:
            replaced = any(remote_call(old) for old in section.removed)
            yield effect(EffectKind.QUERY_ADDED, sure * (0.3 if replaced else 0.5), "a new remote call", line)
    for line in section.removed:
        if _EAGER.search(line.code) and not any(_EAGER.search(other.code) for other in section.added):
            yield effect(EffectKind.QUERY_IN_LOOP, 0.85, "related rows no longer loaded together", line)


def _maps_over(line: CodeLine) -> bool:
    return bool(
        re.search(
            r"\.(?:map|forEach|flatMap)\(.{1,300}\(|[\[(].{0,200}\(.{1,200}\bfor\s+\w+\s+in\s", line.code
        )
    )


def _batches_removed(comparison: Comparison) -> Iterator[Effect]:
    after = {word for line in comparison.added for word in line.words}
    for section in comparison.sections:
        if section.role not in CODE:
            continue
        gone = [
            line
            for line in section.removed
            if any(_BATCHED & set(words(name)) for name in line.calls) and not _BATCHED & after & line.words
        ]
        single = next((line for line in section.added if remote_call(line)), None)
        if gone and single is not None:
            yield effect(EffectKind.BATCH_REMOVED, 0.95, "one call an item instead of batches", single, *gone)
        elif gone:
            yield effect(EffectKind.BATCH_REMOVED, 0.6, "batching gone", *gone)


def _bounds_removed(section: Section) -> Iterator[Effect]:
    for pattern, kind, strength, detail in (
        (_BOUND, EffectKind.LIMIT_REMOVED, 0.95, "limit gone"),
        (_FILTER, EffectKind.UNBOUNDED_WORK, 0.7, "filter gone"),
    ):
        had = [line for line in section.removed if pattern.search(line.code)]
        if had and not any(pattern.search(line.code) for line in section.added):
            yield effect(kind, strength, detail, *had)


def _work_added(section: Section) -> Iterator[Effect]:
    before = {m for line in section.removed for m in _WIDE.findall(line.code)}
    for line in section.added:
        if set(_WIDE.findall(line.code)) - before:
            yield effect(EffectKind.UNBOUNDED_WORK, 0.5, "reads without a bound", line)
        if _NESTED_QUANTIFIER.search(line.code) and not any(
            _NESTED_QUANTIFIER.search(old.code) for old in section.removed
        ):
            yield effect(EffectKind.UNBOUNDED_WORK, 0.9, "nested quantifiers in a regular expression", line)
        if re.search(
            r"\b(?:[Tt]ime\.)?[Ss]leep\(|Thread\.sleep|\bSync\(|\w+Sync\(|\.block\(\)|\.Wait\(\)|\.Result\b|\.join\(\)$",
            line.code,
        ) and not ({name for old in section.removed for name in old.calls} & set(line.calls)):
            yield effect(EffectKind.BLOCKING_ADDED, 0.75, "blocks the caller", line)


def _schema_changed(section: Section) -> Iterator[Effect]:
    for line in section.removed:
        if _INDEX.search(line.code) and not any(_INDEX.search(other.code) for other in section.added):
            yield effect(EffectKind.INDEX_REMOVED, 0.9, "index declaration gone", line)
    for line in section.added:
        if _INDEX_DROPPED.search(line.code):
            yield effect(EffectKind.INDEX_REMOVED, 0.95, "index dropped", line)
        elif section.role is FileRole.MIGRATION and _DROPPED.search(line.code):
            yield effect(EffectKind.SCHEMA_CHANGED, 0.9, "table or column dropped or renamed", line)
        elif (
            section.role is FileRole.MIGRATION
            and _REWRITES.search(line.code)
            and not _DECLARED.search(line.code)
        ):
            yield effect(EffectKind.LOCK_ADDED, 0.65, "migration locks or rewrites a table", line)


def _tables_referenced(comparison: Comparison) -> Iterator[Effect]:
    """Tables that queries newly name, unless the same change creates them."""
    created = {
        table.lower()
        for line in comparison.added
        if _DECLARED.search(line.code)
        for table in (*_TABLE.findall(line.code), *line.strings)
    }
    known = {
        table.lower()
        for section in comparison.sections
        for line in section.before
        for table in _TABLE.findall(line.code)
    }
    for line in comparison.added:
        if line.role not in CODE or line.role is FileRole.MIGRATION or _DECLARED.search(line.code):
            continue
        if not (_SQL.search(line.code) or _COLUMN_DECLARED.search(line.code) or _sql_part(line)):
            continue
        new = [
            table
            for table in (
                *_TABLE.findall(line.code),
                *(line.strings if _COLUMN_DECLARED.search(line.code) else ()),
            )
            if table.lower() not in known | created | _NOT_TABLES
        ]
        if new:
            strength = 0.2 if created else 0.75
            yield effect(EffectKind.TABLE_REFERENCED, strength, f"refers to {new[0]}", line)


def _sql_part(line: CodeLine) -> bool:
    """A line of a query that spans several, told by an upper-case keyword at its start."""
    return bool(re.match(r"\s*[\"'`]?(?:FROM|JOIN|LEFT JOIN|INNER JOIN|INSERT INTO|UPDATE)\s+\w", line.code))
