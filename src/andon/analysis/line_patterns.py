"""Lines with holes: known statements recognised by their constant words, before a line is looked at closely.

A pattern is the words of a collapsed line with None where they vary. Patterns are sought by the number of words and
the first of them; where several fit, the one learned first is it.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Sequence
from operator import itemgetter
from typing import Final

__all__ = ["LinePatterns", "Shape", "merge_shapes", "words_of"]

Shape = tuple[str | None, ...]
"""The words of a collapsed line; None where they vary."""

MOST_HOLES: Final = 24
"""So many different sets of holes are tried for one first word: more would cost more than the close look they spare."""

MOST_LENGTHS: Final = 8
"""Shapes of so many lengths are kept of a statement: lines with quoted prose have ever new ones."""

_Sieve = tuple[Callable[[Sequence[str | None]], tuple[str | None, ...]], dict[tuple[str | None, ...], Shape]]
_NONE: Final[dict[tuple[int, ...], _Sieve]] = {}

_SEPARATORS: Final = '=:,([{"'


def words_of(collapsed: str) -> list[str]:
    """The words of a collapsed line; what follows a separator is a word of its own."""
    for separator in _SEPARATORS:
        collapsed = collapsed.replace(separator, separator + " ")
    return collapsed.split(" ")


def merge_shapes(shapes: Iterable[Shape]) -> tuple[Shape, ...]:
    """Shapes of the same length as one, with holes where they differ; the MOST_LENGTHS shortest, ascending."""
    by_length: defaultdict[int, list[Shape]] = defaultdict(list)
    for shape in shapes:
        by_length[len(shape)].append(shape)
    return tuple(
        same[0]
        if len(same) == 1
        else tuple(column[0] if len(set(column)) == 1 else None for column in zip(*same, strict=True))
        for _, same in sorted(by_length.items())[:MOST_LENGTHS]
    )


class LinePatterns:
    """Shapes with holes, and the code of the statement that each stands for."""

    def __init__(self) -> None:
        self._codes: dict[Shape, int] = {}
        self._sieves: defaultdict[tuple[int, str | None], dict[tuple[int, ...], _Sieve]] = defaultdict(dict)

    def __len__(self) -> int:
        return len(self._codes)

    def __iter__(self) -> Iterator[tuple[Shape, int]]:
        return iter(self._codes.items())

    def __getitem__(self, shape: Shape) -> int:
        return self._codes[shape]

    def find(self, words: Sequence[str | None]) -> Shape | None:
        """The first pattern that words fit, None where there is none."""
        for first in (words[0], None):
            for constants, shapes in self._sieves.get((len(words), first), _NONE).values():
                shape = shapes.get(constants(words))
                if shape is not None:
                    return shape
        return None

    def add(self, shape: Shape, code: int) -> bool:
        """Takes a shape in, unless it says too little or its first word has MOST_HOLES already."""
        places = tuple(place for place, word in enumerate(shape) if word is not None)
        says = any(word is not None and any(map(str.isalpha, word)) for word in shape)
        if len(places) == len(shape) or not says:
            return False
        sieves = self._sieves[len(shape), shape[0]]
        if places not in sieves:
            if len(sieves) >= MOST_HOLES:
                return False
            # The last place is named twice, so that what is got is a tuple also where there is only one.
            sieves[places] = (itemgetter(*places, places[-1]), {})
        constants, shapes = sieves[places]
        if shape not in self._codes:
            self._codes[shape] = code
            shapes[constants(shape)] = shape
        return True
