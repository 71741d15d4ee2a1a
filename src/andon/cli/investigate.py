"""`andon investigate`: a question in, a report out."""

from __future__ import annotations

import re
import sys
from collections.abc import Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Annotated, Any

import typer

from andon.errors import Inconclusive, UsageError

if TYPE_CHECKING:
    from andon.config import Settings
    from andon.investigation.question import Question
    from andon.telemetry import Window

__all__ = ["investigate"]

_STEPS = {
    "asked": "asking which components there are",
    "understood": "reading the question",
    "widened": "looking more closely, and everywhere",
    "windows": "finding when it began",
    "observed": "asking the tools",
    "located": "accounting for the symptom",
    "suspects": "weighing the suspects",
    "verified": "checking every claim",
}
_KINDS = ("unavailable", "slow", "wrong", "missing")

_Sources = Annotated[
    list[str] | None,
    typer.Option(
        "--source", "-s", help="A folder, a bundle (.zip) or a configured source; without it, all configured."
    ),
]
_Last = Annotated[
    str,
    typer.Option(help="How far to look back in live systems where no --from is given; 1h where not said."),
]
_Deadline = Annotated[
    str, typer.Option(help="How long all live systems may take together, 2m if not stated otherwise.")
]
_Model = Annotated[
    str,
    typer.Option(
        help="The language model that leads, such as anthropic:NAME, instead of the configured one."
    ),
]
_NoModel = Annotated[bool, typer.Option("--no-model", help="The engine alone.")]
_Samples = Annotated[
    int, typer.Option(help="Independent investigations of the model, which then vote.", min=0, max=50)
]
_Until = Annotated[str, typer.Option(help="Look back from this time (ISO 8601) instead of from now.")]


def investigate(
    question: Annotated[str, typer.Argument(help="What is wrong, in your own words.")] = "",
    source: _Sources = None,
    proceed: Annotated[str, typer.Option("--continue", help="Go on from this run.", metavar="RUN")] = "",
    component: Annotated[
        list[str] | None, typer.Option(help="Where it is felt, instead of what the words say.")
    ] = None,
    symptom: Annotated[str, typer.Option(help="unavailable, slow, wrong or missing.")] = "",
    start: Annotated[str, typer.Option("--from", help="Start of the incident (ISO 8601).")] = "",
    end: Annotated[str, typer.Option("--to", help="End of the incident (ISO 8601).")] = "",
    last: _Last = "",
    until: _Until = "",
    deadline: _Deadline = "",
    exclude: Annotated[list[str] | None, typer.Option(help="A component that is not to be named.")] = None,
    pin: Annotated[list[str] | None, typer.Option(help="A component to look at first.")] = None,
    also: Annotated[list[str] | None, typer.Option(help="A further component at which it is felt.")] = None,
    model: _Model = "",
    no_model: _NoModel = False,
    samples: _Samples = 0,
    as_json: Annotated[bool, typer.Option("--json", help="The report as JSON.")] = False,
    as_markdown: Annotated[bool, typer.Option("--markdown", help="The report as Markdown.")] = False,
    html: Annotated[str, typer.Option(help="Also write the report as one HTML file.", metavar="FILE")] = "",
    fail: Annotated[
        bool, typer.Option("--fail-if-inconclusive", help="Exit with 10 when no cause is named.")
    ] = False,
) -> None:
    """Find out why something went wrong."""
    from andon.app import investigating
    from andon.cli.output import show_report, write_file

    asked = _question(question, component, symptom, (start, end), (exclude, pin, also))
    settings, progress = with_model(_settings(deadline), model, samples, off=no_model), _progress()
    if proceed and (last or until):
        raise UsageError("a run goes on with its own time", hint="--from and --to state another one")
    if proceed:
        report = investigating.proceed(proceed, asked, settings, progress)
    else:
        sources = source or _configured(settings)
        seconds, moment = _seconds("--last", last or "1h"), _time(until) if until else None
        report = investigating.start(asked, sources, settings, progress, last=seconds, until=moment)
    _clear()
    if html:
        from andon.reports import to_html

        write_file(html, to_html(report))
    show_report(report, as_json=as_json, as_markdown=as_markdown)
    if fail and not report.hypotheses:
        raise Inconclusive(report.headline)


def _settings(deadline: str) -> Settings:
    """The settings in force, with the time for live systems that the command line states."""
    from andon.config import load_settings

    settings = load_settings()
    if not deadline:
        return settings
    return replace(settings, budget=replace(settings.budget, seconds=_seconds("--deadline", deadline)))


def with_model(settings: Settings, model: str, samples: int, *, off: bool) -> Settings:
    """The settings with the model that the command line states, or with none. Raises UsageError where it states both."""
    from andon.config import ModelEntry

    if off and (model or samples):
        raise UsageError("--no-model goes with neither --model nor --samples")
    entry = None if off else settings.model
    if model:
        entry = (entry or ModelEntry("", folder=settings.file.parent)).named(model, "--model")
    if samples and entry is None:
        raise UsageError("--samples needs a model", hint="name one with --model, or in andon.yaml")
    if entry is not None and samples:
        entry = replace(entry, samples=samples)
    return replace(settings, model=entry)


def _configured(settings: Settings) -> list[str]:
    if not settings.sources:
        hint = "name a folder or a bundle with --source, or a system with `andon sources add`"
        raise UsageError("nothing to look at", hint=hint)
    return list(settings.sources)


def _question(
    text: str,
    components: list[str] | None,
    symptom: str,
    period: tuple[str, str],
    lists: tuple[list[str] | None, list[str] | None, list[str] | None],
) -> Question:
    from andon.investigation.question import Question
    from andon.investigation.report import SymptomKind

    if symptom and symptom not in _KINDS:
        raise UsageError(f"unknown symptom {symptom!r}", hint=f"one of {', '.join(_KINDS)}")
    exclude, pin, also = lists
    return Question(
        text=text,
        components=tuple(components or ()),
        kind=SymptomKind(symptom) if symptom else None,
        incident=_window(*period),
        exclude=tuple(exclude or ()),
        pins=tuple(pin or ()),
        also=tuple(also or ()),
    )


def _window(start: str, end: str) -> Window | None:
    from andon.telemetry import Window

    if not start and not end:
        return None
    if not start:
        raise UsageError("--to needs --from")
    first, last = _time(start), _time(end) if end else datetime.now(UTC).timestamp()
    if last <= first:
        raise UsageError(f"the incident ends ({end}) before it starts ({start})")
    return Window(first, last)


def _time(text: str) -> float:
    try:
        read = datetime.fromisoformat(text)
    except ValueError as error:
        raise UsageError(f"{text!r} is no time", hint="write 2026-06-19T10:25:00Z") from error
    return (read if read.tzinfo else read.replace(tzinfo=UTC)).timestamp()


def _seconds(option: str, text: str) -> float:
    match = re.fullmatch(r"(\d+(?:\.\d+)?)([smhd])", text.strip())
    if match is None or not float(match[1]):
        raise UsageError(f"{option} {text}: no length of time", hint="write 90s, 30m, 6h or 2d")
    return float(match[1]) * {"s": 1, "m": 60, "h": 3600, "d": 86_400}[match[2]]


def _progress() -> Any:
    """Shows what was found so far and the step that is under way on a terminal; says nothing elsewhere."""
    if not sys.stderr.isatty():
        return lambda *_: None
    from andon.cli.progress import told

    def show(type_: str, payload: Mapping[str, Any]) -> None:
        for line in told(type_, payload):
            sys.stderr.write(f"\r\033[K  {line}\n")
        if type_ in _STEPS:
            sys.stderr.write(f"\r\033[K… {_STEPS[type_]}")
        sys.stderr.flush()

    return show


def _clear() -> None:
    if sys.stderr.isatty():
        sys.stderr.write("\r\033[K")
