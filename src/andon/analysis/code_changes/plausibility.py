"""Can this change have produced this symptom? A score with its reasons, and the order of all candidates."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from andon.analysis.code_changes.binding import Binding, Evidence, bind, rarity
from andon.analysis.code_changes.causes import PRODUCES
from andon.analysis.code_changes.effects import effects
from andon.analysis.code_changes.file_roles import non_production
from andon.analysis.code_changes.kinds import INNOCENT, Effect, EffectKind, QuotedLine
from andon.analysis.code_changes.lexemes import words
from andon.analysis.code_changes.symptoms import OPERATIONAL, FaultSignature, SymptomKind
from andon.telemetry import ChangeEvent

__all__ = ["CONVICTION", "Judged", "Plausibility", "Reason", "plausibility", "rank"]

CONVICTION = 0.5
"""A change that scores below this is not to be named as the cause."""
_KEEPS_BEHAVIOUR = (EffectKind.REFACTOR, EffectKind.RENAME_LOCAL)
_STRUCTURAL = frozenset(
    {
        EffectKind.CALL_REMOVED,
        EffectKind.ERROR_HANDLING_CHANGED,
        EffectKind.BEHAVIOUR_CHANGED,
        EffectKind.QUERY_ADDED,
        EffectKind.SERIALIZATION_CHANGED,
        EffectKind.PERMISSION_CHANGED,
        EffectKind.VALIDATION_ADDED,
    }
)
"""Kinds that, where they show weakly, a refactoring looks like; numbers, limits and loops speak for themselves."""


_OF_A_SERVICE = re.compile(r"/(?:services|apps|microservices)/[^/]+/")


@dataclass(frozen=True, slots=True)
class Reason:
    """Why for or against: a sentence, the diff lines it rests on, the symptom words that it matches."""

    text: str
    lines: tuple[QuotedLine, ...] = ()
    symptoms: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class Plausibility:
    """How plausibly a change produced the symptoms, in [0, 1], with the effect that would have."""

    score: float
    supporting: tuple[Reason, ...]
    contradicting: tuple[Reason, ...]
    effect: Effect | None = None


@dataclass(frozen=True, slots=True)
class Judged:
    """A candidate with its verdict; `lead` is its score less that of the next candidate."""

    event: ChangeEvent
    effects: tuple[Effect, ...]
    plausibility: Plausibility
    lead: float

    @property
    def score(self) -> float:
        return self.plausibility.score

    @property
    def convicted(self) -> bool:
        return self.score >= CONVICTION


@dataclass(frozen=True, slots=True)
class _Case:
    effect: Effect
    score: float
    symptom: SymptomKind | None
    binding: Binding


def rank(
    events: Sequence[ChangeEvent], signature: FaultSignature, common: frozenset[str] = frozenset()
) -> tuple[Judged, ...]:
    """The candidates by how plausibly each produced the fault, best first, ties in the given order.

    `common` holds words that say nothing because they stand in healthy logs too. When the first one
    is not `convicted`, no change among them is to be blamed.
    """
    read = [effects(event) for event in events]
    occurrences = rarity(read)
    verdicts = [
        plausibility(event, found, signature, common, occurrences)
        for event, found in zip(events, read, strict=True)
    ]
    order = sorted(range(len(verdicts)), key=lambda i: -verdicts[i].score)
    following = [verdicts[i].score for i in order[1:]] + [0.0]
    return tuple(
        Judged(events[i], read[i], verdicts[i], verdicts[i].score - next_score)
        for i, next_score in zip(order, following, strict=True)
    ) if order else ()  # fmt: skip


def plausibility(
    event: ChangeEvent,
    found: Sequence[Effect],
    signature: FaultSignature,
    common: frozenset[str] = frozenset(),
    occurrences: Mapping[str, int] | None = None,
) -> Plausibility:
    """How plausibly one change with these effects produced the fault.

    The strength of an effect, times how typical the heaviest symptoms are of it, times how firmly
    words and place tie the two together; less when the evidence points outside the code.
    """
    evidence = Evidence.of(signature, common)
    occurrences = rarity([found]) if occurrences is None else occurrences
    innocence = max((e.strength for e in found if e.kind in _KEEPS_BEHAVIOUR), default=0.0)
    cases = [
        _case(event, effect, signature, bind(effect, evidence, occurrences), innocence)
        for effect in found
        if effect.kind not in INNOCENT
    ]
    best = max(cases, key=lambda case: case.score, default=None)
    against = _contradictions(event, found, signature, best)
    if best is None or best.score <= 0:
        return Plausibility(0.0, (), against, None)
    score = best.score * _possible(event, signature)
    return Plausibility(min(1.0, score), _support(best, event, signature), against, best.effect)


def _case(
    event: ChangeEvent, effect: Effect, signature: FaultSignature, binding: Binding, innocence: float
) -> _Case:
    weights = signature.weights
    row = PRODUCES[effect.kind]
    heaviest = max(weights.values(), default=0.0)
    told = {kind: weight * row.get(kind, 0.0) for kind, weight in weights.items()}
    symptom = max(told, key=lambda kind: told[kind], default=None)
    causal = 0.0
    if symptom is not None and heaviest:
        causal = 0.8 * told[symptom] / heaviest + 0.2 * sum(told.values()) / sum(weights.values())
    outside = max((weights.get(kind, 0.0) for kind in OPERATIONAL), default=0.0)
    explained = max((weights.get(kind, 0.0) * row.get(kind, 0.0) for kind in OPERATIONAL), default=0.0)
    causal *= 1.0 - max(0.0, outside - explained)
    strength = effect.strength
    if effect.kind in _STRUCTURAL and strength <= 0.7:
        strength *= 1.0 - 0.7 * innocence
    tie = 1.0 - (1.0 - binding.strength) * (1.0 - 0.7 * _here(event, effect, signature))
    return _Case(effect, strength * causal * (0.45 + 0.55 * tie), symptom if causal > 0 else None, binding)


def _here(event: ChangeEvent, effect: Effect, signature: FaultSignature) -> float:
    """Whether the change is in an affected service.

    1 in the first one, 0.8 in another, 0.5 where no service is named (a shared library), 0 elsewhere.
    """
    if not signature.components:
        return 0.6
    place = f"{event.target}/{effect.file}".lower()
    path_words = frozenset(words(place)) | frozenset(place.replace("_", "-").split("/"))
    for i, component in enumerate(signature.components):
        stems = [word.removesuffix("service").removesuffix("svc") for word in words(component.lower())]
        stems = [stem for stem in stems if len(stem) > 2]
        if event.target == component or (stems and all(_starts(stem, path_words) for stem in stems)):
            return 1.0 if i == 0 else 0.8
    return 0.0 if event.target or _OF_A_SERVICE.search(f"/{effect.file}") else 0.5


def _starts(stem: str, path_words: frozenset[str]) -> bool:
    return any(word == stem or (len(stem) > 4 and word.startswith(stem)) for word in path_words)


def _possible(event: ChangeEvent, signature: FaultSignature) -> float:
    if event.error or event.read_only or (signature.onset is not None and event.time > signature.onset):
        return 0.05
    files = event.files or ("",)
    affected = " ".join(signature.components)
    return 0.2 if all(non_production(file) for file in files) and not non_production(f"{affected}/x") else 1.0


def _support(case: _Case, event: ChangeEvent, signature: FaultSignature) -> tuple[Reason, ...]:
    reasons = []
    if case.symptom is not None:
        text = f"{case.effect.kind} ({case.effect.detail}) can produce {case.symptom}"
        reasons.append(Reason(text, case.effect.lines, (case.symptom.value,)))
    if case.binding.matches:
        tokens = tuple(dict.fromkeys(token for token, _ in case.binding.matches))
        lines = tuple(
            line for line in case.effect.lines if any(token in line.text.lower() for token in tokens)
        )
        reasons.append(Reason(f"the diff and the symptoms share {', '.join(tokens)}", lines, tokens))
    if _here(event, case.effect, signature) >= 0.8:
        reasons.append(Reason(f"{case.effect.file or event.target} belongs to an affected service"))
    return tuple(reasons)


def _contradictions(
    event: ChangeEvent, found: Sequence[Effect], signature: FaultSignature, best: _Case | None
) -> tuple[Reason, ...]:
    reasons = [
        Reason(f"{effect.kind}: {effect.detail}" if effect.detail else effect.kind.value, effect.lines)
        for effect in found
        if effect.kind in INNOCENT
    ]
    if event.error:
        reasons.append(Reason("the change was refused and did nothing"))
    if signature.onset is not None and event.time > signature.onset:
        reasons.append(Reason("the change came after the onset"))
    if event.files and all(non_production(file) for file in event.files):
        reasons.append(Reason("the change serves an environment other than production"))
    outside = sorted(kind for kind in OPERATIONAL if signature.weights.get(kind, 0.0) >= CONVICTION)
    if outside and (best is None or best.symptom not in OPERATIONAL):
        reasons.append(Reason("the evidence points outside the code", (), tuple(outside)))
    if best is None or best.symptom is None:
        reasons.append(Reason("no effect of the change produces what was observed"))
    return tuple(reasons)
