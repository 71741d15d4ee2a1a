"""Effects of changed settings: configuration, infrastructure, manifests, dependencies."""

from __future__ import annotations

import re
from collections.abc import Iterator

from andon.analysis.code_changes.comparison import CodeLine, Comparison, Section
from andon.analysis.code_changes.file_roles import FileRole
from andon.analysis.code_changes.kinds import Effect, EffectKind, effect
from andon.analysis.code_changes.lexemes import setting, words
from andon.analysis.code_changes.numeric_effects import parents

__all__ = ["setting_effects"]

_SETTINGS = (FileRole.CONFIG, FileRole.INFRASTRUCTURE, FileRole.BUILD)
_MEANING = (
    (
        EffectKind.HEALTH_CHECK_CHANGED,
        "probe readiness liveness readinessprobe livenessprobe startupprobe health healthcheck healthz",
    ),
    (
        EffectKind.PERMISSION_CHANGED,
        (
            "policy policies permission permissions role roles rbac acl action actions scope scopes allow deny grant grants iam "
            "principal ingress egress cidr firewall verbs audience"
        ),
    ),
    (
        EffectKind.CREDENTIAL_CHANGED,
        "cert certificate certificates tls ssl secret secrets token password passwd key ca issuer keystore truststore insecure verify x509 jwks",
    ),
    (EffectKind.SCHEDULE_CHANGED, "cron schedule"),
    (
        EffectKind.ENDPOINT_CHANGED,
        (
            "host hostname hosts url uri endpoint endpoints addr address port region bucket topic queue dsn broker brokers "
            "bootstrap server servers nameserver dns domain database dbname zone cluster namespace upstream origin table index target"
        ),
    ),
    (EffectKind.LOG_VERBOSITY_RAISED, "loglevel verbosity verbose debug trace"),
    (EffectKind.COMPRESSION_REMOVED, "compression gzip compress"),
    (EffectKind.CACHE_REMOVED, "cache caching"),
)
_BY_WORD = {word: kind for kind, listed in reversed(_MEANING) for word in listed.split()}
_LEVELS = ("trace", "debug", "info", "notice", "warn", "warning", "error", "fatal", "critical", "off")
_OFF = frozenset(("false", "off", "no", "0", "none", "disabled", "null"))
_ON = frozenset(("true", "on", "yes", "1", "enabled"))
_ADDRESS = re.compile(
    r"https?://|\w+://|\b\d{1,3}(?:\.\d{1,3}){3}\b|\b[\w-]+(?:\.[\w-]+){1,8}\.[a-z]{2,12}(?::\d+)?\b|^/\w"
)
_VERSION = re.compile(r"v?(\d+)\.(\d+)(?:\.(\d+))?")
_TLS_OFF = re.compile(
    r"InsecureSkipVerify|verify\s*=\s*False|rejectUnauthorized|CERT_NONE|trustAll|ALLOW_ALL_HOSTNAME|load_verify_locations|MinVersion|RootCAs|ssl_?mode",
    re.I,
)
_GRANTS = re.compile(
    r"\bscopes\b|required_?scope|permission|requireRole|hasRole|hasAuthority|@PreAuthorize|@Secured|\bauthorize|\"\w+:[A-Z]\w+\"|\bALLOWED_|allow_?list|IsAuthenticated",
    re.I,
)


def setting_effects(comparison: Comparison) -> Iterator[Effect]:
    """What changed, added and removed settings and dependency versions can do."""
    for section in comparison.sections:
        if section.role in _SETTINGS:
            yield from _values(section)
        elif section.role is FileRole.DEPENDENCY:
            yield from _bumps(section)
        elif section.role in (FileRole.SOURCE, FileRole.OTHER):
            yield from _in_code(section)


def _values(section: Section) -> Iterator[Effect]:
    paired = set()
    for pair in section.pairs:
        paired |= {id(pair.before), id(pair.after)}
        old, new = setting(pair.before.code), setting(pair.after.code)
        if old and new and old[0] != new[0]:
            yield effect(
                EffectKind.IDENTIFIER_RENAMED, 0.75, f"{old[0]} to {new[0]}", pair.before, pair.after
            )
        elif _without_digits(pair.before.code) != _without_digits(pair.after.code) or _is_address(pair.after):
            yield from _value(section, pair.before, pair.after)
    for line in section.removed:
        if id(line) not in paired and section.deleted(line):
            kind = _meaning(section, line) or EffectKind.SETTING_REMOVED
            if kind in (EffectKind.LOG_VERBOSITY_RAISED, EffectKind.ENDPOINT_CHANGED):
                kind = EffectKind.SETTING_REMOVED
            yield effect(kind, 0.75, "setting removed", line)
    for line in section.added:
        meaning = _meaning(section, line)
        if id(line) not in paired and meaning in (
            EffectKind.PERMISSION_CHANGED,
            EffectKind.HEALTH_CHECK_CHANGED,
            EffectKind.SCHEDULE_CHANGED,
        ):
            yield effect(meaning, 0.55, "setting added", line)


def _value(section: Section, before: CodeLine, after: CodeLine) -> Iterator[Effect]:
    old, new = (_bare(line) for line in (before, after))
    detail = f"{old[:40]} to {new[:40]}"
    if old in _LEVELS and new in _LEVELS:
        if _LEVELS.index(new) < _LEVELS.index(old):
            yield effect(EffectKind.LOG_VERBOSITY_RAISED, 0.95, detail, before, after)
        return
    meaning = _meaning(section, after)
    switched = (old in _ON and new in _OFF) or (old in _OFF and new in _ON)
    if meaning is EffectKind.LOG_VERBOSITY_RAISED and switched:
        strength = 0.9 if new in _ON else 0.1
    elif meaning in (EffectKind.COMPRESSION_REMOVED, EffectKind.CACHE_REMOVED):
        strength = 0.85 if new in _OFF else 0.1
    elif meaning:
        strength = 0.85
    elif _is_address(after):
        meaning, strength = EffectKind.ENDPOINT_CHANGED, 0.85
    else:
        strength = 0.7 if switched else 0.6
    yield effect(meaning or EffectKind.CONFIG_VALUE_CHANGED, strength, detail, before, after)


def _bare(line: CodeLine) -> str:
    found = setting(line.code)
    return (found[1] if found else line.code.strip().lstrip("- ")).strip("\"' ").lower()


def _is_address(line: CodeLine) -> bool:
    return bool(_ADDRESS.search(_bare(line)))


def _without_digits(code: str) -> str:
    return re.sub(r"\d+", "0", code)


def _meaning(section: Section, line: CodeLine) -> EffectKind | None:
    found = setting(line.code)
    own = [words(found[0])] if found else [words(line.code)]
    around = [words(parent) for parent in parents(section, line)] + [words(section.heading)]
    for i, name_words in enumerate((*own, *around)):
        kinds = [_BY_WORD[word] for word in name_words if word in _BY_WORD]
        if i >= len(own):
            kinds = [kind for kind in kinds if kind is not EffectKind.ENDPOINT_CHANGED]
        if kinds:
            return min(kinds, key=[kind for kind, _ in _MEANING].index)
    return None


def _bumps(section: Section) -> Iterator[Effect]:
    """Semantic versions: a major step may break, a minor one seldom, a patch hardly (semver.org)."""
    for pair in section.pairs:
        old, new = _VERSION.findall(pair.before.code), _VERSION.findall(pair.after.code)
        if not old or not new or old[-1] == new[-1]:
            continue
        before, after = old[-1], new[-1]
        major = before[0] != after[0] or (before[0] == "0" and before[1] != after[1])
        strength, step = (
            (0.6, "major") if major else (0.3, "minor") if before[1] != after[1] else (0.15, "patch")
        )
        yield effect(EffectKind.DEPENDENCY_BUMPED, strength, f"{step} version", pair.before, pair.after)


def _in_code(section: Section) -> Iterator[Effect]:
    for line in (*section.added, *section.removed):
        if _TLS_OFF.search(line.code):
            yield effect(EffectKind.CREDENTIAL_CHANGED, 0.75, "transport security set otherwise", line)
    granted = {text for line in section.added for text in line.strings}
    for line in section.removed:
        lost = [text for text in line.strings if text not in granted]
        if _GRANTS.search(line.code) and (lost or not line.strings):
            yield effect(EffectKind.PERMISSION_CHANGED, 0.85, f"no longer names {', '.join(lost)[:60]}", line)
    demanded = {text for line in section.removed for text in (*line.strings, *line.calls)}
    for line in section.added:
        if _GRANTS.search(line.code) and not {*line.strings, *line.calls} <= demanded:
            yield effect(EffectKind.PERMISSION_CHANGED, 0.55, "authorisation asked for", line)
    for pair in section.pairs:
        if _ADDRESS.search(" ".join(pair.before.strings)) and pair.before.strings != pair.after.strings:
            yield effect(EffectKind.ENDPOINT_CHANGED, 0.75, "address changed", pair.before, pair.after)
