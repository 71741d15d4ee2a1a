"""Pydantic models of every shape that tools and outputs have, for hypothesis."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Annotated, Any, Literal
from uuid import UUID

from hypothesis import strategies as st
from pydantic import BaseModel, Field, create_model

__all__ = ["Tree", "models"]


class Colour(StrEnum):
    RED = "red"
    GREEN = 'gr"een\n'


class Tree(BaseModel):
    name: Annotated[str, Field(max_length=20)]
    children: list[Tree] = []
    parent: Tree | None = None


_LEAVES: list[Any] = [
    str,
    int,
    float,
    bool,
    datetime,
    UUID,
    Colour,
    Any,
    Tree,
    dict[str, int],
    Literal["a", 1, None],
    Annotated[str, Field(min_length=2, max_length=9)],
    Annotated[str, Field(pattern=r"^[a-z]+-\d{2}$")],
    Annotated[int, Field(ge=3, lt=90)],
    Annotated[float, Field(gt=0, le=1)],
    Annotated[float, Field(ge=0, le=0.005)],
    Annotated[int, Field(multiple_of=5)],
]
_NESTED = st.recursive(
    st.sampled_from(_LEAVES),
    lambda inner: st.one_of(
        inner.map(lambda kind: kind | None if kind is not Any else kind),
        inner.map(lambda kind: list[kind]),
        inner.map(lambda kind: Annotated[list[kind], Field(min_length=1, max_length=3)]),
        inner.map(lambda kind: dict[str, kind]),
        st.tuples(inner, inner).map(lambda kinds: tuple[kinds]),
        st.tuples(inner, inner).map(lambda kinds: kinds[0] | kinds[1] if Any not in kinds else Any),
        inner.map(lambda kind: create_model("Inner", value=(kind, ...), note=(str | None, None))),
    ),
    max_leaves=4,
)


@st.composite
def models(draw: st.DrawFn) -> type[BaseModel]:
    """A model of one to four fields, some of which may be left out."""
    names = draw(st.lists(st.sampled_from(["component", "limit", "why", "since"]), min_size=1, unique=True))
    fields: dict[str, Any] = {}
    for name in names:
        kind = draw(_NESTED)
        fields[name] = (
            (kind, ...) if draw(st.booleans()) else (kind | None if kind is not Any else kind, None)
        )
    return create_model("Outer", **fields)
