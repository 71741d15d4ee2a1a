"""Effects on agreements between programs: names, encodings, number types, times."""

from __future__ import annotations

import re
from collections.abc import Iterator

from andon.analysis.code_changes.comparison import CodeLine, Comparison, Pair, Section
from andon.analysis.code_changes.file_roles import FileRole
from andon.analysis.code_changes.kinds import Effect, EffectKind, effect
from andon.analysis.code_changes.lexemes import normal, setting, words
from andon.analysis.code_changes.statement_effects import CODE, trivial_call

__all__ = ["contract_effects"]

_NAME = re.compile(r"[\w./:{}*$@-]{2,80}")
_HEX_OR_VERSION = re.compile(r"#[0-9a-fA-F]{3,8}|v?\d+(?:[.\d-]+)\w*|\d+(?:px|rem|em|%)")
_PROTO_FIELD = re.compile(
    r"\s*(?:repeated\s+|optional\s+|required\s+)?[\w.<>, ]{1,80}\s(\w+)\s*=\s*(\d+)\s*[;\[]?"
)
_PROTO_ENUM = re.compile(r"\s*([A-Z][A-Z0-9_]{1,60})\s*=\s*(\d+)")
_SERIALIZES = re.compile(
    r"[Mm]arshal|[Ss]erializ|[Ee]ncod|[Dd]ecod|\bjson\b|\bJSON\b|omitempty|[Pp]ickle|[Aa]vro|[Pp]rotobuf|[Cc]odec|charset|utf-?8|content-?type",
    re.I,
)
_STRICTER = re.compile(
    r"DisallowUnknownFields|FAIL_ON_UNKNOWN|additionalProperties|extra\s*=\s*[\"']?forbid|\bstrict\s*[=:(]\s*(?:true|\)|1)|\.strict\(\)",
    re.I,
)
_WIDE = re.compile(
    r"\b(?:int64|uint64|long|Long|bigint|BIGINT|BigInteger|BigDecimal|Decimal|decimal|BigInt|float64|double|i64|u64|DECIMAL|NUMERIC)\b"
)
_NARROW = re.compile(
    r"\b(?:int32|uint32|int16|uint8|int8|int|Integer|INTEGER|INT|float|float32|Float|Number|parseInt|parseFloat|short|i32|u32|REAL|FLOAT|SMALLINT)\b"
)
_TIMES = re.compile(
    r"\butc\b|timezone|\btz\b|tzinfo|localtime|LoadLocation|ZoneId|ZoneOffset|LocalDateTime|OffsetDateTime|utcnow|UnixMilli|strftime|strptime|toISOString|\.UTC\(\)|\.In\(|epoch|Unix\(\)|dayjs|moment",
    re.I,
)


def contract_effects(comparison: Comparison) -> Iterator[Effect]:
    """What changed names and encodings can do to the other side that still uses the old ones."""
    for section in comparison.sections:
        if section.role not in CODE:
            continue
        for pair in section.pairs:
            yield from _renamed(pair, section, comparison)
            yield from _encoded_otherwise(pair)
        if section.file.endswith(".proto"):
            yield from _fields(section)
        for line in section.added:
            if _STRICTER.search(line.code):
                yield effect(EffectKind.SERIALIZATION_CHANGED, 0.75, "stricter reading", line)


def _renamed(pair: Pair, section: Section, comparison: Comparison) -> Iterator[Effect]:
    for old, new in _name_changes(pair):
        still_used = old in comparison.texts_after
        twice = comparison.texts_removed[old] > 1 and not still_used
        contract = section.role in (FileRole.SCHEMA, FileRole.MIGRATION)
        strength = 0.95 if still_used else 0.3 if twice else 0.85 if contract else 0.65
        yield effect(EffectKind.IDENTIFIER_RENAMED, strength, f"{old} to {new}", pair.before, pair.after)


def _name_changes(pair: Pair) -> Iterator[tuple[str, str]]:
    """Names in literals, or keys of settings, that differ between two otherwise alike lines."""
    if any(trivial_call(name) and "." in name for name in pair.after.calls):
        return
    before, after = pair.before.strings, pair.after.strings
    if len(before) == len(after):
        for old, new in zip(before, after, strict=True):
            if old not in after and new not in before and _is_name(old) and _is_name(new):
                yield old, new
    keys = setting(pair.before.code), setting(pair.after.code)
    if pair.before.role is FileRole.SCHEMA and keys[0] is not None and keys[1] is not None:
        (old, same), (new, other) = keys[0], keys[1]
        if old != new and normal(same) == normal(other) and old not in before:
            yield old, new


def _is_name(text: str) -> bool:
    return (
        bool(_NAME.fullmatch(text)) and not _HEX_OR_VERSION.fullmatch(text) and any(c.isalpha() for c in text)
    )


def _encoded_otherwise(pair: Pair) -> Iterator[Effect]:
    before, after = pair.before.code, pair.after.code
    if (
        _WIDE.findall(before)
        and _NARROW.findall(after)
        and len(_WIDE.findall(after)) < len(_WIDE.findall(before))
    ):
        yield effect(EffectKind.NUMERIC_TYPE_CHANGED, 0.85, "narrower number type", pair.before, pair.after)
    if _TIMES.findall(before) != _TIMES.findall(after):
        yield effect(
            EffectKind.TIME_HANDLING_CHANGED,
            0.8,
            "time zone or clock handled otherwise",
            pair.before,
            pair.after,
        )
    coded = _coding_words(pair.before), _coding_words(pair.after)
    if all(coded) and coded[0] != coded[1]:
        yield effect(EffectKind.SERIALIZATION_CHANGED, 0.6, "encoded otherwise", pair.before, pair.after)


def _coding_words(line: CodeLine) -> frozenset[str]:
    """What the line encodes or decodes with, helpers named after it counted as the same."""
    coded = [name for name in line.calls if _SERIALIZES.search(name)]
    return (
        frozenset(word for name in coded for word in words(name) if _SERIALIZES.fullmatch(word))
        if coded
        else frozenset()
    )


def _fields(section: Section) -> Iterator[Effect]:
    """Field numbers are the wire format of protocol buffers: moved or reused ones break readers."""
    before = {m.group(1): (m.group(2), line) for line in section.removed if (m := _field(line))}
    numbers = {number for number, _ in before.values()}
    for line in section.added:
        match = _field(line)
        if not match:
            continue
        name, number = match.groups()
        if name in before and before[name][0] != number:
            detail = f"field {name} renumbered {before[name][0]} to {number}"
            yield effect(EffectKind.SERIALIZATION_CHANGED, 0.95, detail, before[name][1], line)
        elif name not in before and number in numbers:
            yield effect(
                EffectKind.SERIALIZATION_CHANGED, 0.7, f"field number {number} reused for {name}", line
            )
        elif _PROTO_ENUM.match(line.code):
            yield effect(EffectKind.SERIALIZATION_CHANGED, 0.65, f"new enumeration value {name}", line)
    after = {match.group(1) for line in section.added if (match := _field(line))}
    for name, (_, line) in before.items():
        if name not in after:
            yield effect(EffectKind.SERIALIZATION_CHANGED, 0.7, f"field {name} gone", line)


def _field(line: CodeLine) -> re.Match[str] | None:
    return _PROTO_ENUM.match(line.code) or _PROTO_FIELD.match(line.code)
