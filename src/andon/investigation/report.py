"""The report of an investigation: one schema, from which every face renders.

`REPORT_SCHEMA` is the version that consumers may rely on: within one number fields are only added.
Times are Unix seconds in UTC, likelihoods and shares lie in [0, 1].
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum

from andon.investigation.claims import Binding
from andon.telemetry import Status, Window

__all__ = [
    "REPORT_SCHEMA",
    "Agent",
    "Chart",
    "Check",
    "Coverage",
    "Drift",
    "Evidence",
    "Exhibits",
    "Hypothesis",
    "MapEdge",
    "MapNode",
    "Moment",
    "Refutation",
    "Report",
    "ServiceBinding",
    "Symptom",
    "SymptomKind",
    "TemplateRow",
]

REPORT_SCHEMA = "andon.report/1"


class SymptomKind(StrEnum):
    """The kinds of trouble that a question can be about."""

    UNAVAILABLE = "unavailable"
    SLOW = "slow"
    WRONG = "wrong"
    MISSING = "missing"
    UNKNOWN = "unknown"


@dataclass(frozen=True, slots=True)
class Symptom:
    """What was understood of the question: where and what kind, and which words say so."""

    kind: SymptomKind
    components: tuple[str, ...]
    names: tuple[str, ...]
    understood: tuple[str, ...]
    """One sentence for each thing understood, with the reason."""
    onset: float | None = None
    onset_low: float | None = None
    onset_high: float | None = None
    abnormal: bool = True


@dataclass(frozen=True, slots=True)
class Evidence:
    """One claim that speaks for (`supports`) or against a hypothesis.

    `claim` is the sentence; `template` and `bindings` are how it was computed, so that it can be
    checked; `observations` are ledger ids. `signal` is the kind of evidence: metrics, logs, traces,
    changes, architecture. A stack trace or log line that is worth showing whole stands in `quote`.
    `sampled` are the least and the most of what the sources hold that the counts were drawn from, 1 and 1 where
    all of it was read.
    """

    claim: str
    supports: bool
    observations: tuple[str, ...]
    signal: str
    template: str
    bindings: dict[str, Binding]
    quote: str = ""
    sampled: tuple[float, float] = (1.0, 1.0)


@dataclass(frozen=True, slots=True)
class Refutation:
    """An attempt to prove the hypothesis wrong, and how it ended."""

    attempt: str
    outcome: str
    survived: bool
    template: str = ""
    bindings: dict[str, Binding] = field(default_factory=dict)
    """How the outcome was computed; empty when it states nothing that could be."""


@dataclass(frozen=True, slots=True)
class Check:
    """The next thing to look at: why, and a command or query to paste."""

    why: str
    command: str


@dataclass(frozen=True, slots=True)
class Hypothesis:
    """One possible root cause.

    `component` is an element id of the architecture (or a service name where there is none), `name`
    what people call it; `mechanism` a stable slug such as `network-rule-removed`; `change` the id of
    the change event that did it, or None.
    """

    component: str
    name: str
    mechanism: str
    mechanism_title: str
    change: str | None
    likelihood: float
    statement: str
    evidence: tuple[Evidence, ...]
    refutations: tuple[Refutation, ...]
    next_check: Check
    remedy: str
    path: tuple[str, ...] = ()
    """Element ids from the cause to the symptom, as far as they are known."""
    statement_template: str = ""
    statement_bindings: dict[str, Binding] = field(default_factory=dict)
    found_by: tuple[str, ...] = ("engine",)
    """Who named it: `engine`, `model`, `memory`."""
    reading: str = ""
    """The model's own words on it; checked are its numbers, times, quotes and names, not its reasoning."""
    runbook: str = ""
    """The passage of the documents that says what to check if it is right; never evidence."""

    @property
    def key(self) -> tuple[str, str, str | None]:
        """What makes two hypotheses the same: component, mechanism, change; a suspect has the same one."""
        return self.component, self.mechanism, self.change


@dataclass(frozen=True, slots=True)
class Coverage:
    """What was asked, and how far the answer reaches: one row for each query."""

    tool: str
    source: str
    query: str
    status: Status
    count: int
    note: str = ""
    observation: str = ""


@dataclass(frozen=True, slots=True)
class Drift:
    """Architecture against reality: `declared-not-seen` or `seen-not-declared`."""

    kind: str
    source: str
    destination: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class ServiceBinding:
    """Which telemetry belongs to which element, and how that was decided."""

    service: str
    element: str
    how: str


@dataclass(frozen=True, slots=True)
class Chart:
    """A decisive series: n times, n values (None where there is no point), its onset if it has one."""

    title: str
    unit: str
    times: tuple[float, ...]
    values: tuple[float | None, ...]
    observation: str
    onset: float | None = None
    component: str = ""


@dataclass(frozen=True, slots=True)
class Moment:
    """One entry of the timeline. `kind` is onset, change, log or symptom."""

    time: float
    kind: str
    text: str
    component: str = ""
    observation: str = ""
    suspect: bool = False


@dataclass(frozen=True, slots=True)
class TemplateRow:
    """One log template of the diff; rates are records per minute; `change` is new, vanished, more, fewer."""

    service: str
    template: str
    change: str
    baseline: int
    incident: int
    baseline_rate: float
    incident_rate: float
    first_seen: float | None
    q: float
    error: bool
    sample: str
    observation: str


@dataclass(frozen=True, slots=True)
class MapNode:
    """An element on the topology picture. `state` is cause, affected, symptom, ok or unseen."""

    id: str
    name: str
    kind: str
    state: str
    technology: str = ""


@dataclass(frozen=True, slots=True)
class MapEdge:
    """A relationship on the picture. `state` is broken, slow, ok, declared-only or observed-only."""

    source: str
    destination: str
    state: str
    label: str = ""


@dataclass(frozen=True, slots=True)
class Exhibits:
    """What the pictures of the report are drawn from."""

    nodes: tuple[MapNode, ...] = ()
    edges: tuple[MapEdge, ...] = ()
    timeline: tuple[Moment, ...] = ()
    charts: tuple[Chart, ...] = ()
    templates: tuple[TemplateRow, ...] = ()


@dataclass(frozen=True, slots=True)
class Agent:
    """What the language model did in a run.

    `samples` are the independent investigations that were run, `agreement` the part of them that led with the same
    hypothesis. `agrees` tells whether engine and model name the same first; where they do not, `engine_first` and
    `model_first` say what each named. `dropped` are the sentences that no observation bears out, `stopped` why it
    ended before it was done, empty where it was done. Dollars are None where no price is known.
    """

    model: str
    samples: int
    agreement: float
    agrees: bool
    engine_first: str
    model_first: str
    requests: int
    calls: int
    tokens_in: int
    tokens_out: int
    dollars: float | None
    seconds: float
    dropped: tuple[str, ...] = ()
    stopped: str = ""


@dataclass(frozen=True, slots=True)
class Report:
    """The answer. Likelihoods of the hypotheses and `something_else` add up to 1."""

    run: str
    created: float
    question: str
    headline: str
    symptom: Symptom
    incident: Window
    baseline: Window
    hypotheses: tuple[Hypothesis, ...]
    something_else: float
    coverage: tuple[Coverage, ...]
    verified: bool
    checked_claims: int
    dropped_claims: tuple[str, ...] = ()
    blast_radius: tuple[str, ...] = ()
    drift: tuple[Drift, ...] = ()
    service_bindings: tuple[ServiceBinding, ...] = ()
    trail: tuple[str, ...] = ()
    """How this run was redirected: one line for each `--continue`, oldest first."""
    notes: tuple[str, ...] = ()
    exhibits: Exhibits = field(default_factory=Exhibits)
    agent: Agent | None = None
    """What a language model had to do with it; None where there was none."""
    schema: str = REPORT_SCHEMA
