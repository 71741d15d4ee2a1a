"""Archetypes: keywords of one's own, and defaults for the keywords of the language."""

from __future__ import annotations

from dataclasses import dataclass, field

from andon.connectors.structurizr.model import Link, ModelError, Node

__all__ = ["ARROW", "BASES", "Archetype", "Archetypes"]

ARROW = "->"
BASES = (
    "person",
    "softwaresystem",
    "container",
    "component",
    "element",
    "deploymentnode",
    "infrastructurenode",
    "group",
    ARROW,
)


@dataclass(eq=False, slots=True)
class Archetype:
    """The defaults that an element or relationship of this archetype starts with; `base` is its keyword."""

    base: str
    description: str = ""
    technology: str = ""
    tags: dict[str, None] = field(default_factory=dict)
    properties: dict[str, str] = field(default_factory=dict)

    def apply(self, item: Node | Link) -> None:
        """Fills what the statement itself left open; tags of the archetype come first."""
        item.description = item.description or self.description
        item.technology = item.technology or self.technology
        item.tags = self.tags | item.tags
        item.properties.update(
            {name: text for name, text in self.properties.items() if name not in item.properties}
        )


class Archetypes:
    """The archetypes of a model, by their name in lower case and the keyword that each stands for."""

    def __init__(self) -> None:
        self._known: dict[str, dict[str, Archetype]] = {}

    def define(self, base: str, word: str, name: str) -> Archetype:
        """A new archetype that starts as a copy of the one called `word`; no name sets the base's defaults."""
        model = self.get(base, word)
        copy = Archetype(base, model.description, model.technology, dict(model.tags), dict(model.properties))
        self._known.setdefault(name.lower() or base, {})[base] = copy
        return copy

    def bases(self, word: str) -> list[str]:
        """The keywords that a word can stand for: itself, or those of the archetypes with that name."""
        word = word.lower()
        return [word] if word in BASES else list(self._known.get(word, ()))

    def get(self, base: str, word: str) -> Archetype:
        return self._known.get(word.lower(), {}).get(base) or Archetype(base)

    def arrow(self, word: str) -> Archetype | None:
        """The archetype of `->` or `--name->`, None for any other word; an unknown name is refused."""
        if word == ARROW:
            return self.get(ARROW, ARROW)
        if not (word.startswith("--") and word.endswith(ARROW) and len(word) > 4):
            return None
        name = word[2:-2]
        if ARROW not in self.bases(name):
            raise ModelError(
                f"the relationship archetype `{name}`, which nobody defined",
                expected="-> or an archetype of it",
                hint=f"Define `{name} = -> {{ … }}` in the archetypes of the model.",
            )
        return self.get(ARROW, name)
