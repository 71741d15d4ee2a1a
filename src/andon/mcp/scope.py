"""The scope: which sources may be looked at, and so which runs may be seen; no client widens it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from andon.config import Settings
from andon.errors import ConfigError, UsageError

__all__ = ["Scope"]


@dataclass(frozen=True, slots=True)
class Scope:
    """`offered` are the sources by the name that a client says; its values are what andon knows them by.

    Where somebody `stated` the sources, only runs that looked at nothing else are shown; otherwise all runs of the
    store are, but none of them is gone on with beyond the sources offered.
    """

    offered: Mapping[str, str]
    stated: bool = False

    @classmethod
    def of(cls, settings: Settings, sources: Sequence[str] = ()) -> Scope:
        """The sources that were stated, else all of andon.yaml. Raises ConfigError for one that does not exist."""
        offered: dict[str, str] = {}
        for text in sources or settings.sources:
            path = Path(text)
            if text in settings.sources:
                offered[text] = text
            elif path.exists():
                offered[path.name if path.name and path.name not in offered else text] = str(path.resolve())
            else:
                known = ", ".join(sorted(settings.sources)) or "none"
                raise ConfigError(
                    f"{text!r} is neither a folder, a bundle nor a configured source",
                    hint=f"configured sources: {known}",
                )
        return cls(offered, bool(sources))

    def chosen(self, names: Sequence[str]) -> list[str]:
        """The sources of these names, all where none is named. Raises UsageError for any other."""
        if not self.offered:
            raise UsageError("nothing to look at", hint="start `andon mcp` with --source, or add sources")
        known = dict(self.offered) | {place: place for place in self.offered.values()}
        for name in names:
            if name not in known:
                raise UsageError(
                    f"{name[:80]!r} is not among the sources that this server may look at",
                    hint=f"offered are: {', '.join(self.offered)}",
                )
        return list(dict.fromkeys(known[name] for name in names)) or list(self.offered.values())

    def holds(self, sources: Sequence[str]) -> bool:
        """Whether all of the sources are offered."""
        return set(sources) <= set(self.offered.values())
