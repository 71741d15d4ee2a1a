"""The one choke point: what goes to a language model or a webhook goes through `Redactor.hide` first."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Mapping
from typing import Any

from andon.llm.redaction.assignments import find_assignments
from andon.llm.redaction.credentials import find_headers, find_logins
from andon.llm.redaction.encoded import find_encoded
from andon.llm.redaction.entropy import find_random
from andon.llm.redaction.known import find_known
from andon.llm.redaction.names import is_placeholder
from andon.llm.redaction.personal import find_addresses, find_cards, find_emails, find_phones
from andon.llm.redaction.pseudonyms import PSEUDONYM, Pseudonyms
from andon.llm.redaction.shapes import find_private_keys, find_shapes
from andon.llm.redaction.spans import LITERAL, SECRET, SHOWN, Span, merged, without
from andon.llm.redaction.values import mapped
from andon.llm.redaction.views import decoded, views, visible

__all__ = ["Redactor"]

Finder = Callable[[str], Iterator[Span]]

SECRETS: tuple[Finder, ...] = (
    find_shapes,
    find_private_keys,
    find_assignments,
    find_headers,
    find_logins,
    find_random,
)
PERSONAL: tuple[Finder, ...] = (find_emails, find_cards, find_phones)

PASSES = 6
MOST_REPEATED = 64
SHORTEST_REPEATED = 8
LONGEST_REPEATED = 256


class Redactor:
    """Hides secrets and personal data behind pseudonyms, and puts back what may be shown.

    `key` makes the pseudonyms unguessable; take a fresh random one for each run. `known` returns the secrets that
    are known by value, and is asked anew for each text. `addresses` hides IP addresses too. Safe to share between threads.

    What a text gets does not depend on the texts before it. A text that only looks like a pseudonym is hidden as a
    literal of its own, so that `show` gives back that very text and nobody's name. Raises nothing on any text.
    """

    def __init__(
        self, key: bytes, *, known: Callable[[], Iterable[str]] = tuple, addresses: bool = False
    ) -> None:
        self._pseudonyms = Pseudonyms(key)
        self._known = known
        self._personal = (*PERSONAL, find_addresses) if addresses else PERSONAL

    def hide(self, text: str) -> str:
        """The text with pseudonyms for all that must not leave the process; hiding twice changes nothing more."""
        known = self._known_values()
        for _ in range(PASSES):
            hidden = self._hidden_once(text, known)
            if hidden == text:
                return text
            text = hidden
        return self._pseudonyms.issue(SECRET, text) if self._hidden_once(text, known) != text else text

    def show(self, text: str) -> str:
        """The text with the real names of what may be shown; secrets and cards stay hidden for good."""
        return PSEUDONYM.sub(lambda found: self._pseudonyms.shown(found[0]) or found[0], text)

    def hide_value(self, value: Any) -> Any:
        """A JSON-like value with every text in it hidden, keys too; tuples stay tuples, numbers stay.

        A text under a key that announces a secret is hidden as a whole. Raises TypeError for bytes and for
        anything else that JSON does not know.
        """
        return mapped(value, self.hide, self._hide_whole)

    def show_value(self, value: Any) -> Any:
        """A JSON-like value with `show` applied to every text in it, keys too."""
        return mapped(value, self.show, self.show)

    @property
    def counts(self) -> Mapping[str, int]:
        """How many distinct values of each kind were hidden so far."""
        return self._pseudonyms.counts

    def _known_values(self) -> tuple[str, ...]:
        values = {value for value in self._known() if value.strip()}
        return tuple(sorted(values | {visible(value) for value in values}))

    def _hide_whole(self, text: str) -> str:
        """One pseudonym for a text that is a secret because of where it stands."""
        if is_placeholder(text.strip()) or self._pseudonyms.issued(text):
            return text
        return self._pseudonyms.issue(SECRET, decoded(text))

    def _hidden_once(self, text: str, known: tuple[str, ...]) -> str:
        looks = [found.span() for found in PSEUDONYM.finditer(text)]
        issued = [span for span in looks if self._pseudonyms.issued(text[slice(*span)])]
        spans = [Span(*span, LITERAL) for span in sorted({*looks} - {*issued})]
        for view in views(text, issued):
            found = self._found(view.text, known)
            spans.extend(Span(*view.original(span.start, span.end), span.kind) for span in found)
        spans = without(merged(spans), issued)
        return self._replaced(text, spans) if spans else text

    def _found(self, text: str, known: tuple[str, ...]) -> list[Span]:
        spans = list(find_known(text, known))
        for find in (*SECRETS, *self._personal):
            spans.extend(find(text))
        spans.extend(find_encoded(text, self._holds_secret))
        spans.extend(_repeated(text, spans))
        return spans

    def _holds_secret(self, text: str) -> bool:
        finders = (*SECRETS, *self._personal)
        return any(next(find(text), None) for find in finders)

    def _replaced(self, text: str, spans: list[Span]) -> str:
        parts: list[str] = []
        position = 0
        for start, end, kind in spans:
            value = text[start:end] if kind in SHOWN else decoded(text[start:end])
            parts += (text[position:start], self._pseudonyms.issue(kind, value))
            position = end
        return "".join((*parts, text[position:]))


def _repeated(text: str, spans: list[Span]) -> Iterator[Span]:
    """Other places where secrets that were found by their name or place stand bare, as far as they look like secrets."""
    secrets = {text[span.start : span.end] for span in spans if span.kind == SECRET}
    strong = sorted(filter(_is_strong, secrets))[:MOST_REPEATED]
    for value in strong:
        start = text.find(value)
        while start >= 0:
            yield Span(start, start + len(value), SECRET)
            start = text.find(value, start + len(value))


def _is_strong(value: str) -> bool:
    """Long, and not all letters or all digits: a word that others would use by chance is not."""
    long = SHORTEST_REPEATED <= len(value) <= LONGEST_REPEATED
    return long and any(map(str.isdigit, value)) and any(map(str.isalpha, value))
