"""What is wrong with an entry of andon.yaml, in words for the person who wrote it."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from difflib import get_close_matches
from typing import Any, get_args

from pydantic import BaseModel, ValidationError

from andon.errors import ConfigError

__all__ = ["mistake"]

_A_LIST = "expected a list, like [shop]"
_A_MAPPING = "expected keys of its own, like {key: value}"
_WORDS = {
    "tuple_type": _A_LIST,
    "list_type": _A_LIST,
    "set_type": _A_LIST,
    "frozen_set_type": _A_LIST,
    "dict_type": _A_MAPPING,
    "model_type": _A_MAPPING,
    "model_attributes_type": _A_MAPPING,
    "string_type": "expected text; quotes make it that",
    "bool_type": "expected true or false",
    "bool_parsing": "expected true or false",
    "int_type": "expected a whole number",
    "int_parsing": "expected a whole number",
    "int_from_float": "expected a whole number",
    "float_type": "expected a number",
    "float_parsing": "expected a number",
}
"""What pydantic's types of errors mean to somebody who writes YAML; its own words stand for all others."""
_ALSO_CALLED = {"token": "bearer", "api_key": "bearer", "user": "username", "host": "url", "address": "url"}


def mistake(error: ValidationError, config: type[BaseModel], kind: str, origin: str) -> ConfigError:
    """One mistake with its key, and a near or the known keys; what was written is not repeated, for it may be a secret.

    A key that is unknown comes first: another that is missing may be what was meant by it.
    """
    found = error.errors(include_input=False, include_url=False)
    first = next((one for one in found if one["type"] == "extra_forbidden"), found[0])
    wrong, path = first["type"], tuple(first["loc"])
    words = _WORDS.get(wrong) or first["msg"].removeprefix("Value error, ")
    hint = ""
    if wrong in ("extra_forbidden", "missing"):
        model = _model_at(config, path[:-1])
        if wrong == "extra_forbidden":
            near = _near(str(path[-1]), model, config)
            words = f"no such key{f', did you mean {near}?' if near else ''}"
        if model:
            within = ".".join(map(str, path[:-1])) or kind
            hint = f"keys of `{within}`: {', '.join(model.model_fields)}"
    more = f" (and {len(found) - 1} more)" if len(found) > 1 else ""
    return ConfigError(f"{'.'.join([origin, *map(str, path)])}: {words}{more}", hint=hint)


def _model_at(config: type[BaseModel], path: Sequence[int | str]) -> type[BaseModel] | None:
    """The model whose keys stand at a path of an entry, None where that cannot be told."""
    found: type[BaseModel] | None = config
    for part in path:
        if isinstance(part, int):  # An item of a list has the model that the list was found to have.
            continue
        field = found.model_fields.get(part) if found else None
        found = next(_models(field.annotation), None) if field else None
    return found


def _models(annotation: Any) -> Iterator[type[BaseModel]]:
    """The models inside a type: itself, of its items, or one of several."""
    if isinstance(annotation, type) and issubclass(annotation, BaseModel):
        yield annotation
    for inner in get_args(annotation):
        yield from _models(inner)


def _near(key: str, model: type[BaseModel] | None, config: type[BaseModel]) -> str:
    """A key beside it that is spelled alike, else one elsewhere in the entry that has this or a like name."""
    beside = get_close_matches(key, model.model_fields if model else (), 1)
    if beside:
        return beside[0]
    names = (key, _ALSO_CALLED.get(key))
    return next((name for name in _dotted(config) if name.rpartition(".")[2] in names), "")


def _dotted(
    model: type[BaseModel], outer: str = "", above: tuple[type[BaseModel], ...] = ()
) -> Iterator[str]:
    """Every key that may be stated, with the keys around it: `auth.bearer`."""
    for name, field in model.model_fields.items():
        yield outer + name
        annotation = field.annotation
        if isinstance(annotation, type) and issubclass(annotation, BaseModel) and annotation not in above:
            yield from _dotted(annotation, f"{outer}{name}.", (*above, model))
