"""The questions of the desk as tools, each with the run that it is about as its first argument."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Annotated

from mcp.types import CallToolResult
from pydantic import Field

from andon.investigation.agent import questions
from andon.mcp.cards import Answer, answered
from andon.mcp.desks import Desks

__all__ = ["Component", "QuestionTools", "Run"]

Run = Annotated[
    str, Field(description="id of a run, its beginning or end, or `latest`", min_length=1, max_length=80)
]
Component = Annotated[str, Field(description="id, name or service of a component", max_length=200)]
Contains = Annotated[str, Field(description="part of the name or text", max_length=200)]
Top = Annotated[int, Field(description="rows that are wanted", ge=1, le=25)]
Ref = Annotated[str, Field(description="a reference such as metrics-1:series.4", max_length=80)]
Told = Annotated[CallToolResult, Answer]


@dataclass(frozen=True, slots=True)
class QuestionTools:
    """One method a tool; all of them only read what a run has observed."""

    desks: Desks

    @property
    def all(self) -> tuple[Callable[..., CallToolResult], ...]:
        """Every tool."""
        return (
            self.architecture, self.metrics, self.logs, self.log_lines, self.traces, self.changes,
            self.alerts, self.instruments, self.series, self.row, self.suspects,
        )  # fmt: skip

    def architecture(self, run: Run, component: Component = "") -> Told:
        """Which components there are in a run, or who calls a component and whom it calls."""
        return self._ask(run, lambda ask: ask.architecture(component), component)

    def metrics(self, run: Run, component: Component = "", contains: Contains = "", top: Top = 8) -> Told:
        """Series that changed in the incident of a run, of a component or of all."""
        return self._ask(run, lambda ask: ask.metrics(component, contains, top), component)

    def logs(self, run: Run, component: Component = "", contains: Contains = "", top: Top = 8) -> Told:
        """Log templates that are new, gone, more or fewer in the incident of a run, and new kinds of error."""
        return self._ask(run, lambda ask: ask.logs(component, contains, top), component)

    def log_lines(
        self,
        run: Run,
        text: Annotated[str, Field(description="what the lines hold", min_length=1, max_length=200)],
        component: Component = "",
        top: Top = 8,
    ) -> Told:
        """Lines of the log that hold a text, as far as the run has looked for it."""
        return self._ask(run, lambda ask: ask.log_lines(text, component, top), component)

    def traces(self, run: Run, component: Component = "", top: Top = 8) -> Told:
        """How calls changed: failures, time, calls without an answer; how much of the symptom each place adds."""
        return self._ask(run, lambda ask: ask.traces(component, top), component)

    def changes(self, run: Run, component: Component = "", contains: Contains = "", top: Top = 8) -> Told:
        """What people and systems changed, those nearest to the onset first, each with its id."""
        return self._ask(run, lambda ask: ask.changes(component, contains, top), component)

    def alerts(self, run: Run) -> Told:
        """Alerts that fired in the incident of a run."""
        return self._ask(run, questions.Questions.alerts)

    def instruments(self, run: Run, component: Component = "", top: Top = 8) -> Told:
        """What the instruments of equipment say together."""
        return self._ask(run, lambda ask: ask.instruments(component, top), component)

    def series(self, run: Run, ref: Ref) -> Told:
        """The course of one series, as far as the run has looked at it: means of twelve parts of both windows."""
        return self._ask(run, lambda ask: ask.series(ref))

    def row(self, run: Run, ref: Ref) -> Told:
        """All that one row holds."""
        return self._ask(run, lambda ask: ask.row(ref))

    def suspects(self, run: Run, top: Top = 8) -> Told:
        """Whom the engine suspects, likeliest first, with what speaks for each."""
        return self._ask(run, lambda ask: ask.suspects(top))

    def _ask(
        self, run: str, question: Callable[[questions.Questions], str], component: str = ""
    ) -> CallToolResult:
        answer = self.desks.ask(run, question, component)
        return answered(answer, answer.text)
