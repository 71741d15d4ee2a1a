"""Claims: sentences whose every number and quote is bound to an observation.

A claim is a template with named holes and, for each hole, a binding that says how its text is
computed from the content of one observation. The sentence that a reader sees is always the
rendering of the bindings, so a claim cannot say what no observation bears out, and anyone who holds
the ledger can compute it again (`andon.investigation.verification`).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

__all__ = ["Binding", "Claim"]


@dataclass(frozen=True, slots=True)
class Binding:
    """How one hole of a claim is filled.

    `recipe` names a function of `andon.investigation.recipes`, applied to the content of
    `observation` with `args`; `style` says how its result is written (`count`, `percent`, `clock`,
    `quote`, …). `text` is what that gave when the claim was made.
    """

    observation: str
    recipe: str
    args: Mapping[str, Any]
    style: str
    text: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A sentence: `template` with `{holes}`, and one binding for each."""

    template: str
    bindings: Mapping[str, Binding] = field(default_factory=dict)

    @property
    def text(self) -> str:
        return self.template.format_map({hole: b.text for hole, b in self.bindings.items()})

    @property
    def observations(self) -> tuple[str, ...]:
        """Ids of the observations that bear this claim out, each once."""
        return tuple(dict.fromkeys(b.observation for b in self.bindings.values()))
