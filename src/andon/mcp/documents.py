"""Documents: whole reports and the list of runs, as tools and as resources."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated, Any, Literal

import orjson
from mcp.types import CallToolResult
from pydantic import Field

from andon import reports
from andon.investigation.report import Report
from andon.mcp.cards import Document, Runs, Verdict, answered, run_card, verdict
from andon.mcp.questions import Run
from andon.mcp.records import Records

__all__ = ["Documents"]

_Limit = Annotated[int, Field(description="runs that are wanted", ge=1, le=200)]
_LISTED = 100


@dataclass(frozen=True, slots=True)
class Documents:
    """`hide` is applied to the values of a report before it is written down, so that hiding breaks no format."""

    records: Records
    hide: Callable[[Any], Any]

    def runs(self, limit: _Limit = 20) -> Annotated[CallToolResult, Runs]:
        """List the runs that are kept, newest first."""
        return answered(self._runs(limit))

    def report(
        self, run: Run = "latest", form: Literal["json", "markdown"] = "markdown"
    ) -> Annotated[CallToolResult, Document]:
        """The whole report of a run: as Markdown to read, or as JSON with its charts, timeline and coverage."""
        found = self.hidden(run)
        if form == "markdown":
            text = reports.to_markdown(found)
            return answered(Document(run=found.run, markdown=text), text)
        return answered(Document(run=found.run, report=orjson.loads(reports.to_json(found))))

    def verify(self, run: Run = "latest") -> Annotated[CallToolResult, Verdict]:
        """Compute every claim of a report again from what the run observed."""
        return answered(verdict(*self.records.verify(run)))

    def listed(self) -> str:
        """The runs that are kept, newest first."""
        return self._runs(_LISTED).model_dump_json(indent=2)

    def as_json(self, run: str) -> str:
        """The report of a run as JSON (andon.report/1)."""
        return reports.to_json(self.hidden(run)).decode()

    def as_markdown(self, run: str) -> str:
        """The report of a run as Markdown."""
        return reports.to_markdown(self.hidden(run))

    def as_html(self, run: str) -> str:
        """The report of a run as one HTML page without scripts."""
        return reports.to_html(self.hidden(run))

    def hidden(self, run: str) -> Report:
        """The report of a run without what must not leave."""
        plain = orjson.loads(reports.to_json(self.records.report(run)))
        return reports.from_json(orjson.dumps(self.hide(plain)))

    def _runs(self, limit: int) -> Runs:
        found = self.records.runs()
        return Runs(runs=[run_card(run) for run in found[:limit]], total=len(found))
