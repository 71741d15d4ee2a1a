"""From words to a symptom: which components are meant, and what kind of trouble.

Words of the question are compared with names, identifiers, tags, descriptions and technologies of
the architecture; a rare word says more than a common one, a name more than a description. No model
is asked; what was understood is said, with the words that say so.
"""

from __future__ import annotations

import math
import re
from collections import Counter
from collections.abc import Mapping, Set
from dataclasses import dataclass

from andon.analysis.signals import words
from andon.errors import UsageError
from andon.investigation.binding import find_element
from andon.investigation.question import Question
from andon.investigation.report import Symptom, SymptomKind
from andon.telemetry import Element, ElementKind, Topology

__all__ = ["understand"]

_KIND_WORDS: Mapping[SymptomKind, str] = {
    SymptomKind.SLOW: r"slow\w*|latenc\w+|delay\w*|lag\w*|sluggish|hang\w*|timing out|stall\w*|p9\d|long(er)?|duration"
    r"|response times?|takes? (too )?long|takes? (several |some )?(seconds|minutes|ages)|wait(s|ing)?|queue depth",
    SymptomKind.MISSING: r"missing|lost|no data|not arriv\w+|never arriv\w+|disappear\w*|gone|stopp?ed (sending|reporting)"
    r"|not receiv\w+|silent|no longer (sends?|reports?)|gaps?",
    SymptomKind.WRONG: r"wrong|incorrect|stale|corrupt\w*|inconsistent|outdated|mismatch\w*|duplicat\w+|garbled|drift\w*",
    SymptomKind.UNAVAILABLE: r"can ?not|can't|unable|fail\w*|errors?|(?<!up and )down|(did|does|do) not (answer|respond|react|obey)|unavailable|broken|5\d\d|5xx|refus\w+|crash\w*"
    r"|out(age)?|reject\w*|denied|not work\w*|exceptions?|panics?|availability|impossible|unreachable|timeouts?|time ?outs?",
}
_STOP_WORDS = frozenset(
    "a an and are as at be been by can cannot could do does for from get gets had has have i in into is it its "
    "no not of on or our since so some that the their them there they this to too up was we were when which "
    "while who why will with would you your all any error errors fail fails failing failed slow unable users user "
    "customers customer people service services api system above below observed threshold ratio rate".split()
)
_PEOPLE = re.compile(
    r"\b(users?|customers?|people|clients?|drivers?|visitors?|they|we|nobody|everyone|someone)\b", re.I
)
_IN_NAME = 2.5
"""The weight from which on a word stands in a name or an identifier."""
_LONG = 5
"""Letters from which on the beginning of a name is no coincidence."""
_BEGINNING = 2.0
"""What the beginning of a name or identifier weighs, of words of at least LONG letters."""
_FIELDS = (
    ("name", 3.0),
    ("id", 2.5),
    ("tags", 1.5),
    ("description", 1.0),
    ("technology", 0.7),
    ("properties", 1.0),
)
_PASSIVE = (ElementKind.DEPLOYMENT_NODE, ElementKind.CONTAINER_INSTANCE, ElementKind.SOFTWARE_SYSTEM_INSTANCE)


@dataclass(frozen=True, slots=True)
class _Match:
    element: Element
    score: float
    hits: tuple[str, ...]
    by_name: bool


def understand(question: Question, topology: Topology, observed: Set[str] = frozenset()) -> Symptom:
    """The symptom that the question means. Raises UsageError for a component that does not exist.

    `observed` are elements with telemetry: trouble is felt where it can be seen, as far as words leave it open.
    """
    kind, why_kind = _kind(question)
    stated = [_stated(text, topology) for text in (*question.components, *question.also)]
    if question.components:
        elements = stated
        why = [f"the symptom is felt at {element.name}: you said so" for element in stated]
    else:
        elements, why = _components(question.text, topology, observed)
        elements += [element for element in stated if element not in elements]
    return Symptom(
        kind=kind,
        components=tuple(element.id for element in elements),
        names=tuple(element.name for element in elements),
        understood=(*why, why_kind),
    )


def _stated(text: str, topology: Topology) -> Element:
    found = find_element(topology, text)
    if found is None:
        near = ", ".join(e.name for e in topology.elements[:8] if e.kind not in _PASSIVE)
        raise UsageError(f"there is no component {text!r}", hint=f"there are, among others: {near}")
    return found


def _kind(question: Question) -> tuple[SymptomKind, str]:
    if question.kind is not None:
        return question.kind, f"the kind of trouble is {question.kind}: you said so"
    text = question.text.casefold()
    for kind, pattern in _KIND_WORDS.items():
        found = re.search(rf"\b(?:{pattern})\b", text)
        if found:
            return kind, f"the kind of trouble is {kind}: the question says “{found.group()}”"
    return SymptomKind.UNKNOWN, "the kind of trouble is not said, so every kind is looked at"


def _components(text: str, topology: Topology, observed: Set[str]) -> tuple[list[Element], list[str]]:
    matches = _matches(text, topology)
    matches = [m for m in matches if m.element.id in observed] or matches
    doors = _doors(text, topology)
    at_doors = [m for m in matches if m.element.id in doors]
    if doors and not at_doors and (not matches or _reached(matches[0].element.id, doors, topology)):
        found = [topology.by_id[e] for e in sorted(doors & observed or doors)]
        why = "the question speaks of people, who use it"
        return found, [f"the symptom is felt at {e.name}: {why}" for e in found]
    matches = at_doors or _outermost(matches, topology)
    if not matches:
        return [], ["no component is named, so the entry points of the system are looked at"]
    best = matches[0]
    named = [m for m in matches if m.score >= best.score * 0.999]
    if len(named) > 3:
        return [], [
            "no component stands out in the question, so the entry points of the system are looked at"
        ]
    said = [f"the symptom is felt at {m.element.name}: the question says “{' '.join(m.hits)}”" for m in named]
    return [m.element for m in named], said


def _doors(text: str, topology: Topology) -> Set[str]:
    """What the people of whom the question speaks use directly: those that it names, or any of them."""
    people = {e.id: e for e in topology.elements if e.kind is ElementKind.PERSON}
    asked = {_stem(word) for word in _tokens(text)}
    meant = {e.id for e in people.values() if asked & {_stem(word) for word in _tokens(e.name)}}
    if not meant and _PEOPLE.search(text):
        meant = set(people)
    return {r.destination for r in topology.relationships if r.source in meant}


def _reached(element: str, doors: Set[str], topology: Topology) -> bool:
    return bool(doors & set(topology.distances((element,), upstream=True)))


def _outermost(matches: list[_Match], topology: Topology) -> list[_Match]:
    """The matches without those that another one calls, both by name: who calls feels it.

    Where two call each other, neither is left out.
    """
    named = [m for m in matches if m.by_name]
    below = {m.element.id: set(topology.distances((m.element.id,))) - {m.element.id} for m in named}
    inner = {
        m.element.id
        for m in named
        for other in named
        if m.element.id in below[other.element.id] and other.element.id not in below[m.element.id]
    }
    return [m for m in matches if m.element.id not in inner]


def _matches(text: str, topology: Topology) -> list[_Match]:
    """Elements that share words with the text, best first."""
    asked = {_stem(word): word for word in reversed(_tokens(text)) if word not in _STOP_WORDS}
    active = [e for e in topology.elements if e.kind not in _PASSIVE and e.kind is not ElementKind.PERSON]
    documents = {e.id: _document(e) for e in active}
    frequency = Counter(word for document in documents.values() for word in document)
    found = []
    for element in active:
        document = documents[element.id]
        hits = [word for word in reversed(asked) if word in document]
        if not hits:
            hits = [word for word in reversed(asked) if _begins(word, document)]
            document = document | dict.fromkeys(hits, _BEGINNING)
        score = sum(document[word] * math.log(1 + len(active) / max(1, frequency[word])) for word in hits)
        if hits:
            weight = 1 + 2 * _share_of_name(element, set(asked))
            by_name = any(document[word] >= _IN_NAME for word in hits)
            found.append(_Match(element, score * weight, tuple(asked[word] for word in hits), by_name))
    return sorted(found, key=lambda m: (-m.score, m.element.id))


def _begins(word: str, document: Mapping[str, float]) -> bool:
    """Whether a word of a name runs on where the word that was said ends: payment, paymentservice."""
    return len(word) >= _LONG and any(
        other.startswith(word) for other, weight in document.items() if weight > _BEGINNING
    )


def _tokens(text: str) -> list[str]:
    """Lower-case words as they are written, and the parts of identifiers among them."""
    plain = [word.casefold() for word in re.findall(r"[^\W_]+", text)]
    return list(dict.fromkeys([*plain, *(part for part in words(text) if len(part) > 2)]))


def _share_of_name(element: Element, asked: set[str]) -> float:
    """The larger share of the words of the name or of the identifier that were said."""
    shares = []
    for text in (element.name, element.id.rsplit(".", 1)[-1]):
        spelled = {_stem(word) for word in _tokens(text)}
        shares.append(len(spelled & asked) / len(spelled) if spelled else 0.0)
    return max(shares)


def _document(element: Element) -> dict[str, float]:
    """The element's words, each with the weight of the best field that it stands in."""
    texts = {
        "name": element.name,
        "id": element.id.rsplit(".", 1)[-1],
        "tags": " ".join(
            tag for tag in element.tags if tag not in ("Element", "Container", "Software System")
        ),
        "description": element.description,
        "technology": element.technology,
        "properties": " ".join(element.properties.values()),
    }
    weights: dict[str, float] = {}
    for field, weight in _FIELDS:
        for word in _tokens(texts[field]):
            stem = _stem(word)
            if stem and stem not in _STOP_WORDS:
                weights[stem] = max(weights.get(stem, 0.0), weight)
    return weights


def _stem(word: str) -> str:
    """A word without the commonest English endings, so that doors meets door and remotely remote."""
    for ending in ("ically", "ably", "ing", "edly", "ed", "ely", "ly", "es", "s"):
        if word.endswith(ending) and len(word) - len(ending) >= 3 and not word.endswith("ss"):
            return word[: -len(ending)].rstrip("e")
    return word.rstrip("e") if len(word) > 3 else word
