"""Looking at a bundle that nobody described: what each file is, why we think so, and what to ask.

Each file is told by its first 256 KiB; names of files only break ties. What cannot be told becomes a
problem, so that nothing is left out in silence.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from andon.connectors.files.alerts import Alert, alert_of
from andon.connectors.files.bundle import Bundle
from andon.connectors.files.guess_csv import guess_csv
from andon.connectors.files.guess_json import guess_json
from andon.connectors.files.head import Head, read_head
from andon.connectors.files.logs_text import layout_of
from andon.connectors.files.manifest import MANIFEST_NAME, FileEntry, Manifest, write_manifest_text
from andon.connectors.files.problems import ProblemCounter
from andon.connectors.files.times import TimeParser
from andon.connectors.files.verdict import Question, Verdict
from andon.connectors.source import Signal
from andon.errors import ConfigError, SourceError
from andon.telemetry import Problem, isoformat

__all__ = ["Guess", "Guessed", "guess", "guess_bundle", "write_manifest"]

LINES_LOOKED_AT = 200
GENERIC_NAMES = frozenset(
    {"log", "logs", "app", "application", "output", "out", "err", "error", "errors", "access", "syslog", "messages",
     "server", "stdout", "stderr", "console", "all", "combined", "journal"}
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class Guessed:
    """What one file was taken for, and why; an empty `signal` where it was put on the ignore list."""

    path: str
    signal: str
    format: str
    why: str


@dataclass(frozen=True, slots=True)
class Guess:
    """A manifest that andon wrote by looking.

    `reference` is a time (Unix seconds) from the files, near which times without a year are placed;
    0 when none was seen.
    """

    manifest: Manifest
    guessed: tuple[Guessed, ...]
    questions: tuple[Question, ...]
    problems: tuple[Problem, ...]
    reference: float = 0.0


def guess(folder: Path) -> Guess:
    """Looks at a folder or zip file; SourceError when it is none or empty."""
    return guess_bundle(Bundle(folder))


def guess_bundle(bundle: Bundle) -> Guess:
    """Looks at the head of every file of a bundle."""
    problems = ProblemCounter()
    entries: list[FileEntry] = []
    guessed: list[Guessed] = []
    questions: list[Question] = []
    ignored: list[str] = []
    alerts: list[Alert] = []
    references: list[float] = []
    paths = [path for path in bundle.paths if path.rsplit("/", 1)[-1] not in (MANIFEST_NAME, "incident.yml")]
    if not paths:
        raise SourceError(
            f"{bundle.root}: holds no files",
            hint="put metrics, logs, traces or changes into it; see the reference for the formats",
        )
    for path in paths:
        head = read_head(bundle, path)
        verdict = _look(head, bundle)
        if alert := alert_of(head):
            alerts.append(alert)
            ignored.append(path)
            guessed.append(
                Guessed(path, "", "", "an alert: its summary is the symptom, its time lies in the incident")
            )
        elif verdict.entries:
            entries.extend(verdict.entries)
            guessed.extend(Guessed(path, e.signal.value, e.format, verdict.why) for e in verdict.entries)
            questions.extend(verdict.questions)
            references.extend(verdict.times[:1])
        elif verdict.ignore:
            ignored.append(path)
            guessed.append(Guessed(path, "", "", verdict.why))
        else:
            ignored.append(path)
            problems.add(
                path,
                verdict.why,
                hint="name its signal and format in incident.yaml, or list it under `ignore`",
            )
    if entries:
        widened = " An alert says when it was under way." if alerts else ""
        questions.append(Question("", "incident", f"When did the incident begin and end?{widened}"))
    reference = min([alert.time for alert in alerts] or references, default=0.0)
    manifest = _manifest(entries, ignored, alerts)
    return Guess(manifest, tuple(guessed), tuple(questions), problems.problems(), reference)


def write_manifest(guess: Guess, path: Path) -> None:
    """Writes the guessed manifest, with the reasons and the open questions as comments; keeps an existing file.

    Raises ConfigError when the file is there already or cannot be written.
    """
    head = ["# Written by andon from looking at the files. Check it, and answer the questions.", "#"]
    head += [f"# {g.path}: {g.why}" for g in guess.guessed]
    head += [f"# left out: {problem}" for problem in guess.problems]
    head += ["#"] * bool(guess.questions)
    head += [f"# ? {question}" for question in guess.questions]
    comments = "\n".join("".join(c if c.isprintable() else "?" for c in line) for line in head)
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(f"{comments}\n{write_manifest_text(guess.manifest)}")
    except FileExistsError as error:
        raise ConfigError(f"{path}: is there already", hint="move it away, or edit it") from error
    except OSError as error:
        raise ConfigError(
            f"{path}: cannot be written ({error.strerror})", hint="check the permissions"
        ) from error


def _manifest(entries: list[FileEntry], ignored: list[str], alerts: list[Alert]) -> Manifest:
    first = min(alerts, key=lambda alert: alert.time, default=None)
    if first is None:
        return Manifest(files=tuple(entries), ignore=tuple(ignored))
    return Manifest(
        symptom=first.symptom, alert=isoformat(first.time), files=tuple(entries), ignore=tuple(ignored)
    )


def _look(head: Head, bundle: Bundle) -> Verdict:
    if head.problems.denied:
        return _by_name(head)
    if head.suffix == "parquet" or head.text.startswith("PAR1"):
        return _parquet(head, bundle)
    if not head.text.strip():
        return Verdict.unknown("empty file")
    if head.suffix == "dsl":
        if "workspace" in head.text:
            return Verdict.of(head.path, Signal.TOPOLOGY, "structurizr", "a Structurizr workspace in DSL")
        return Verdict(
            why="a fragment of DSL without a workspace: read where a workspace includes it", ignore=True
        )
    if head.binary:
        return Verdict.unknown("binary file of an unknown kind")
    if head.looks_like_json:
        return guess_json(head)
    if head.suffix in ("csv", "tsv") and (verdict := guess_csv(head)).entries:
        return verdict
    text = _text_log(head)
    if text.entries or head.suffix not in ("csv", "tsv", "txt", ""):
        return text
    return guess_csv(head)


def _text_log(head: Head) -> Verdict:
    lines = [line for line in head.lines[:LINES_LOOKED_AT] if line.strip()]
    found = [layout for line in lines if (layout := layout_of(line)) is not None]
    read = TimeParser()
    times = [time for _, line in found[:20] if (time := read.text(line.time)) == time]
    if not times or len(found) * 20 < len(lines):
        return Verdict.unknown(f"no telemetry was recognised in it (.{head.suffix or 'no suffix'})")
    stem = head.name.split(".")[0]
    service = "" if any(line.service for _, line in found) or stem in GENERIC_NAMES else stem
    why = f"{len(found)} of its first {len(lines)} lines begin with a time ({found[0][0]})"
    why += f"; the service was taken from the file's name, {service}" if service else ""
    entry = FileEntry(path=head.path, signal=Signal.LOGS, format="text", service=service)
    return Verdict((entry,), why, Question.zone(head.path, read), () if read.yearless else tuple(times))


def _parquet(head: Head, bundle: Bundle) -> Verdict:
    import duckdb

    from andon.connectors.files.bundle import READ_ERRORS, LimitReached
    from andon.connectors.files.fields import pick
    from andon.connectors.files.parquet import columns_of_parquet

    try:
        with bundle.real_file(head.path) as path:
            types = columns_of_parquet(path)
    except (duckdb.Error, LimitReached, *READ_ERRORS) as error:
        return Verdict.unknown(f"not readable as Parquet ({str(error).splitlines()[0][:120]})")
    if not pick(types, "time") and not any(kind.startswith("TIMESTAMP") for kind in types.values()):
        return Verdict.unknown(
            f"Parquet without a column for time; the columns are {', '.join(list(types)[:20])}"
        )
    return Verdict.of(
        head.path, Signal.METRICS, "parquet", f"Parquet with the columns {', '.join(list(types)[:6])}"
    )


def _by_name(head: Head) -> Verdict:
    """A file that refuses us, by its name alone: asking for it will then say that it was denied."""
    table = {
        "metric": (Signal.METRICS, "csv-long"),
        "trace": (Signal.TRACES, "json"),
        "span": (Signal.TRACES, "json"),
        "log": (Signal.LOGS, "text"),
    }
    for word, (signal, name) in table.items():
        if word in head.name:
            return Verdict.of(head.path, signal, name, "by its name alone: the file may not be read")
    return Verdict.unknown("may not be read: permission denied")
