"""Naming: which component or which change a person means by words.

Several that fit equally well are all returned, so that who asks can ask back; nothing is guessed.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from andon.analysis.signals import words
from andon.investigation.case import Case
from andon.investigation.findings import Findings, Model, Row
from andon.investigation.mechanisms import load_mechanisms, mechanism
from andon.investigation.touches import touched
from andon.telemetry import ChangeEvent, ChangeKind, Element, ElementKind, clock

__all__ = [
    "all_names",
    "bare",
    "changes_meant",
    "components_meant",
    "listed",
    "mentioned",
    "names_a_change",
    "similar",
    "spoken_change",
    "steps_of",
]

_DETERMINERS = re.compile(
    r"^(?:the|a|an|our|your|my|their|this|that|its|whole|entire|actual|only the one|one of)\s+", re.I
)
_EDGES = "“”\"'`.,;:!?()[] \t\n"
_GENERIC = frozenset(
    "service services component system server servers app application cluster instance itself one the a an our of for in on to at from and".split()
)
_NAME_OF_NOTHING = frozenset(
    "it that this them they these those he she there something anything nothing everything".split()
)
_LONG = 5
"""Letters from which on the beginning of a name is no coincidence."""
_PHRASE = 5
"""Words of the longest name that is looked for in a sentence."""
_GLUE = frozenset("the a an of for in on to at from and or not is was".split())
_STEPS = 30.0
"""Seconds within which calls of one actor on one target are steps of one change."""
_ID = re.compile(r"[\w][\w.:/-]{5,}")
_LEAST_OF_AN_ID = 6
"""Characters of a commit or an id that are enough to name it, where they hold a digit."""
_KINDS = {
    "deploy": frozenset(
        "deploy deploys deployment deployments release releases rollout rollouts build version".split()
    ),
    "commit": frozenset("commit commits merge patch".split()),
    "flag": frozenset("flag flags toggle switch".split()),
    "config": frozenset("config configuration setting settings parameter parameters".split()),
    "any": frozenset("change changes".split()),
}
_LAST = frozenset("last latest newest recent".split())
_DATABASE = "database"
_DATABASES = re.compile(
    r"\w*(?:db|sql|database)|postgres\w*|aurora|oracle|mongo\w*|cassandra|dynamo\w*|cockroach\w*|spanner|rds",
    re.IGNORECASE,
)
"""Words that say that something is a database: what people call it, and products that are one."""
_PASSIVE = (
    ElementKind.DEPLOYMENT_NODE,
    ElementKind.CONTAINER_INSTANCE,
    ElementKind.SOFTWARE_SYSTEM_INSTANCE,
    ElementKind.PERSON,
)


def bare(phrase: str) -> str:
    """A phrase without quotes, punctuation at its ends and determiners before it."""
    found = phrase.strip(_EDGES)
    while (shorter := _DETERMINERS.sub("", found).strip(_EDGES)) != found:
        found = shorter
    return found


@dataclass(frozen=True, slots=True)
class _Named:
    """An element, and each of its names as words: as they are written, and the parts of identifiers among them."""

    element: str
    names: tuple[tuple[frozenset[str], frozenset[str]], ...]
    kin: frozenset[str]


@dataclass(frozen=True, slots=True)
class _Index:
    """All names of a model: as words, and spelled as one."""

    named: tuple[_Named, ...]
    spelled: Mapping[str, tuple[str, ...]]


def components_meant(phrase: str, model: Model) -> tuple[str, ...]:
    """Ids of the elements that a phrase names: none, one, or all that it may mean.

    Every word of the phrase must belong to the name, id or service of the element, or else to its technology and tags;
    a single long word may also be how a name begins.
    """
    return _meant(phrase, _index(model), begun=True)


def _meant(phrase: str, index: _Index, *, begun: bool) -> tuple[str, ...]:
    said = bare(phrase).casefold()
    if not said or said in _NAME_OF_NOTHING:
        return ()
    exact = index.spelled.get(_spelling(said))
    if exact:
        return exact
    generic = _stems(_GENERIC)
    telling = frozenset(_DATABASE if word == "db" else word for word in _written(said) - generic)
    if not telling:
        return ()
    holding = [(one, name) for one in index.named for name in one.names if telling <= name[0] | name[1]]
    same = [one.element for one, name in holding if telling in (name[0] - generic, name[1] - generic)]
    beginning = [one.element for one in index.named if begun and _begins(telling, one)]
    if telling == {_DATABASE} and not same:
        kin = [one.element for one in index.named if telling <= one.kin]
        return tuple(dict.fromkeys([*(one.element for one, _ in holding), *kin]))
    by_name = same or [one.element for one, _ in holding] or beginning
    return tuple(dict.fromkeys(by_name or [one.element for one in index.named if telling <= one.kin]))


def mentioned(text: str, model: Model) -> tuple[str, ...]:
    """Ids of the components that a sentence speaks of, each by the most words that name it and nothing else."""
    tokens, index = re.findall(r"[\w.:/-]*\w", text), _index(model)
    found: dict[int, str] = {}
    taken: set[int] = set()
    for size in range(min(_PHRASE, len(tokens)), 0, -1):
        for start in range(len(tokens) - size + 1):
            span = set(range(start, start + size))
            if span & taken or {tokens[start].casefold(), tokens[start + size - 1].casefold()} & _GLUE:
                continue
            meant = _meant(" ".join(tokens[start : start + size]), index, begun=False)
            if len(meant) == 1:
                found[start] = meant[0]
                taken |= span
    return tuple(dict.fromkeys(found[start] for start in sorted(found)))


def _index(model: Model) -> _Index:
    spelled: dict[str, dict[str, None]] = {}
    for e in model.topology.elements:
        if e.kind not in _PASSIVE:
            for name in (e.id, e.name):
                spelled.setdefault(_spelling(name), {})[e.id] = None
    for service, element in model.element_of.items():
        spelled.setdefault(_spelling(service), {})[element] = None
    spelled.pop("", None)
    return _Index(tuple(_all_named(model)), {name: tuple(ids) for name, ids in spelled.items()})


def _all_named(model: Model) -> list[_Named]:
    found = []
    for e in model.topology.elements:
        if e.kind in _PASSIVE:
            continue
        names = [e.name, e.id.rsplit(".", 1)[-1], *model.services_of.get(e.id, ())]
        found.append(_Named(e.id, tuple(map(_named, names)), _kin(e)))
    known = {one.element for one in found}
    loose = {s: e for s, e in model.element_of.items() if e not in known and e not in model.topology.by_id}
    return found + [_Named(e, (_named(s),), frozenset()) for s, e in loose.items()]


def _named(name: str) -> tuple[frozenset[str], frozenset[str]]:
    """A name as words, and its parts, among them what it says that it is."""
    return _written(name), _parts(name) | _said_to_be(name)


def _kin(element: Element) -> frozenset[str]:
    told = " ".join((element.technology, *element.tags))
    return _tokens(told) | _said_to_be(f"{told} {element.kind}")


def _said_to_be(text: str) -> frozenset[str]:
    """`database` where a word of a text says so in another way: db, orders-db, PostgreSQL."""
    said = re.findall(r"[^\W_]+", text) + list(words(text))
    return frozenset([_DATABASE] if any(_DATABASES.fullmatch(word) for word in said) else [])


def _begins(telling: frozenset[str], one: _Named) -> bool:
    """Whether a single long word is how a name begins: payment, paymentservice."""
    (word, *more) = telling
    return (
        not more
        and len(word) >= _LONG
        and any(token.startswith(word) for name in one.names for token in name[0])
    )


def all_names(model: Model) -> frozenset[str]:
    """Every id, name and service of the components, in lower case."""
    names = {name.casefold() for e in model.topology.elements for name in (e.id, e.name)}
    return frozenset(names | {service.casefold() for service in model.element_of})


def similar(phrase: str, model: Model, cutoff: float = 0.6) -> tuple[str, ...]:
    """Names of components that look like a phrase that names none, the more so the higher the cutoff in [0, 1]."""
    names = {e.name for e in model.topology.elements if e.kind not in _PASSIVE} | set(model.element_of)
    spelled = {name.casefold(): name for name in sorted(names)}
    parts = {part: name for name in sorted(names) for part in name.casefold().split() if len(part) >= _LONG}
    said = bare(phrase).casefold()
    near = get_close_matches(said, [*spelled, *parts], n=4, cutoff=cutoff)
    return tuple(dict.fromkeys(spelled.get(one) or parts[one] for one in near))


def names_a_change(phrase: str) -> bool:
    """Whether a phrase speaks of a change: by a noun such as deploy, commit or flag."""
    said = set(re.findall(r"[a-z]+", phrase.casefold()))
    return any(said & nouns for nouns in _KINDS.values())


def changes_meant(phrase: str, case: Case, at: float | None = None) -> tuple[Row[ChangeEvent], ...]:
    """The changes that a phrase names, by id or commit, or by kind, component, words and time `at`.

    Where several fit, those stay that the case suspects, if it suspects any. Refused changes and mere looks are none.
    """
    events = [row for row in case.findings.events if not row.value.error and not row.value.read_only]
    by_id = [row for row in events if _has_id(row.value, phrase)]
    if by_id:
        return tuple(by_id)
    asked = _written(bare(phrase)) - _stems(_GENERIC | _LAST)
    nouns = {kind for kind, of in _KINDS.items() if asked & _stems(of)}
    asked -= _stems(frozenset().union(*(_KINDS[kind] for kind in nouns)))
    if not nouns and not asked:
        return ()
    found = [
        row
        for row in events
        if all(_is(kind, row.value) for kind in nouns) and asked <= _document(row.value, case.findings)
    ]
    if at is not None:
        found = [row for row in found if 0 <= row.value.time - at < 60]
    elif set(re.findall(r"[a-z]+", phrase.casefold())) & _LAST and found:
        found = [max(found, key=lambda row: row.value.time)]
    suspected = {s.change.value.id for s in case.suspects if s.change is not None}
    return tuple([row for row in found if row.value.id in suspected] or found)


def steps_of(row: Row[ChangeEvent], findings: Findings) -> tuple[str, ...]:
    """Ids of all events that are the same change: its steps, its commit, the commit's deploys."""
    event, found = row.value, [row.value.id]
    for other in (r.value for r in findings.events):
        step = other.actor == event.actor != "" and other.target == event.target
        if (step and abs(other.time - event.time) <= _STEPS) or (
            event.commit and other.commit == event.commit
        ):
            found.append(other.id)
    return tuple(dict.fromkeys([*found, *filter(None, [event.commit])]))


def spoken_change(event: ChangeEvent) -> str:
    """A change in a few words."""
    on = f" on {event.target}" if event.target else ""
    return f"{event.action}{on} at {clock(event.time)} (id {event.commit or event.id})"


def _has_id(event: ChangeEvent, phrase: str) -> bool:
    known = [one for one in (event.id, event.commit) if one]
    for token in _ID.findall(phrase):
        whole = token.strip(".:/-")
        begins = len(whole) >= _LEAST_OF_AN_ID and ":" not in whole and any(c.isdigit() for c in whole)
        if whole in known or (begins and any(one.startswith(whole) for one in known)):
            return True
    return False


def _is(kind: str, event: ChangeEvent) -> bool:
    if kind == "deploy":
        return event.kind is ChangeKind.DEPLOY or any(
            pattern.matches(event) for pattern in mechanism("bad-deploy").changes
        )
    if kind == "commit":
        return event.kind is ChangeKind.COMMIT or bool(event.commit)
    return kind == "any" or event.kind.value == kind or kind in words(f"{event.action} {event.summary}")


def _document(event: ChangeEvent, findings: Findings) -> frozenset[str]:
    """All words by which an event may be named: its own, those of what it touches, those of what it can set off."""
    model = findings.model
    touching = [touch.element for touch in touched(event, model, {}) if touch.element]
    names = [text for e in touching for text in (e, model.name(e), *model.services_of.get(e, ()))]
    set_off = [f"{m.slug} {m.title}" for m in load_mechanisms() if m.set_off_by(event)]
    return _tokens(
        " ".join((event.action, event.target, event.summary, event.actor, event.kind, *names, *set_off))
    )


def _tokens(text: str) -> frozenset[str]:
    """Stems of the words, as they are written and as parts of identifiers."""
    return _written(text) | _parts(text)


def _written(text: str) -> frozenset[str]:
    return _stems(re.findall(r"[^\W_]+", text.casefold()))


def _parts(text: str) -> frozenset[str]:
    return _stems(words(text))


def _stems(said: Iterable[str]) -> frozenset[str]:
    return frozenset(map(_stem, said))


def _stem(word: str) -> str:
    """A word without the ending of its plural."""
    return word[:-1] if len(word) > 3 and word.endswith("s") and not word.endswith("ss") else word


def _spelling(name: str) -> str:
    return "".join(character for character in name.casefold() if character.isalnum())


def listed(names: Sequence[str], most: int = 6) -> str:
    """Names in a list that stays readable."""
    more = f" and {len(names) - most} more" if len(names) > most else ""
    return ", ".join(names[:most]) + more
