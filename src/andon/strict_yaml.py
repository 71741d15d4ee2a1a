"""YAML in which no key may be stated twice: the first of two would be lost without a word."""

from __future__ import annotations

from typing import Any

import yaml

__all__ = ["load"]


def load(text: str) -> Any:
    """What the text states. Raises yaml.YAMLError with the place, also for a key that is stated twice."""
    return yaml.load(text, Loader=_Loader)  # noqa: S506 - it constructs what SafeLoader does, nothing else.


class _Loader(yaml.SafeLoader):
    """Looks at the keys as they are written, before `<<` merges others into them."""

    def compose_mapping_node(self, anchor: str | None) -> yaml.MappingNode:
        node = super().compose_mapping_node(anchor)
        seen = set()
        for key, _ in node.value:
            if not isinstance(key, yaml.ScalarNode):
                continue
            if key.value in seen:
                raise yaml.composer.ComposerError(
                    problem=f"{key.value!r} is stated twice", problem_mark=key.start_mark
                )
            seen.add(key.value)
        return node
