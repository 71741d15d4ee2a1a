"""Characters: scripted language models, good and bad, which drive the agent without a real one.

Each sees only what a model sees. They show that a report is right or honestly poorer whatever a model does, and
never wrong because of it. Loaded on demand: they need the extra `llm`.
"""

from andon.testing.characters.competent import Competent
from andon.testing.characters.contrary import Contrary
from andon.testing.characters.dying import Dying
from andon.testing.characters.hallucinating import Hallucinating
from andon.testing.characters.lazy import Lazy
from andon.testing.characters.lies import Lie
from andon.testing.characters.looping import Looping
from andon.testing.characters.malformed import MALFORMATIONS, Malformed
from andon.testing.characters.obedient import Obedient
from andon.testing.characters.script import Character
from andon.testing.characters.slow import Slow

__all__ = [
    "MALFORMATIONS",
    "Character",
    "Competent",
    "Contrary",
    "Dying",
    "Hallucinating",
    "Lazy",
    "Lie",
    "Looping",
    "Malformed",
    "Obedient",
    "Slow",
]
