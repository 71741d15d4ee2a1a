"""Words that a diff and the symptoms of a fault share, weighted by how rare they are."""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from andon.analysis.code_changes.kinds import Effect
from andon.analysis.code_changes.lexemes import words
from andon.analysis.code_changes.symptoms import FaultSignature

__all__ = ["Binding", "Evidence", "bind", "rarity", "tokens_of"]

_TOKEN = re.compile(r"[A-Za-z_][\w]{2,80}|\d[\d.]{0,20}")
_EVERYDAY = frozenset(
    "error err errors fail failed failure request requests response handler handle handled service services server client "
    "context ctx get set new add string int bool true false null nil none return value values data item items result results "
    "query http https code status message name key type list map func function class public private static void final self this "
    "import package const var let async await not found with from and the for has was are while timeout exceeded returned after "
    "call calls called returning invalid unable cannot could unknown missing max min count total time log info warn debug read write "
    "load user users api rpc select where table update insert delete order".split()
)
_ROUND = frozenset(
    "0 1 2 3 4 5 8 10 16 32 64 100 128 200 201 204 256 400 401 403 404 409 429 500 502 503 504 512 1000 1024".split()
)


@dataclass(frozen=True, slots=True)
class Evidence:
    """The tokens of a signature, each with the symptom text in which it stands first."""

    whole: Mapping[str, str]
    parts: Mapping[str, str]

    @classmethod
    def of(cls, signature: FaultSignature, common: frozenset[str]) -> Evidence:
        texts = [line[:2000] for line, _ in signature.error_lines]
        texts += [shift.name[:200] for shift in signature.metrics] + [
            name[:200] for name in signature.operations
        ]
        own = {word for name in signature.components for word in words(name)}
        ignored = {word.lower() for word in common} | _EVERYDAY | own
        whole: dict[str, str] = {}
        parts: dict[str, str] = {}
        for text in texts:
            for token in tokens_of(text):
                if token not in ignored:
                    whole.setdefault(token, text)
            for word in words(text):
                if len(word) > 3 and word not in ignored and not word.isdigit():
                    parts.setdefault(word, text)
        return cls(whole, parts)


@dataclass(frozen=True, slots=True)
class Binding:
    """How firmly words tie an effect to the symptoms, in [0, 1), and which (token, symptom text) do."""

    strength: float
    matches: tuple[tuple[str, str], ...]


def tokens_of(text: str) -> frozenset[str]:
    """Whole identifiers and numbers of a text, lower case; `a.b` counts as a and b."""
    return frozenset(token.lower().rstrip(".") for token in _TOKEN.findall(text))


def rarity(changes: Iterable[Iterable[Effect]]) -> Mapping[str, int]:
    """In how many changes each token occurs, whole or as a word of a name."""
    return Counter(token for effects in changes for token in {t for e in effects for t in _effect_tokens(e)})


def bind(effect: Effect, evidence: Evidence, occurrences: Mapping[str, int]) -> Binding:
    """The binding of one effect: whole names count fully, numbers half, parts of names a third.

    Each divided by the number of changes that hold the token, as inverse document frequency does.
    """
    weight = 0.0
    matches: list[tuple[str, str]] = []
    whole = {part for token in effect.tokens for part in tokens_of(token)}
    whole |= tokens_of(effect.file.rpartition("/")[2].rpartition(".")[0])
    for token in sorted(whole & evidence.whole.keys()):
        if token in _ROUND or token in _EVERYDAY:
            continue
        worth = 0.5 if token[0].isdigit() else 1.0 if _telling(token) else 0.35
        weight += worth / max(1, occurrences.get(token, 1))
        matches.append((token, evidence.whole[token]))
    named = {token for token, _ in matches}
    split = {word for token in effect.tokens for word in words(token)[:12]} - named
    for word in sorted(split & evidence.parts.keys()):
        weight += 0.3 / max(1, occurrences.get(word, 1))
        matches.append((word, evidence.parts[word]))
    return Binding(1.0 - math.exp(-weight), tuple(matches[:8]))


def _effect_tokens(effect: Effect) -> Iterable[str]:
    for token in effect.tokens:
        yield from tokens_of(token)
        yield from (word for word in words(token) if len(word) > 3)


def _telling(token: str) -> bool:
    """A compound name says more than a plain word."""
    return "_" in token.strip("_") or len(token) >= 10
