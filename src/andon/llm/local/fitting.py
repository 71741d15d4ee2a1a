"""A dialogue that fits: counted in the engine's own tokens, and cut by a rule where it is too long.

First the answers of tools are replaced by one line each, the oldest first; then the oldest calls are left out,
then what the user said before. The system text and the last thing that the user said stay as they are. What a message holds can never form a
control token of the chat template: the template's text and the messages are turned into tokens apart.
"""

from __future__ import annotations

import re
import secrets
from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from andon.llm.local.dialogue import Piece, joined
from andon.llm.local.process import EngineFailed

if TYPE_CHECKING:
    from andon.llm.local.engine import Turn

__all__ = ["TooLong", "fitted"]


class TooLong(EngineFailed):
    """The system text and the last question alone are longer than the context."""


async def fitted(turn: Turn, pieces: Sequence[Piece], room: int) -> list[int]:
    """The tokens of the dialogue, at most `room`, cut as little as that needs. Raises TooLong when no cut helps."""
    cuts = _cuts(pieces)
    whole = await _encoded(turn, pieces)
    if len(whole) <= room:
        return whole
    few, many = 0, len(cuts)
    best = await _encoded(turn, _cut(pieces, cuts))
    if len(best) > room:
        raise TooLong(
            f"the instructions and the last question take {len(best)} tokens, and the local model has room for {room}",
            hint="a larger context, fewer tools, or a shorter question",
        )
    while many - few > 1:
        middle = (few + many) // 2
        tokens = await _encoded(turn, _cut(pieces, cuts[:middle]))
        if len(tokens) <= room:
            many, best = middle, tokens
        else:
            few = middle
    return best


def _cuts(pieces: Sequence[Piece]) -> list[tuple[int, bool]]:
    """Which piece is cut next, and whether it is left out altogether."""
    spoken = [at for at, piece in enumerate(pieces) if piece.role == "user" and not piece.tool]
    others = [at for at, piece in enumerate(pieces) if piece.role != "system" and at not in spoken]
    answers = [at for at in others if pieces[at].tool]
    return [(at, False) for at in answers] + [(at, True) for at in [*others, *spoken[:-1]]]


def _cut(pieces: Sequence[Piece], cuts: Sequence[tuple[int, bool]]) -> list[Piece]:
    gone = {at for at, altogether in cuts if altogether}
    short = {at for at, _ in cuts} - gone
    return [_shortened(piece) if at in short else piece for at, piece in enumerate(pieces) if at not in gone]


def _shortened(piece: Piece) -> Piece:
    return replace(piece, text=f"Answer of {piece.tool}: left out here, it is too long ago.")


async def _encoded(turn: Turn, pieces: Sequence[Piece]) -> list[int]:
    """The tokens of the template's own text with those of the messages in their places."""
    messages = joined(pieces)
    mark = secrets.token_hex(8)
    text = await turn.render(
        [{"role": piece.role, "content": f"@@{mark}-{at}@@"} for at, piece in enumerate(messages)]
    )
    parts = re.split(rf"@@{mark}-(\d+)@@", text)
    if len({*parts[1::2]}) != len(messages):
        raise EngineFailed(
            "the chat template of these weights leaves out messages",
            hint="use instruct weights, whose file has a chat template for system, user and assistant",
        )
    tokens: list[int] = []
    for at, part in enumerate(parts):
        if at % 2:
            tokens += await turn.tokens(messages[int(part)].text)
        else:
            tokens += await turn.tokens(part, special=True, first=at == 0)
    return tokens
