"""Records: the runs of the store that a client may see."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from andon.app.runs import open_store, report_of, verify_run
from andon.config import Settings
from andon.errors import RunNotFound, UsageError
from andon.investigation.report import Report
from andon.investigation.verification import Failure
from andon.mcp.scope import Scope
from andon.storage import RunSummary, Store

__all__ = ["Records"]


@dataclass(frozen=True, slots=True)
class Records:
    """Runs within a scope. Every method raises RunNotFound for a run that there is not, or that is not to be seen."""

    settings: Settings
    scope: Scope

    def runs(self) -> tuple[RunSummary, ...]:
        """Newest first."""
        with open_store(self.settings) as store:
            return tuple(self._seen(store))

    def find(self, prefix: str) -> RunSummary:
        """The run whose id starts or ends with the text; `latest` is the newest that may be seen."""
        with open_store(self.settings) as store:
            run = next(self._seen(store), None) if prefix == "latest" else store.find(prefix)
            if run is None or not self._visible(store, run):
                raise RunNotFound(f"no run match {prefix!r}", hint="`runs` lists them")
            return run

    def report(self, prefix: str) -> Report:
        """The last report of a run; raises StorageError for a run without one."""
        return report_of(self.find(prefix).id, self.settings)

    def verify(self, prefix: str) -> tuple[Report, tuple[Failure, ...]]:
        """The report with every claim computed again, and those that fail."""
        return verify_run(self.find(prefix).id, self.settings)

    def proceedable(self, prefix: str) -> RunSummary:
        """A run that may be gone on with. Raises UsageError for one that looked at other sources than are offered."""
        run = self.find(prefix)
        with open_store(self.settings) as store:
            if not self.scope.holds(_sources(store, run)):
                raise UsageError(
                    f"run {run.id} looked at sources that this server may not look at",
                    hint="investigate anew, or start `andon mcp` with them as --source",
                )
        return run

    def _seen(self, store: Store) -> Iterator[RunSummary]:
        return (run for run in store.runs() if self._visible(store, run))

    def _visible(self, store: Store, run: RunSummary) -> bool:
        return not self.scope.stated or self.scope.holds(_sources(store, run))


def _sources(store: Store, run: RunSummary) -> tuple[str, ...]:
    """What a run looked at; something that nobody offers where it does not say so."""
    asked = next((event for event in store.events(run.id) if event.type == "run"), None)
    return tuple(map(str, asked.payload["sources"])) if asked else ("",)
