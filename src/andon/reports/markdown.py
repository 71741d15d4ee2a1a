"""A report as Markdown (CommonMark with GitHub's tables) for tickets, chats and pull requests.

Names, ids and quotes stand in code spans and fences that their content cannot close. Sentences are
escaped so that they start no block, tag, link, picture, mention, reference or formula.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from andon.investigation.report import Hypothesis, Report
from andon.reports import agent_words, words
from andon.reports.text_safety import block, line

__all__ = ["code", "fence", "inline", "to_markdown"]

MOST_ROWS = 50
INVISIBLE = "&#8203;"
"""A zero-width space, written as an entity: it parts what would become a mention or a link."""

_SPECIAL = re.compile(r"[\\`*_\[\]<>&|~$!^{}]")
_BLOCK_START = re.compile(r"^(\d+(?=[.)])|(?=[-+=:]))(.?)")
_LINKING = re.compile(r"(@|#|:(?=//)|\bwww\.|\bGH-(?=\d))", re.IGNORECASE)


def inline(text: str, limit: int = 600) -> str:
    """The text as a part of a paragraph, a list item or a table cell: it is shown, and does nothing."""
    escaped = _SPECIAL.sub(lambda match: f"\\{match[0]}", line(text, limit))
    escaped = _BLOCK_START.sub(lambda match: f"{match[1]}\\{match[2]}", escaped)
    return _LINKING.sub(lambda match: match[0] + INVISIBLE, escaped).replace(
        f"#{INVISIBLE}", f"\\#{INVISIBLE}"
    )


def code(text: str, limit: int = 120) -> str:
    """The text as a code span whose backticks are longer than any of its own; empty text gives an empty string."""
    safe = line(text, limit)
    if not safe:
        return ""
    ticks = "`" * (_longest_run(safe) + 1)
    air = " " if safe[0] == "`" or safe[-1] == "`" else ""
    return f"{ticks}{air}{safe}{air}{ticks}"


def fence(text: str, indent: str = "", lines: int = 12) -> str:
    """The text as a fenced block whose fence is longer than any run of backticks in it."""
    safe = block(text, lines=lines)
    ticks = "`" * max(3, _longest_run(safe) + 1)
    return "\n".join(f"{indent}{one}".rstrip() for one in (f"{ticks}text", *safe.split("\n"), ticks))


def to_markdown(report: Report) -> str:
    """The report as one Markdown document that ends with a newline."""
    parts = [
        *_head(report),
        *_hypotheses(report),
        *_agent(report),
        *_templates(report),
        *_timeline(report),
        *_coverage(report),
        *_drift(report),
        *_going_on(report),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


def _longest_run(text: str) -> int:
    return max((len(run) for run in re.findall("`+", text)), default=0)


def _bullets(items: Iterable[str]) -> str:
    return "\n".join(f"- {item}" for item in items)


def _table(head: tuple[str, ...], rows: Iterable[tuple[str, ...]]) -> str:
    """A table; the cells are Markdown already, only code spans still need their pipes escaped."""
    lines = [head, ("---",) * len(head), *(tuple(map(_cell, row)) for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)


def _cell_code(text: str, limit: int) -> str:
    """A code span in a table, where parsers disagree on a pipe after a backslash: that one becomes `∣`."""
    return code(line(text, limit).replace("\\|", "\\∣"), limit)


def _cell(markdown: str) -> str:
    return re.sub(r"(?<!\\)\|", r"\\|", markdown)


def _head(report: Report) -> Iterator[str]:
    yield f"# {inline(report.headline)}"
    yield f"> {inline(report.question)}"
    facts = [
        f"**Incident:** {words.window_words(report.incident)}, compared with {words.window_words(report.baseline)}",
        "\n  - ".join(
            [
                f"**Understood:** {inline(words.symptom_words(report))}",
                *map(inline, report.symptom.understood),
            ]
        ),
    ]
    if onset := words.when_of_onset(report):
        facts.append(f"**Onset:** {onset}")
    if report.blast_radius:
        facts.append(f"**Affected:** {', '.join(code(name, 60) for name in report.blast_radius)}")
    facts.append(f"**Run:** {code(report.run)}; {words.claims_checked(report)}")
    facts += [f"**Redirected:** {inline(step)}" for step in report.trail]
    yield _bullets(facts)


def _hypotheses(report: Report) -> Iterator[str]:
    yield "## Hypotheses"
    if not report.hypotheses:
        yield words.no_cause(report)
        return
    rows = [
        (
            str(rank),
            inline(one.name or one.component, 120),
            inline(one.mechanism_title, 120),
            words.per_cent(one.likelihood),
        )
        for rank, one in enumerate(report.hypotheses, 1)
    ]
    rows.append(("", words.SOMETHING_ELSE, "", words.per_cent(report.something_else)))
    yield _table(("Rank", "Component", "Mechanism", "Likelihood"), rows)
    for rank, hypothesis in enumerate(report.hypotheses, 1):
        yield from _hypothesis(report, rank, hypothesis)


def _hypothesis(report: Report, rank: int, hypothesis: Hypothesis) -> Iterator[str]:
    name = inline(hypothesis.name or hypothesis.component, 120)
    title = inline(hypothesis.mechanism_title, 120)
    yield f"### {rank}. {name}: {title} ({words.per_cent(hypothesis.likelihood)})"
    yield inline(hypothesis.statement)
    yield inline(agent_words.named_by(hypothesis, report))
    over, reading = agent_words.reading(hypothesis)
    yield f"{over}\n\n> {inline(reading, 800)}" if reading else ""
    if path := words.path_names(report, hypothesis):
        yield f"Path: {' → '.join(map(code, path))}"
    for_, against = words.split_evidence(hypothesis)
    yield "**Evidence:**"
    yield "\n".join(_evidence(hypothesis, index) for index in (*for_, *against))
    if hypothesis.refutations:
        yield "**Tried to refute it:**"
    yield _bullets(
        f"{'✓ stands' if try_.survived else '✗ refuted'}: {inline(try_.attempt)} {inline(try_.outcome)}"
        for try_ in hypothesis.refutations
    )
    yield f"**Next check:** {inline(hypothesis.next_check.why)}"
    yield fence(hypothesis.next_check.command)
    yield inline(hypothesis.runbook)
    yield f"**Remedy:** {inline(hypothesis.remedy)}"


def _evidence(hypothesis: Hypothesis, index: int) -> str:
    evidence = hypothesis.evidence[index]
    sign = "**+** for" if evidence.supports else "**−** against"
    ids = " ".join(code(words.short_id(one)) for one in evidence.observations)
    item = f"- {sign}: {inline(evidence.claim + words.sampled(evidence))} {ids}".rstrip()
    return f"{item}\n\n{fence(evidence.quote, indent='  ')}\n" if evidence.quote else item


def _agent(report: Report) -> Iterator[str]:
    if report.agent is None:
        return
    yield "## Model"
    yield _bullets(map(inline, (*agent_words.account(report.agent), *agent_words.dropped(report.agent))))


def _templates(report: Report) -> Iterator[str]:
    rows = report.exhibits.templates
    if not rows:
        return
    yield "## Log templates against the baseline"
    yield _table(
        ("Change", "Service", "Template", "Baseline", "Incident"),
        (
            (
                inline(row.change, 20),
                _cell_code(row.service, 60),
                _cell_code(row.template, 200),
                f"{row.baseline:,}",
                f"{row.incident:,}",
            )
            for row in rows[:MOST_ROWS]
        ),
    )
    yield _more(len(rows))


def _timeline(report: Report) -> Iterator[str]:
    moments = words.in_order(report.exhibits.timeline)
    if not moments:
        return
    yield "## Timeline"
    yield _table(
        ("UTC", "Kind", "What", "Where"),
        (
            (
                words.at(moment.time),
                f"**suspect {inline(moment.kind, 20)}**" if moment.suspect else inline(moment.kind, 20),
                inline(moment.text, 200),
                _cell_code(moment.component, 60),
            )
            for moment in moments[:MOST_ROWS]
        ),
    )
    yield _more(len(moments))


def _coverage(report: Report) -> Iterator[str]:
    yield "## Coverage"
    yield words.coverage_summary(report)
    rows = words.shortfalls(report.coverage)
    if rows:
        yield _table(
            ("Status", "Tool", "Source", "Query", "Note"),
            (
                (
                    str(row.status),
                    inline(row.tool, 40),
                    _cell_code(row.source, 60),
                    _cell_code(row.query, 200),
                    inline(row.note, 200),
                )
                for row in rows[:MOST_ROWS]
            ),
        )
        yield _more(len(rows))
    dropped = (f"Dropped, not borne out: {inline(claim)}" for claim in report.dropped_claims)
    yield _bullets((*map(inline, report.notes), *dropped))


def _drift(report: Report) -> Iterator[str]:
    if not report.drift:
        return
    known = words.names(report)
    yield "## Architecture drift"
    yield _bullets(
        f"{inline(words.drift_words(one))}: {code(known.get(one.source, one.source), 60)} → "
        f"{code(known.get(one.destination, one.destination), 60)} {inline(one.note, 200)}".rstrip()
        for one in report.drift[:MOST_ROWS]
    )
    yield _more(len(report.drift))


def _going_on(report: Report) -> Iterator[str]:
    yield "## Go on"
    yield fence("\n".join(step.command for step in words.how_to_go_on(report)))


def _more(total: int) -> str:
    return f"{total - MOST_ROWS} more are not listed." if total > MOST_ROWS else ""
