"""A report for the terminal: readable at 80 columns, without colour, and through a pipe.

Signs and words carry the meaning (+ for, − against, the likelihood in per cent); colour only
repeats it, in blue and orange, which every common kind of colour vision tells apart.
"""

from __future__ import annotations

import io
from importlib.resources import files

from rich.console import Console
from rich.terminal_theme import TerminalTheme
from rich.text import Text

from andon.investigation.report import Evidence, Hypothesis, Refutation, Report
from andon.reports import agent_words, words
from andon.reports.page import AGAINST, FAINT, FOR, STRONG, WARN, Page, bar
from andon.reports.text_safety import block, line

__all__ = ["print_report", "terminal_svg"]

SHOWN_HYPOTHESES = 5
SHOWN_DRIFT = 5
SHOWN_SHORTFALLS = 6


def print_report(report: Report, console: Console) -> None:
    """Prints the report on the console, within its width but at most 100 columns.

    Only a command holding a word that is longer than the line exceeds the width: it is there to be pasted.
    """
    page = Page(console)
    _head(page, report)
    _question(page, report)
    _ranking(page, report)
    _agent(page, report)
    _not_seen(page, report)
    _drift(page, report)
    _going_on(page, report)


def terminal_svg(report: Report, *, width: int = 80) -> str:
    """The terminal report as one SVG picture that fetches nothing."""
    console = Console(
        record=True,
        width=width,
        file=io.StringIO(),
        force_terminal=True,
        color_system="truecolor",
        legacy_windows=False,
    )
    print_report(report, console)
    console.width = width + 2
    frame = files("andon.reports").joinpath("templates/terminal.svg").read_text(encoding="utf-8")
    return console.export_svg(title="andon investigate", theme=_THEME, code_format=frame)


def _head(page: Page, report: Report) -> None:
    when = words.window_words(report.incident)
    page.ends(
        Text.assemble((" andon ", "bold reverse"), "  ", (line(report.run, 40), FAINT)), Text(when, FAINT)
    )
    page.gap()
    page.put(Text(line(report.headline), STRONG))
    page.gap()


def _question(page: Page, report: Report) -> None:
    page.labelled("Asked", Text(line(report.question)))
    page.labelled("Understood", Text(words.symptom_words(report)))
    for reason in report.symptom.understood:
        page.labelled("", Text(line(reason), FAINT))
    if onset := words.when_of_onset(report):
        page.labelled("Onset", Text(onset))
    page.labelled("Baseline", Text(words.window_words(report.baseline)))
    if report.blast_radius:
        page.labelled("Affected", Text(", ".join(line(name, 60) for name in report.blast_radius)))
    for step in report.trail:
        page.labelled("Redirected", Text(line(step)))


def _ranking(page: Page, report: Report) -> None:
    page.heading("Hypotheses")
    if not report.hypotheses:
        page.put(Text(words.no_cause(report)), indent=2)
        return
    for rank, hypothesis in enumerate(report.hypotheses[:SHOWN_HYPOTHESES], 1):
        if rank > 1:
            page.gap()
        _title(page, rank, hypothesis)
        if by := agent_words.named_by(hypothesis, report):
            page.put(Text(by, FAINT), indent=5)
        if rank == 1:
            _in_full(page, report, hypothesis)
        else:
            _in_short(page, hypothesis)
    page.gap()
    rest = report.hypotheses[SHOWN_HYPOTHESES:]
    if rest:
        share = sum(hypothesis.likelihood for hypothesis in rest)
        page.ends(Text(f"     {len(rest)} more, less likely"), bar(share, FAINT))
    page.ends(Text(f"     {words.SOMETHING_ELSE}"), bar(report.something_else, FAINT))


def _title(page: Page, rank: int, hypothesis: Hypothesis) -> None:
    style = STRONG if rank == 1 else ""
    page.ends(
        Text(line(hypothesis.name or hypothesis.component, 120), style),
        bar(hypothesis.likelihood, FOR),
        prefix=Text(f"{rank:>3}  ", "bold"),
    )
    page.put(Text(line(hypothesis.mechanism_title, 120), WARN), indent=5)


def _in_full(page: Page, report: Report, hypothesis: Hypothesis) -> None:
    page.gap()
    page.put(Text(line(hypothesis.statement)), indent=5)
    if path := words.path_names(report, hypothesis):
        page.gap()
        page.put(Text(" → ".join(path), FOR), indent=5)
    over, reading = agent_words.reading(hypothesis)
    if reading:
        page.gap()
        page.put(Text(over, FAINT), indent=5)
        page.put(Text(reading), indent=7)
    page.subheading("Evidence")
    for_, against = words.split_evidence(hypothesis)
    for index in (*for_, *against):
        _evidence(page, hypothesis.evidence[index], quote=True)
    if not against:
        page.put(Text("nothing observed speaks against it", FAINT), indent=7)
    if hypothesis.refutations:
        page.subheading("Tried to refute it")
        for try_ in hypothesis.refutations:
            _refutation(page, try_)
    page.subheading("Next check", line(hypothesis.next_check.why, 120))
    page.command(block(hypothesis.next_check.command, lines=8, limit=2000), indent=7)
    if hypothesis.runbook:
        page.put(Text(line(hypothesis.runbook, 200)), indent=7)
    page.subheading("Remedy")
    page.put(Text(line(hypothesis.remedy)), indent=7)


def _in_short(page: Page, hypothesis: Hypothesis) -> None:
    page.put(Text(line(hypothesis.statement, 300)), indent=5)
    over, reading = agent_words.reading(hypothesis)
    if reading and "engine" not in hypothesis.found_by:
        page.put(Text(over, FAINT), indent=5)
        page.put(Text(reading), indent=7)
    for side in words.split_evidence(hypothesis):
        for index in side[:1]:
            _evidence(page, hypothesis.evidence[index], more=len(side) - 1)
    for try_ in [one for one in hypothesis.refutations if not one.survived][:1]:
        _refutation(page, try_)


def _evidence(page: Page, evidence: Evidence, *, quote: bool = False, more: int = 0) -> None:
    sign, style = ("+", FOR) if evidence.supports else ("−", AGAINST)
    ids = " ".join(words.short_id(one) for one in evidence.observations[:3])
    body = Text.assemble(line(evidence.claim + words.sampled(evidence)), (f" [{ids}]" if ids else "", FAINT))
    if more:
        body.append(f" and {more} more", FAINT)
    page.put(body, prefix=Text.assemble("     ", (sign, f"bold {style}"), " "))
    if quote and evidence.quote:
        margin = Text("       │ ", FAINT)
        for one in block(evidence.quote, lines=3, limit=160).splitlines():
            page.put(Text(one, FAINT), prefix=margin, hang=margin)


def _refutation(page: Page, refutation: Refutation) -> None:
    sign, verdict, style = ("✓", "stands ", FOR) if refutation.survived else ("✗", "refuted", AGAINST)
    page.put(Text(line(refutation.attempt)), prefix=Text(f"     {sign} {verdict}  ", style))
    page.put(Text(line(refutation.outcome), FAINT), indent=16)


def _agent(page: Page, report: Report) -> None:
    if report.agent is None:
        return
    page.heading("Model")
    for one in agent_words.account(report.agent):
        page.put(Text(one, WARN if one.startswith(("It stopped", "They disagree")) else ""), indent=2)
    for one in agent_words.dropped(report.agent):
        page.put(Text(one, FAINT), indent=2)


def _not_seen(page: Page, report: Report) -> None:
    page.heading("Coverage", words.coverage_summary(report))
    rows = words.shortfalls(report.coverage)
    for row in rows[:SHOWN_SHORTFALLS]:
        mark = Text.assemble("  ", (f"{words.STATUS_MARK[row.status]} {row.status:<9}", WARN), " ")
        body = Text.assemble(f"{line(row.tool, 20)} · {line(row.source, 40)} · {line(row.query, 80)}")
        if row.note:
            body.append(f" ({line(row.note, 120)})", FAINT)
        page.put(body, prefix=mark)
    if len(rows) > SHOWN_SHORTFALLS:
        page.put(Text(f"and {len(rows) - SHOWN_SHORTFALLS} more, see the whole report", FAINT), indent=4)
    page.put(Text(f"{words.claims_checked(report)}", "" if report.verified else WARN), indent=2)
    for note in report.notes:
        page.put(Text(line(note), FAINT), indent=2)


def _drift(page: Page, report: Report) -> None:
    if not report.drift:
        return
    page.heading("Architecture drift")
    known = words.names(report)
    for drift in report.drift[:SHOWN_DRIFT]:
        ends = " → ".join(line(known.get(one, one), 48) for one in (drift.source, drift.destination))
        body = Text.assemble((words.drift_words(drift), WARN), f": {ends}")
        if drift.note:
            body.append(f" ({line(drift.note, 120)})", FAINT)
        page.put(body, indent=2)
    if len(report.drift) > SHOWN_DRIFT:
        page.put(Text(f"and {len(report.drift) - SHOWN_DRIFT} more", FAINT), indent=2)


def _going_on(page: Page, report: Report) -> None:
    page.heading("Go on")
    for step in words.how_to_go_on(report):
        page.command(step.command, indent=2, comment=step.why)


_THEME = TerminalTheme(
    (16, 22, 32),
    (222, 228, 236),
    [(16, 22, 32), (224, 122, 60), (86, 180, 233), (230, 159, 0), (86, 156, 214), (204, 121, 167), (86, 180, 233), (222, 228, 236)],
    [(120, 132, 148), (240, 140, 80), (120, 200, 240), (240, 180, 60), (120, 180, 230), (220, 150, 190), (130, 210, 240), (255, 255, 255)],
)  # fmt: skip
