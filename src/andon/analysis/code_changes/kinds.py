"""The kinds of effect that a change can have on a running system, and the effect as a value."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from andon.analysis.code_changes.comparison import CodeLine

__all__ = ["INNOCENT", "Effect", "EffectKind", "QuotedLine", "effect"]


class EffectKind(StrEnum):
    """What a change to code or settings does to the program that runs."""

    CALL_REMOVED = "call-removed"
    """A call, registration, initialisation or list entry deleted and not moved elsewhere."""
    GUARD_REMOVED = "guard-removed"
    DEREFERENCE_ADDED = "dereference-added"
    CONDITION_CHANGED = "condition-changed"
    """Operator, boundary or arithmetic changed between the same operands."""
    ERROR_HANDLING_CHANGED = "error-handling-changed"
    VALIDATION_ADDED = "validation-added"
    """Input that was accepted before is refused."""
    TIMEOUT_TIGHTENED = "timeout-tightened"
    TIMEOUT_LOOSENED = "timeout-loosened"
    RETRY_CHANGED = "retry-changed"
    LIMIT_REMOVED = "limit-removed"
    LIMIT_LOWERED = "limit-lowered"
    LIMIT_RAISED = "limit-raised"
    POOL_SHRUNK = "pool-shrunk"
    POOL_GROWN = "pool-grown"
    SCHEDULE_CHANGED = "schedule-changed"
    QUERY_ADDED = "query-added"
    QUERY_IN_LOOP = "query-in-loop"
    BATCH_REMOVED = "batch-removed"
    UNBOUNDED_WORK = "unbounded-work"
    BLOCKING_ADDED = "blocking-added"
    INDEX_REMOVED = "index-removed"
    CACHE_REMOVED = "cache-removed"
    LOCK_ADDED = "lock-added"
    CONCURRENCY_CHANGED = "concurrency-changed"
    RESOURCE_LEAKED = "resource-leaked"
    IDENTIFIER_RENAMED = "identifier-renamed"
    """A field, column, route or key renamed in a contract that another side reads."""
    TABLE_REFERENCED = "table-or-column-referenced"
    SCHEMA_CHANGED = "schema-changed"
    """A migration drops, alters or locks what running code uses."""
    SERIALIZATION_CHANGED = "serialization-changed"
    NUMERIC_TYPE_CHANGED = "numeric-type-changed"
    TIME_HANDLING_CHANGED = "time-handling-changed"
    LOG_VERBOSITY_RAISED = "log-verbosity-raised"
    COMPRESSION_REMOVED = "compression-removed"
    CONFIG_VALUE_CHANGED = "config-value-changed"
    SETTING_REMOVED = "setting-removed"
    PERMISSION_CHANGED = "permission-changed"
    ENDPOINT_CHANGED = "endpoint-or-host-changed"
    CREDENTIAL_CHANGED = "credential-or-certificate-changed"
    HEALTH_CHECK_CHANGED = "health-check-changed"
    DEPENDENCY_BUMPED = "dependency-bumped"
    BEHAVIOUR_CHANGED = "behaviour-changed"
    """Code changed in a way that none of the other kinds describes."""
    REFACTOR = "refactor"
    RENAME_LOCAL = "rename-local"
    FEATURE_ADDED = "feature-added"
    GUARD_ADDED = "guard-added"
    COMMENT_OR_DOCS = "comment-or-docs"
    TEST_ONLY = "test-only"
    STYLE_ONLY = "style-only"
    BUILD_ONLY = "build-only"
    LOGGING_ONLY = "logging-only"
    UNREAD = "unread"
    """The source gave no diff, or one without a changed line."""


INNOCENT = frozenset(
    {
        EffectKind.REFACTOR,
        EffectKind.RENAME_LOCAL,
        EffectKind.FEATURE_ADDED,
        EffectKind.GUARD_ADDED,
        EffectKind.COMMENT_OR_DOCS,
        EffectKind.TEST_ONLY,
        EffectKind.STYLE_ONLY,
        EffectKind.BUILD_ONLY,
        EffectKind.LOGGING_ONLY,
        EffectKind.UNREAD,
    }
)
"""Kinds that by themselves do not break what worked before."""


@dataclass(frozen=True, slots=True)
class QuotedLine:
    """A line of the diff, marker included; `number` counts from 1 in the diff text."""

    number: int
    text: str


@dataclass(frozen=True, slots=True)
class Effect:
    """What a change can do: `strength` in [0, 1], the lines that show it, the tokens that it touches.

    `detail` says it in a few words, `5s to 300ms`.
    """

    kind: EffectKind
    strength: float
    file: str
    lines: tuple[QuotedLine, ...]
    tokens: frozenset[str]
    detail: str = ""


def effect(kind: EffectKind, strength: float, detail: str, *lines: CodeLine) -> Effect:
    """The effect that the given lines, at least one, show."""
    from_lines = {token for line in lines for token in (*line.identifiers, *line.strings)}
    numbers = {word for line in lines for word in line.words if word.isdigit()}
    return Effect(
        kind,
        min(1.0, max(0.0, strength)),
        lines[0].file,
        tuple(QuotedLine(line.source.number, line.source.verbatim) for line in lines[:6]),
        frozenset(from_lines | numbers),
        detail,
    )
