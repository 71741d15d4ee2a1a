"""Documents: what a model is told of runbooks and past incidents. They suggest what to check, and cannot be cited."""

from __future__ import annotations

from collections.abc import Callable

from andon.investigation.agent.desk import ANSWER, as_data, clipped
from andon.investigation.toolbox import Toolbox, content
from andon.investigation.tools.knowledge import Library, Passages, consult
from andon.telemetry import Status

__all__ = ["consulting"]

_PASSAGES = 4
_TEXT = 700


def consulting(box: Toolbox, library: Library | None) -> Callable[[str], str]:
    """Answers questions to the documents with passages and their places; on a replay from the ledger, without a library."""

    def asked(query: str) -> str:
        observation = consult(box, library, query, _PASSAGES)
        found = content(observation, Passages).passages
        told = [f"{len(found)} passages, for you to know what to check; nothing of it is evidence"]
        if observation.status is Status.FAILED:
            told = ["the documents are not at hand, which says nothing of what they hold"]
        for one in found:
            told.append(as_data(f"{one.place} {one.heading}"))
            told.append(clipped(" ".join(map(as_data, one.text.splitlines())), _TEXT))
        return "<data>\n" + clipped("\n".join(told), ANSWER) + "\n</data>"

    return asked
