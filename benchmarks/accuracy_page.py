"""The page on accuracy, made of results.json alone: what was measured, on what, beside whom, and what went wrong."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from andon.evaluation import Level, reliability, wilson
from benchmarks.campaign_figures import CHANCE, faulty, forecasts, peer_rates
from benchmarks.campaign_records import CASES, Measured
from benchmarks.figures import ROOT, Figure
from benchmarks.methods import LICENCES
from benchmarks.pictures import Bar, bars_svg, reliability_svg
from benchmarks.results import RESULTS, Section, read

__all__ = ["FOLDER", "PAGE", "made", "write"]

FOLDER = ROOT / "docs" / "explanation"
"""Where the page lies; for results elsewhere it lies beside them."""
PAGE = "accuracy.md"
_BARS, _RELIABILITY = "accuracy/first.svg", "accuracy/reliability.svg"
_WORST = 5

_DATA = {
    "campaign": ("the demo estate, recorded by `andon demo campaign`: metrics, logs, traces, changes, architecture", "ours, Apache-2.0"),
    "petshop": ("PetShop: metrics and call graphs of an application on AWS, 16 injected faults", "CC-BY-4.0"),
    "nezha": ("Nezha: metrics, logs and traces of a train-ticket application on Kubernetes, injected faults", "MIT"),
    "rootcausebench": ("root-cause-bench: 12 frozen incidents with commits, deploys and flags", "Apache-2.0"),
    "nab": ("NAB: metric series with labelled anomaly windows", "MIT"),
    "log_templates": ("loghub: 2,000 log lines of each of eight systems", "research use"),
    "large": ("an incident of 500 services, made by a program", "ours, Apache-2.0"),
    "live": ("the demo estate, broken anew for the measurement", "ours, Apache-2.0"),
}  # fmt: skip
"""What each benchmark measures on, and the licence of that; only what was measured is listed."""

_INTRO = """# How right it is

Made by `python -m benchmarks` from [results.json](../../benchmarks/results.json), every sentence and number of it; a test compares the two.
All figures with all conditions are in [RESULTS.md](../../benchmarks/RESULTS.md). Intervals are 95 % intervals: Wilson's for shares, a
bootstrap for the others.
"""

_MEANING = """**What counts as right.** *Guilty change first*: the first hypothesis names the change that did it, by its event; where nothing was changed,
it names an accepted component and mechanism and accuses no change. *Guilty component first*: it names an accepted component.
*Grounded*: the guilty change is first, its mechanism is an accepted one, and the causal chain starts at an accepted component, holds nothing that
the effect did not pass through, never steps backwards and arrives where the customer feels it; what contains an element of the way, and a security
group on one of its edges, are let pass. With two culprits one of them must be first, and both must be among the first three.
On a control nothing is broken, and whatever is named there is a false culprit.
"""

_SPLIT = {
    "unseen": "These are figures of the unseen part: the program was not changed by looking at its cases.",
    "development": "These are figures of the **development** part, at which was looked while the program was written. They promise nothing for other cases.",
}


def write(results: Path) -> None:
    """Writes the page and its pictures."""
    folder = FOLDER if results == RESULTS else results.parent
    for name, text in made(read(results)).items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(text, encoding="utf-8")


def made(sections: Mapping[str, Section]) -> dict[str, str]:
    """The files by name: the page, and its pictures where there is something to draw."""
    parts, pictures = [_INTRO, "\n".join(_data(sections))], {}
    campaign = sections.get("campaign")
    if campaign:
        cases = CASES.validate_python(campaign.exhibits["cases"])
        pictures = _pictures(cases)
        parts += _campaign(campaign, cases, pictures)
    else:
        parts.append("## The campaign\n\nNot measured yet: `python -m benchmarks campaign`.\n")
    parts += _elsewhere(sections)
    return {PAGE: "\n".join(parts), **pictures}


def _data(sections: Mapping[str, Section]) -> Iterator[str]:
    yield "## On what\n"
    yield "| Benchmark | Data | Licence | Measured |\n| --- | --- | --- | --- |"
    for name in _DATA:
        if section := sections.get(name):
            told, licence = _DATA[name]
            yield f"| {name} | {told} | {licence} | {section.measured} |"
    yield ""
    yield "The public data lie outside of this repository. They were looked at while andon was written; no constant was fitted on them.\n"


def _campaign(section: Section, cases: Sequence[Measured], pictures: Mapping[str, str]) -> Iterator[str]:
    part = section.exhibits["part"]
    broken = faulty(cases)
    yield (
        f"## The campaign\n\nEvery fault of the demo estate is drawn with many seeds: the moment, the load, who is struck, and harmless changes "
        f"around it differ. Of its rounds of faults one in three is for development and two are unseen "
        f"({_counted(part['recorded'])}). {_SPLIT[part['name']]} Measured are {len(cases)} cases: {len(broken)} in which something was broken, and "
        f"{len(cases) - len(broken)} in which nothing was. andon is told what a customer said, and nothing of when it began.\n"
    )
    yield _MEANING
    rows = [f for f in section.figures if not _special(f)]
    yield _table(rows) + "\n"
    if _BARS in pictures:
        yield _peers(broken)
    if _RELIABILITY in pictures:
        yield _calibration(section)
    yield "## Fault by fault\n\n" + "\n".join(_fault_rows(cases)) + "\n"
    yield _mistakes(cases)


def _counted(parts: Mapping[str, int]) -> str:
    return ", ".join(f"{count} recorded {name}" for name, count in parts.items())


def _special(figure: Figure) -> bool:
    """Whether a figure of the campaign has its own place further down."""
    return (
        figure.what.startswith(("AC@", "right where", "Brier", "ECE", "CPU seconds a case without"))
        or ": " in figure.what
    )


def _peers(broken: Sequence[Measured]) -> str:
    seen = [case for case in broken if case.peers.accepted]
    licences = "; ".join(f"{name} stands on {licence}" for name, licence in LICENCES.items())
    return (
        "## Beside others\n\nThe others rank components by their metrics and are told when it began; they read no logs, traces or changes, and "
        f"always name somebody, on controls too. A security group has no metrics, so only the {len(seen)} of {len(broken)} faulty cases whose component "
        "has some are a fair comparison. AC@k: the component at fault is among the first k named. Methods marked “ours” are plain implementations of a "
        f"known idea. {licences}.\n\n![The component at fault named first]({_BARS})\n\n"
        + "\n".join(_peer_rows(seen, broken))
        + "\n"
    )


def _peer_rows(seen: Sequence[Measured], broken: Sequence[Measured]) -> Iterator[str]:
    yield "| Method | AC@1, fair cases | AC@3, fair cases | AC@1, all faulty cases | AC@3, all faulty cases |\n| --- | --- | --- | --- | --- |"
    columns = [peer_rates(cases, k) for cases in (seen, broken) for k in (1, 3)]
    for name in columns[0]:
        yield f"| {name} | {' | '.join(_rate(*column[name], counted=name != CHANCE) for column in columns)} |"


def _rate(hits: float, n: int, *, counted: bool) -> str:
    if not counted:
        return f"{hits / n:.2f}"
    return f"{hits / n:.2f} ({_interval(int(hits), n)})"


def _calibration(section: Section) -> str:
    rows = [f for f in section.figures if f.what.startswith(("Brier", "ECE", "right where"))]
    return (
        "## What a likelihood is worth\n\nOf all cases in which something was named, controls included: how likely the first hypothesis was held, and "
        "whether it was right. Bins hold about the same number of cases, ten at least, since likelihoods crowd near the top; the error over bins of "
        "equal width stands beside it. With few cases chance alone opens gaps.\n\n"
        f"![Likelihood against share right]({_RELIABILITY})\n\n" + _table(rows) + "\n"
    )


def _fault_rows(cases: Sequence[Measured]) -> Iterator[str]:
    yield "| Fault | Cases | First | Interval | Among 3 | Component first | Mechanism first | Grounded |\n| --- | --- | --- | --- | --- | --- | --- | --- |"
    for fault in sorted({case.fault for case in cases}):
        told = [case.verdict for case in cases if case.fault == fault]
        n = len(told)
        if told[0].control:
            quiet = sum(not v.named for v in told)
            yield f"| {fault} (control) | {n} | nobody named: {quiet} | {_interval(quiet, n)} | | | | |"
            continue
        hits = sum(v.within(1) for v in told)
        counts = (
            sum(v.within(3) for v in told),
            sum(v.within(1, Level.COMPONENT) for v in told),
            sum(v.mechanism is True for v in told),
            sum(v.grounded for v in told),
        )
        yield f"| {fault} | {n} | {hits} | {_interval(hits, n)} | {' | '.join(str(count) for count in counts)} |"


def _interval(hits: int, n: int) -> str:
    low, high = wilson(hits, n)
    return f"{low:.2f} to {high:.2f}"


def _mistakes(cases: Sequence[Measured]) -> str:
    """The worst first: the likelier a wrong answer was held, the worse it is."""
    wrong = [case for case in cases if case.story or case.error]
    worst = sorted(wrong, key=lambda case: (-(case.verdict.likelihood or 0.0), case.case))[:_WORST]
    if not worst:
        return "## What it gets wrong\n\nNone of these cases.\n"
    told = [case.story or f"**{case.case}.** The investigation failed: {case.error}." for case in worst]
    head = f"## What it gets wrong\n\n{len(wrong)} of {len(cases)} cases. The worst, those held likeliest first:\n"
    return "\n\n".join([head.rstrip(), *told]) + "\n"


def _elsewhere(sections: Mapping[str, Section]) -> Iterator[str]:
    for name, title in (
        ("petshop", "PetShop"),
        ("nezha", "Nezha"),
        ("rootcausebench", "root-cause-bench"),
        ("nab", "NAB"),
    ):
        if section := sections.get(name):
            yield f"## {title}\n\n{section.about} `{section.command}`, {section.measured}.\n\n{_table(section.figures)}\n"


def _table(figures: Sequence[Figure]) -> str:
    rows = ["| Figure | Value | n | Interval |", "| --- | --- | --- | --- |"]
    rows += [f"| {f.what} | {f.value} | {f.n} | {f.interval} |" for f in figures]
    return "\n".join(rows)


def _pictures(cases: Sequence[Measured]) -> dict[str, str]:
    found = {}
    first = peer_rates([case for case in faulty(cases) if case.peers.accepted], 1)
    if first:
        bars = [Bar(name, hits, n, name.startswith("andon")) for name, (hits, n) in first.items()]
        found[_BARS] = bars_svg(bars, "The component at fault is named first")
    likelihoods, right, _ = forecasts(cases)
    if bins := reliability(likelihoods, right):
        found[_RELIABILITY] = reliability_svg(bins, "What a likelihood is worth")
    return found
