"""Reading: what an engineer says, as redirections, by rules.

What cannot be read for sure is no redirection; what may mean several things is asked back. A model may propose
redirections too: they pass the same settling.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace

from andon.investigation.case import Case
from andon.investigation.question import Question
from andon.investigation.report import SymptomKind
from andon.investigation.symptom import understand
from andon.investigation.talking import naming, phrases
from andon.investigation.talking.clocktime import TIME, Unread, when
from andon.investigation.talking.redirection import KINDS, Kind, Reading, Redirection
from andon.investigation.touches import touched
from andon.investigation.windows import extent
from andon.telemetry import ElementKind, clock

__all__ = ["read", "settled"]

_WORDS = 400
"""Characters of what was said that are kept of one redirection."""
_CLOSE = 0.75
"""How alike a name must be for what nobody asked to be looked at to be asked back."""


class _Ask(Exception):
    """Something that was meant as a redirection, and needs an answer first; the message asks."""


def read(text: str, case: Case) -> Reading:
    """What a text says, as redirections. Never raises."""
    found: list[Redirection] = []
    asks: list[str] = []
    for sentence in phrases.sentences(text):
        if not phrases.is_question(sentence) and not phrases.is_supposed(sentence):
            _read_sentence(sentence, case, found, asks)
    return Reading(tuple(dict.fromkeys(found)), tuple(dict.fromkeys(asks)))


def _read_sentence(sentence: str, case: Case, found: list[Redirection], asks: list[str]) -> None:
    before, count = [*found, *asks], len(found)
    unread = _read_parts(sentence, sentence, case, (found, asks))
    turned = next((part for part in unread if part.startswith("but ") and not phrases.stated_fact(part)), "")
    if turned and len(found) > count:
        del found[count:]  # “The cache is fine but slow” must not be read as the half of it that can be.
        asks.append(f"what do you mean by “{turned[:80]}”? Say it in a sentence of its own")
        return
    nothing = [*found, *asks] == before
    if nothing and _felt(sentence, case, found):
        return
    fact = phrases.stated_fact(sentence if nothing else ", ".join(unread))
    if fact:
        found.append(Redirection("fact", words=_said(fact)))


def _read_parts(part: str, sentence: str, case: Case, into: tuple[list[Redirection], list[str]]) -> list[str]:
    """Reads a part of a sentence, or else what it consists of; gives what was not read of it."""
    found, asks = into
    try:
        if _read_clause(part, sentence, case, found):
            return []
        ask = ""
    except _Ask as one:
        ask = str(one)
    rough, fine = phrases.clauses(part)
    smaller = rough if len(rough) > 1 else fine
    before = len(found)
    if len(smaller) > 1:
        held = (found, asks) if not ask else (found, [])
        unread = [rest for one in smaller for rest in _read_parts(one, sentence, case, held)]
        if len(found) > before:
            asks.extend(one for one in held[1] if one not in asks)
            return unread
        if not ask:
            return unread
    if ask:
        asks.append(ask)
    return [] if ask else [part]


def _read_clause(clause: str, sentence: str, case: Case, found: list[Redirection]) -> bool:
    """Adds what a clause says; whether it said anything. Raises _Ask."""
    ask: _Ask | None = None
    for text in dict.fromkeys((phrases.unfilled(clause), phrases.stripped(clause))):
        for phrase in phrases.PHRASES:
            match = phrase.pattern.fullmatch(text)
            if match is None:
                continue
            held = {name: value for name, value in match.groupdict().items() if value}
            try:
                if _HANDLERS[phrase.kind](held, _Clause(text, sentence, case, found)):
                    return True
            except _Ask as one:
                ask = ask or one
    if ask is not None:
        raise ask
    return _continued(clause, sentence, case, found)


def _continued(clause: str, sentence: str, case: Case, found: list[Redirection]) -> bool:
    """A bare name goes on with what was said of the one before it in the sentence."""
    last = found[-1] if found and found[-1].words == _said(sentence) else None
    if last is None or last.kind not in ("pin", "exclude", "also"):
        return False
    named = naming.components_meant(phrases.stripped(clause), case.findings.model)
    if len(named) != 1:
        return False
    kind: Kind = "pin" if last.kind == "exclude" and clause.startswith("but ") else last.kind
    found.append(_about(kind, named, case, sentence))
    return True


@dataclass(frozen=True, slots=True)
class _Clause:
    text: str
    sentence: str
    case: Case
    found: list[Redirection]


def _window(held: Mapping[str, str], at: _Clause) -> bool:
    start, end = (_time(held[key], at.case) if key in held else None for key in ("s", "e"))
    at.found.append(_windowed(start, end, at.case, at.sentence))
    return True


def _windowed(start: float | None, end: float | None, case: Case, words: str) -> Redirection:
    """The window, its open end taken from the incident as it is. Raises _Ask for one that holds nothing."""
    whole, incident = extent(case.infos), case.findings.windows.incident
    first = incident.start if start is None else start
    last = end if end is not None else incident.end if incident.end > first else whole.end
    if first < whole.end and last <= first:
        raise _Ask(
            f"the incident would end at {clock(last)}, before it starts at {clock(first)}: when was it?"
        )
    if first >= whole.end or last <= whole.start:
        raise _Ask(f"there is nothing of that time: what was looked at is {whole}. When was it?")
    return Redirection("window", start=first, end=last, words=_said(words))


def _innocent(held: Mapping[str, str], at: _Clause) -> bool:
    """Somebody or something is not it: a change is cleared, a component excluded."""
    phrase = held["x"]
    if phrase.casefold() in ("it", "that", "this", "that one", "this one"):
        return _effectless(held, at)
    model = at.case.findings.model
    components = naming.components_meant(phrase, model)
    if naming.names_a_change(phrase) or not components:
        changed = _change(phrase, at)
        if changed is not None:
            at.found.append(changed)
            return True
    if not components:
        _unknown(phrase, at, told=at.text.split()[0].casefold() in _ORDERS)
        return False
    at.found.append(_about("exclude", _one(phrase, components, at.case), at.case, at.sentence))
    return True


def _acquitted(held: Mapping[str, str], at: _Clause) -> bool:
    """Verbs that mean something else of a component (whoever clears a cache does not acquit it) are for changes alone."""
    if naming.components_meant(held["x"], at.case.findings.model) and not naming.names_a_change(held["x"]):
        return False
    changed = _change(held["x"], at)
    at.found.extend([changed] if changed is not None else [])
    return changed is not None


def _guilty(held: Mapping[str, str], at: _Clause) -> bool:
    """A change is not harmless: it is not cleared any more, and what it was made at is looked at first."""
    phrase, findings = held["x"], at.case.findings
    if not naming.names_a_change(phrase) or not naming.changes_meant(*_with_time(phrase, at.case)):
        return False
    changed = _change(phrase, at)
    if changed is None:
        return False
    before = len(at.found)
    if set(changed.targets) & {*at.case.question.cleared}:
        at.found.append(replace(changed, kind="doubt"))
    suspected = [s.element for s in at.case.suspects if s.change_id in changed.targets]
    events = [row.value for row in findings.events if row.value.id in changed.targets]
    reached = [t.element for event in events for t in touched(event, findings.model, {}) if t.element]
    for element in [*suspected, *reached][:1]:
        at.found.append(_about("pin", (element,), at.case, at.sentence))
    return len(at.found) > before


_ORDERS = frozenset(
    "exclude ignore leave rule look check focus investigate examine inspect dig concentrate".split()
)
"""Verbs after which a name must follow: where there is no such component, that is said."""


def _neither(held: Mapping[str, str], at: _Clause) -> bool:
    before = len(at.found)
    for group in ("x", "y"):
        _innocent({"x": held[group]}, at)
    return len(at.found) > before


def _effectless(_held: Mapping[str, str], at: _Clause) -> bool:
    """“It was harmless”, “it made no difference”: the change that was just spoken of is cleared."""
    if not at.found or at.found[-1].kind not in ("clear", "fact") or not at.found[-1].targets:
        return False
    at.found[-1] = replace(at.found[-1], kind="clear", words=_said(at.sentence))
    return True


def _undone(held: Mapping[str, str], at: _Clause) -> bool:
    """A change was undone at a time: told with the change just spoken of, or as a fact of the one that is named."""
    time = _time(held["s"], at.case)
    phrase = held["x"].removesuffix(" back")
    if phrase.casefold() in ("it", "that", "this", "everything"):
        if not at.found or at.found[-1].kind != "clear":
            return False
        at.found[-1] = replace(at.found[-1], start=time, words=_said(at.sentence))
        return True
    changed = _change(phrase, at)
    if changed is None:
        return False
    at.found.append(replace(changed, kind="fact", start=time))
    return True


def _placed(kind: Kind) -> Callable[[Mapping[str, str], _Clause], bool]:
    """A reader of clauses that name a component."""

    def reader(held: Mapping[str, str], at: _Clause) -> bool:
        phrase = held["x"]
        components = naming.components_meant(phrase, at.case.findings.model)
        if not components:
            if not naming.names_a_change(phrase) and not _of_a_signal(phrase):
                _unknown(phrase, at, told=kind == "pin" and at.text.split()[0].casefold() in _ORDERS)
            return False
        at.found.append(_about(kind, _one(phrase, components, at.case), at.case, at.sentence))
        return True

    return reader


def _untimed(held: Mapping[str, str], at: _Clause) -> bool:
    _time(held["s"], at.case)
    return False


_HANDLERS: Mapping[str, Callable[[Mapping[str, str], _Clause], bool]] = {
    "window": _window,
    "untimed": _untimed,
    "undone": _undone,
    "effectless": _effectless,
    "neither": _neither,
    "innocent": _innocent,
    "acquitted": _acquitted,
    "guilty": _guilty,
    "also": _placed("also"),
    "symptom": _placed("symptom"),
    "pin": _placed("pin"),
}

_SIGNALS = frozenset(
    "log logs metric metrics trace traces change changes alert alerts error errors series evidence report timeline row rows "
    "charts chart runbook documents windows it them this that these everything there".split()
)


def _of_a_signal(phrase: str) -> bool:
    return bool(_SIGNALS & set(naming.bare(phrase).casefold().split()))


def _time(text: str, case: Case) -> float:
    try:
        return when(text, case.findings.windows.incident)
    except Unread as error:
        raise _Ask(str(error)) from error


def _change(phrase: str, at: _Clause) -> Redirection | None:
    """The clearing of the change that a phrase names; None where it names none. Raises _Ask where it may be several."""
    rows = naming.changes_meant(*_with_time(phrase, at.case))
    if not rows:
        if naming.names_a_change(phrase):
            raise _Ask(
                f"which change is “{naming.bare(phrase)[:80]}”? No such one was seen; `what changed` lists them"
            )
        return None
    steps = naming.steps_of(rows[0], at.case.findings)
    if any(row.value.id not in steps for row in rows):
        named = naming.listed([naming.spoken_change(row.value) for row in rows], 8)
        raise _Ask(f"which of them: {named}? Say its id")
    return Redirection("clear", steps, (naming.spoken_change(rows[0].value),), words=_said(at.sentence))


def _with_time(phrase: str, case: Case) -> tuple[str, Case, float | None]:
    match = re.search(rf"\s*\b(?:at|of|from|around)\s+(?P<at>{TIME})\s*$", phrase, re.IGNORECASE)
    if match is None:
        return phrase, case, None
    return phrase[: match.start()], case, _time(match["at"], case)


def _one(phrase: str, components: Sequence[str], case: Case) -> tuple[str, ...]:
    """The one component that is meant. Raises _Ask where there are several."""
    if len(components) == 1:
        return tuple(components)
    model = case.findings.model
    names = naming.listed([f"{model.name(e)} ({e})" for e in components], 8)
    raise _Ask(f"which “{naming.bare(phrase)[:80]}” do you mean: {names}?")


def _about(kind: Kind, elements: Sequence[str], case: Case, words: str) -> Redirection:
    names = tuple(map(case.findings.model.name, elements))
    return Redirection(kind, tuple(elements), names, words=_said(words))


def _unknown(phrase: str, at: _Clause, *, told: bool) -> None:
    """Asks back where a name is close to one that there is, or where a name had to follow."""
    model = at.case.findings.model
    near = naming.similar(phrase, model, 0.6 if told else _CLOSE)
    if near or (told and not _of_a_signal(phrase)):
        hint = f"; similar: {', '.join(near)}" if near else ""
        raise _Ask(f"there is no component “{naming.bare(phrase)[:80]}”{hint}. Which one do you mean?")


def _felt(sentence: str, case: Case, found: list[Redirection]) -> bool:
    """Whether people are said to feel trouble somewhere, and where."""
    model = case.findings.model
    people = [e.name for e in model.topology.elements if e.kind is ElementKind.PERSON]
    who = "|".join(map(re.escape, sorted({*people, *_PEOPLE}, key=len, reverse=True)))
    subject = rf"^(?:(?:only|actually|also|all|some|many|most|few|the|our|other) )*(?:\w+ )?(?:{who})s?\b"
    if not re.match(subject, sentence, re.IGNORECASE) or _WELL_AGAIN.search(sentence):
        return False
    felt = understand(Question(sentence), model.topology, set(model.services_of))
    if felt.kind is SymptomKind.UNKNOWN or not felt.components:
        return False
    told = _about("symptom", felt.components, case, sentence)
    found.append(replace(told, symptom=felt.kind))
    return True


_WELL_AGAIN = re.compile(
    r"\b(?:no longer|no more|without|never|again|fine|happy|recovered|resolved|fixed|gone|told|said|say|"
    r"(?:do not|don't|did not|didn't) (?:see|have|report|notice|complain))\b",
    re.IGNORECASE,
)
"""What is said of people who feel no trouble, or of what they say."""
_PEOPLE = (
    "customer",
    "user",
    "client",
    "driver",
    "visitor",
    "subscriber",
    "people",
    "everyone",
    "everybody",
    "nobody",
    "no one",
)


def settled(kind: str, target: str, times: tuple[str, str], words: str, case: Case) -> Redirection | str:
    """A redirection that somebody else proposes, settled as one that was read; or what is wrong with it, to ask back."""
    clause = _Clause(words, words, case, [])
    try:
        start, end = (_time(text, case) if text.strip() else None for text in times)
        if kind == "window":
            return _windowed(start, end, case, words)
        if kind == "fact" and not target:
            return Redirection("fact", words=_said(words))
        if kind in ("clear", "fact"):
            changed = _change(target, clause)
            return (
                f"there is no change “{target[:80]}”"
                if changed is None
                else replace(changed, kind="clear" if kind == "clear" else "fact", start=start)
            )
        if kind not in KINDS:
            return f"there is no redirection of the kind “{kind[:40]}”"
        components = naming.components_meant(target, case.findings.model)
        if not components:
            _unknown(target, clause, told=True)
        return _about(kind, _one(target, components, case), case, words)
    except _Ask as ask:
        return str(ask)


def _said(words: str) -> str:
    plain = " ".join(words.split())
    return plain if len(plain) <= _WORDS else f"{plain[: _WORDS - 1]}…"
