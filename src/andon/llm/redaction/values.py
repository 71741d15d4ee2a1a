"""JSON-like values: every text in them changed, their shape kept."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from andon.llm.redaction.names import is_sensitive
from andon.llm.redaction.pseudonyms import PSEUDONYM

__all__ = ["DEEPEST", "TOO_DEEP", "mapped"]

Change = Callable[[str], str]

DEEPEST = 100
TOO_DEEP = f"(nested deeper than {DEEPEST} levels)"
NAMES = ("name", "key", "Name", "Key")
VALUES = frozenset({"value", "Value", "stringValue", "string_value"})


def mapped(value: Any, change: Change, change_secret: Change, *, depth: int = DEEPEST) -> Any:
    """The value with each text changed, keys too; texts under a key that announces a secret by `change_secret`.

    Entries of the form `{"name": "DB_PASSWORD", "value": "…"}` count as such keys. Numbers, booleans and None stay.
    Below `depth` levels stands `TOO_DEEP` instead. Raises TypeError for what JSON does not know, bytes among it.
    """
    if isinstance(value, str):
        return change(value)
    if value is None or isinstance(value, bool | int | float):
        return value
    if not isinstance(value, dict | list | tuple):
        raise TypeError(f"only JSON-like values can be redacted, not {type(value).__name__}")
    if depth == 0:
        return TOO_DEEP
    if isinstance(value, dict):
        return _mapping(value, change, change_secret, depth - 1)
    items = [mapped(item, change, change_secret, depth=depth - 1) for item in value]
    return tuple(items) if isinstance(value, tuple) else items


def _mapping(
    value: dict[Any, Any], change: Change, change_secret: Change, depth: int, *, announced: bool = False
) -> dict[Any, Any]:
    """`announced` says that the values in it are a secret's, as in `{"value": {"stringValue": "…"}}`."""
    announced = announced or any(_announces(value.get(name), change) for name in NAMES)
    result: dict[Any, Any] = {}
    for key, item in value.items():
        inner = announced and key in VALUES
        if inner and depth and isinstance(item, dict):
            changed: Any = _mapping(item, change, change_secret, depth - 1, announced=True)
        else:
            secret = _is_flat(item) and (inner or _announces(key, change))
            changed = mapped(item, change_secret if secret else change, change_secret, depth=depth)
        result[_free(result, mapped(key, change, change_secret, depth=depth))] = changed
    return result


def _announces(name: Any, change: Change) -> bool:
    """Whether the name, as it is after the change and without pseudonyms in it, announces a secret."""
    return isinstance(name, str) and is_sensitive(PSEUDONYM.sub(" ", change(name)))


def _is_flat(item: Any) -> bool:
    """Whether the item is a text, or texts in a row, rather than something with names of its own."""
    if isinstance(item, list | tuple):
        return not any(isinstance(each, dict | list | tuple) for each in item)
    return isinstance(item, str)


def _free(taken: dict[Any, Any], key: Any) -> Any:
    """The key, numbered where another entry has come to have the same one, so that none is lost."""
    free, number = key, 2
    while free in taken:
        free, number = f"{key} ({number})", number + 1
    return free
