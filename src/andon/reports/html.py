"""A report as one HTML file: no script, nothing fetched, light and dark, for paper too.

Every text that a template prints passes `text_safety` and then the escaping of Jinja; only the
pictures, which escape their own texts, go in as they are.
"""

from __future__ import annotations

from dataclasses import dataclass
from importlib.resources import files
from typing import TYPE_CHECKING, Any

from andon.investigation.report import Chart, Evidence, Hypothesis, Report
from andon.reports import agent_words, words
from andon.reports.chart_svg import chart_svg
from andon.reports.text_safety import block, line
from andon.reports.timeline_svg import MOST_MOMENTS, timeline_svg
from andon.reports.topology_svg import EDGE_WORDS, NODE_WORDS, shown_nodes, topology_svg

if TYPE_CHECKING:
    from jinja2 import Environment
    from markupsafe import Markup

__all__ = ["to_html"]

MOST_ROWS = 200
TEMPLATE_MARK = {"new": "✱", "vanished": "∅", "more": "▲", "fewer": "▼"}


@dataclass(frozen=True, slots=True)
class _Card:
    """A hypothesis as the page shows it: its rank, and its evidence with that in favour first."""

    rank: int
    hypothesis: Hypothesis
    evidence: tuple[Evidence, ...]
    path: tuple[str, ...]


def to_html(report: Report) -> str:
    """The whole report as one self-contained page."""
    return _environment().get_template("report.html.j2").render(_view(report))


def _environment() -> Environment:
    from jinja2 import Environment, PackageLoader, StrictUndefined
    from markupsafe import Markup, escape

    def safe(value: object) -> object:
        return line(value) if isinstance(value, str) and not isinstance(value, Markup) else value

    def preformatted(text: str, lines: int = 40) -> Markup:
        return escape(block(text, lines=lines))

    environment = Environment(
        loader=PackageLoader("andon.reports"),
        autoescape=True,
        finalize=safe,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    environment.filters["preformatted"] = preformatted
    environment.filters["short"] = lambda text, limit=60: line(text, limit)
    return environment


def _view(report: Report) -> dict[str, Any]:
    """What the template reads: the report, the words, the pictures, the anchors."""
    known = words.names(report)
    style = files("andon.reports").joinpath("templates/style.css").read_text(encoding="utf-8")
    return {
        "report": report,
        "words": words,
        "agent_words": agent_words,
        "style": _own(style),
        "names": known,
        "cards": [_card(report, rank, one) for rank, one in enumerate(report.hypotheses, 1)],
        "anchors": _anchors(report),
        "topology": _topology(report),
        "timeline": _own(timeline_svg(report.exhibits.timeline, report.incident, known)),
        "moments": words.in_order(report.exhibits.timeline),
        "most_moments": MOST_MOMENTS,
        "charts": _charts(report),
        "template_mark": TEMPLATE_MARK,
        "most_rows": MOST_ROWS,
    }


def _card(report: Report, rank: int, hypothesis: Hypothesis) -> _Card:
    for_, against = words.split_evidence(hypothesis)
    evidence = tuple(hypothesis.evidence[index] for index in (*for_, *against))
    return _Card(rank, hypothesis, evidence, words.path_names(report, hypothesis))


def _anchors(report: Report) -> dict[str, str]:
    """Observation id to the anchor of its row in the coverage table."""
    anchors: dict[str, str] = {}
    for number, row in enumerate(report.coverage[:MOST_ROWS], 1):
        if row.observation:
            anchors.setdefault(row.observation, f"observation-{number}")
    return anchors


def _topology(report: Report) -> dict[str, Any]:
    """The picture, what its legend has to explain, and how much is not drawn."""
    exhibits = report.exhibits
    path = report.hypotheses[0].path if report.hypotheses else ()
    kept = shown_nodes(exhibits.nodes, exhibits.edges, path)
    ids = {node.id for node in kept}
    states = {node.state for node in kept}
    lines = {edge.state for edge in exhibits.edges if edge.source in ids and edge.destination in ids}
    return {
        "svg": _own(topology_svg(exhibits.nodes, exhibits.edges, path)),
        "nodes": [(state, word) for state, word in NODE_WORDS.items() if state in states],
        "edges": [(state, word) for state, word in EDGE_WORDS.items() if state in lines and state != "ok"],
        "folded": len({node.id for node in exhibits.nodes}) - len(kept),
    }


def _charts(report: Report) -> list[tuple[Chart, Markup]]:
    pairs = [(chart, chart_svg(chart, report.incident)) for chart in report.exhibits.charts]
    return [(chart, _own(svg)) for chart, svg in pairs if svg]


def _own(markup: str) -> Markup:
    """Our own style sheet or picture, which goes in as it is: a picture has escaped its texts."""
    from markupsafe import Markup

    return Markup(markup)  # noqa: S704
