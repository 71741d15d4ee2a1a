"""The page on accuracy is what its generator makes of results.json, and tells what the cases showed."""

from __future__ import annotations

import re
from functools import cache
from itertools import pairwise
from pathlib import Path
from xml.etree import ElementTree

import pytest
import yaml
from benchmarks import accuracy_page
from benchmarks.accuracy_page import PAGE, made
from benchmarks.campaign_calibration import written
from benchmarks.campaign_figures import figures
from benchmarks.campaign_records import CASES, Measured, Peers
from benchmarks.figures import Benchmark, Exhibit, Options
from benchmarks.results import RESULTS, Section, read, rendered, update

from andon.evaluation import Grounding, Verdict, try_map
from andon.investigation.calibration import calibrated


@cache
def cases() -> tuple[Measured, ...]:
    """Twelve right answers of three faults, a confident wrong one, one that named nobody, a quiet and a loud control."""
    sound = Grounding(1.0, 0.75, 1.0, True, True)
    right = Verdict(False, 2, 0.85, (1,), (1,), True, sound)
    wrong = Verdict(False, 3, 0.95, (3,), (3,), False, Grounding(0.5, 0.5, 1.0, False, True, ("x",)))
    silent = Verdict(False, 0, None, (0,), (0,), False, None)
    quiet = Verdict(True, 0, None, (), (), None, None)
    loud = Verdict(True, 1, 0.4, (), (), None, None)
    peers = Peers(11, 1, {"N-Sigma (ours)": 2, "BARO": 1}, {"N-Sigma (ours)": 0.1, "BARO": 0.2})

    def case(name: str, verdict: Verdict, story: str = "", onset: float | None = 1.5) -> Measured:
        variants = {"own": verdict} if verdict.control else {"own": verdict, "given": right, "-20": wrong}
        fault = name.rpartition("-")[0]
        return Measured(
            name, fault, variants, 0.5, onset, 1, False, Peers() if verdict.control else peers, story
        )

    return (
        *(case(f"{fault}-{i}", right) for fault in ("leak", "deploy", "rule") for i in range(4)),
        case("leak-8", wrong, "**leak-8.** It named x."),
        case("leak-9", silent, "**leak-9.** It named nobody."),
        case("none-1", quiet, onset=None),
        case("none-2", loud, "**none-2.** It named y.", None),
    )


@cache
def section(part: str = "unseen") -> Section:
    """What a run over these cases would have kept."""
    exhibits = (
        Exhibit("part", {"name": part, "recorded": {"development": 5, "unseen": 16}}),
        Exhibit("cases", CASES.dump_python(cases(), mode="json")),
    )
    measured = [*figures(cases()), *exhibits]
    return Section.now(
        Benchmark("campaign", "The campaign.", lambda _: iter(measured)), measured, Options(part=part)
    )


def test_the_page_and_its_pictures_are_the_generated_ones() -> None:
    for name, text in accuracy_page.made(read()).items():
        written = (accuracy_page.FOLDER / name).read_text(encoding="utf-8")
        assert written == text, f"{name} is not up to date: `make bench` writes it"


def test_results_markdown_shows_what_results_json_holds() -> None:
    assert RESULTS.with_name("RESULTS.md").read_text(encoding="utf-8") == rendered(list(read().values()))


def test_results_are_read_as_they_were_written(tmp_path: Path) -> None:
    file = tmp_path / "results.json"
    update(section(), ("campaign",), file)
    again = read(file)["campaign"]
    assert again.figures == section().figures
    assert CASES.validate_python(again.exhibits["cases"]) == cases()
    assert max(len(line) for line in file.read_text(encoding="utf-8").splitlines()) < 3000


def test_figures_count_what_the_cases_showed() -> None:
    told = {figure.what: figure.value for figure in section().figures}
    assert told["guilty change first"] == "0.86 (12 of 14)"
    assert told["guilty change among the first 3"] == "0.93 (13 of 14)"
    assert told["right and grounded"] == "0.86 (12 of 14)"
    assert told["nothing named though something was broken"] == "0.07 (1 of 14)"
    assert told["somebody named though nothing was broken"] == "0.50 (1 of 2)"
    assert told["guilty change first, told when it began"] == "1.00 (14 of 14)"
    assert told["guilty change first, told a start 20 s too early"] == "0.00 (0 of 14)"
    assert told["right where at least 0.9 was promised"] == "0.00 (0 of 1)"
    assert told["AC@1 where the component has metrics, BARO"] == "1.00 (14 of 14)"
    assert told["AC@1 where the component has metrics, chance"] == "0.09"
    assert told["leak: first, among 3, grounded, mechanism"] == "4, 5, 4, 4 of 6"
    assert told["none: nothing named"] == "1 of 2"
    assert float(told["Brier score of the first likelihood"]) == pytest.approx(
        (12 * 0.15**2 + 0.95**2 + 0.4**2) / 14, abs=1e-3
    )


def test_a_fitted_calibration_is_written_as_the_engine_reads_it() -> None:
    found = try_map([0.6] * 30 + [0.9] * 30, [True] * 10 + [False] * 20 + [True] * 30, ["a", "b", "c"] * 20)
    knots = yaml.safe_load(written(found))["knots"]
    assert [low for low, _ in knots] == sorted({low for low, _ in knots})
    assert all(before < after for (_, before), (_, after) in pairwise(knots))
    leader, rest = calibrated((0.6,), 0.4, knots)
    assert leader[0] == pytest.approx(found.map([0.6])[0], abs=1e-3)
    assert leader[0] + rest == pytest.approx(1)


def test_the_page_tells_the_worst_mistake_first_and_which_part_it_was() -> None:
    page = made({"campaign": section()})[PAGE]
    places = [page.index(name) for name in ("**leak-8.**", "**none-2.**", "**leak-9.**")]
    assert places == sorted(places)
    assert "| leak | 6 | 4 | 0.30 to 0.90 | 5 | 4 | 4 | 4 |" in page
    assert "| none (control) | 2 | nobody named: 1 |" in page
    assert "| BARO | 1.00 (0.78 to 1.00) |" in page
    assert "unseen part" in page
    assert "**development** part" in made({"campaign": section("development")})[PAGE]


def test_the_pictures_are_whole_and_the_page_shows_them() -> None:
    files = made({"campaign": section()})
    pictures = {name for name in files if name.endswith(".svg")}
    assert pictures == set(re.findall(r"\]\((accuracy/.*?\.svg)\)", files[PAGE]))
    for name in pictures:
        root = ElementTree.fromstring(files[name])
        assert root.tag == "{http://www.w3.org/2000/svg}svg"
        assert "prefers-color-scheme: dark" in files[name]


def test_without_results_the_page_says_so() -> None:
    assert "Not measured yet" in made({})[PAGE]
