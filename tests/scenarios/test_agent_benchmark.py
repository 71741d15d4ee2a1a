"""The benchmark of minds: cases are judged and kept one by one, and no figure stands without its n."""

from __future__ import annotations

import shutil
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import pytest
from benchmarks import agent
from benchmarks.agent_cases import ask_all, asked
from benchmarks.agent_figures import against, figures, publishable
from benchmarks.agent_minds import Thinker, real, thinkers
from benchmarks.agent_overheads import overheads
from benchmarks.agent_records import Asked, Kept
from benchmarks.figures import Unmeasured

from andon.evaluation import Verdict
from andon.evaluation.grounding import Grounding
from andon.investigation.agent.loop import Mind
from andon.llm.guard import Access
from andon.llm.prices import Prices
from andon.testing.characters import Dying

ESTATE = Path(__file__).resolve().parents[1] / "fixtures" / "estate"
BUNDLE, QUIET = ESTATE / "bad-deploy.zip", ESTATE / "no-fault.zip"


@pytest.fixture(scope="module")
def minds() -> dict[str, Thinker]:
    with thinkers(("engine", "competent", "contrary", "hallucinating")) as found:
        return {one.name: one for one in found}


@pytest.mark.parametrize("name", ["engine", "competent", "contrary", "hallucinating"])
def test_a_recording_is_put_to_a_mind_and_judged(name: str, minds: dict[str, Thinker]) -> None:
    found = asked(BUNDLE, minds[name])
    assert found.right and found.verdict.right and found.verdict.grounded and not found.error
    assert 0 < found.first_line < found.seconds
    if name == "engine":
        assert (found.calls, found.requests, found.agrees, found.dollars) == (0, 0, None, 0.0)
    else:
        assert found.calls >= 4 and found.tokens_in > found.tokens_out > 0
        assert found.dollars is None, "a price that nobody stated is not told"


def test_of_a_quiet_day_nothing_named_is_right(minds: dict[str, Thinker]) -> None:
    found = asked(QUIET, minds["competent"])
    assert found.verdict.control
    assert found.right is not bool(found.verdict.named)


def test_what_cannot_be_read_is_a_wrong_answer_and_says_why(
    tmp_path: Path, minds: dict[str, Thinker]
) -> None:
    (tmp_path / "x.zip").write_bytes(b"no zip file")
    shutil.copy(BUNDLE.with_suffix(".truth.json"), tmp_path / "x.truth.json")
    found = asked(tmp_path / "x.zip", minds["engine"])
    assert found.error and not found.right


def record(
    case: str, mind: str = "m", *, right: bool = True, repeat: int = 0, control: bool = False
) -> Asked:
    place = () if control else (int(right),)
    grounding = Grounding(1.0, 1.0, 1.0, starts=True, arrives=True)
    verdict = Verdict(control, int(not control or not right), 0.8, place, place, None, grounding)
    return Asked(case, f"fault-{case}", mind, repeat, verdict, 1.5, agrees=True, calls=4, dollars=0.01)


def test_answers_are_kept_one_by_one_and_not_asked_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    times: list[str] = []

    def counted(bundle: Path, thinker: Thinker, repeat: int) -> Asked:
        times.append(f"{thinker.name} {bundle.stem} {repeat}")
        if len(times) == 3:
            raise KeyboardInterrupt
        return replace(record(bundle.stem, thinker.name, repeat=repeat), program="now")

    monkeypatch.setattr("benchmarks.agent_cases.asked", counted)
    monkeypatch.setattr("benchmarks.agent_records.program", lambda: "now")
    bundles, file = [Path("a.zip"), Path("b.zip")], tmp_path / "deep" / "kept.jsonl"
    thinker = Thinker("m", lambda _: None)
    with pytest.raises(KeyboardInterrupt):
        ask_all(bundles, [thinker], 2, Kept(file))
    with file.open("ab") as torn:
        torn.write(b'{"case": "half')
    with file.open("ab") as torn:
        torn.write(b"\n")
    found = ask_all(bundles, [thinker], 2, Kept(file))
    assert [one.case for one in found["m"]] == ["a", "b", "a", "b"]
    assert times[3:] == ["m a 1", "m b 1"]


def test_a_model_out_of_reach_gave_no_answer(folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """The engine's report stands then, and would pass for the model's."""
    dying = Thinker("m", lambda _: Mind(Access(Dying(0))))
    kept = Kept(folder / "kept.jsonl")
    assert ask_all([folder / "bad-deploy.zip"], [dying], 2, kept) == {"m": ()}
    assert not kept.records and "peer closed connection" in capsys.readouterr().err
    with pytest.raises(Unmeasured, match="m does not answer"):
        ask_all([folder / "bad-deploy.zip"], [dying], 3, kept)
    halfway = Thinker("m", lambda _: Mind(Access(Dying(1))))
    assert ask_all([folder / "bad-deploy.zip"], [halfway], 1, kept)["m"][0].stopped


def test_answers_of_another_state_of_the_program_are_passed_over(tmp_path: Path) -> None:
    kept = Kept(tmp_path / "kept.jsonl")
    kept.add(replace(record("a"), program="of yesterday"))
    assert not Kept(kept.file).records


def test_figures_tell_n_and_how_sure_they_are() -> None:
    records = [record(str(i), right=i != 0) for i in range(10)] + [record("q", control=True)]
    told = {one.what: one for one in figures({"m": records}, 11)}
    top = told["m: guilty change first (top-1)"]
    assert (top.value, top.n, top.interval) == ("0.90 (9 of 10)", 10, "0.60 to 0.98")
    assert told["m: somebody named though nothing was broken"].n == 1
    assert told["m: dollars a case"].value == "0.0100"
    assert all(one.n > 0 for one in told.values())
    brier = told["m: Brier score of the first likelihood"]
    assert brier.value == f"{(9 * 0.04 + 0.64 + 0.64) / 11:.3f}"


def test_repeats_of_a_case_are_no_new_cases() -> None:
    """Thirty answers about ten cases must not look as sure as thirty cases."""
    repeated = [record(str(i), right=i > 2, repeat=r) for i in range(10) for r in range(3)]
    independent = [record(str(i), right=i > 8) for i in range(30)]

    def width(records: Sequence[Asked]) -> float:
        low, high = next(figures({"m": records}, 30)).interval.split(" (")[0].split(" to ")
        return float(high) - float(low)

    assert next(figures({"m": repeated}, 30)).n == 30
    assert "10 cases" in next(figures({"m": repeated}, 30)).interval
    assert width(repeated) > 1.5 * width(independent)


def test_dollars_are_told_only_where_all_are_known() -> None:
    told = figures({"m": [record("a"), replace(record("b"), dollars=None)]}, 2)
    assert not any("dollars" in one.what for one in told)


@pytest.mark.parametrize(("found", "expected"), [({}, 3), ({"m": []}, 0), ({"m": [record("a")]}, 2)])
def test_no_figure_without_n_or_with_fewer_cases_than_it_says(
    found: dict[str, list[Asked]], expected: int
) -> None:
    with pytest.raises(Unmeasured):
        publishable(found, expected)
    with pytest.raises(Unmeasured):
        list(figures(found, expected))


def test_minds_are_compared_case_by_case() -> None:
    alone = [record("a", "engine"), record("b", "engine", right=False), record("c", "engine")]
    (told,) = against("m", [record("a"), record("b"), record("c", right=False)], alone)
    assert told.value == "+0.00 (1 gained, 1 lost)" and told.n == 3


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    for name in ("bad-deploy.zip", "bad-deploy.truth.json"):
        shutil.copy(ESTATE / name, tmp_path / name)
    return tmp_path


def test_one_command_measures_a_model(
    folder: Path,
    minds: dict[str, Thinker],
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.setattr(agent, "real", lambda *_, **__: minds["competent"])
    given = ["--model", "x:y", "--repeats", "2", "--cases", str(folder), "--kept", str(folder / "kept")]
    assert agent.main(given) == 0
    out, err = capsys.readouterr()
    assert "competent: guilty change first (top-1)" in out and "n = 2" in out and "n = 1" in out
    assert "competent: right answers more than the engine alone" in out
    assert "agent 2/2 competent bad-deploy: right" in err
    assert agent.main(given) == 0
    assert "agent 2/2" not in capsys.readouterr().err, "what is kept is not asked again"


@pytest.mark.parametrize(
    ("more", "why"),
    [
        (["--cases", "nowhere"], "holds no recording with a truth file"),
        (["--limit", "7"], "holds 1 cases, and 7 were asked for"),
        (["--model", "nobody:x"], "is not a provider of models"),
    ],
)
def test_what_cannot_be_published_ends_with_2(
    more: list[str], why: str, folder: Path, minds: dict[str, Thinker], monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:  # fmt: skip
    if "--model" not in more:
        monkeypatch.setattr(agent, "real", lambda *_, **__: minds["competent"])
    assert agent.main(["--model", "x:y", "--cases", str(folder), *more]) == 2
    out, err = capsys.readouterr()
    assert why in err and not out


def test_a_real_model_is_opened_with_its_prices(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("OPENAI_API_KEY", "sk-test-not-a-key")
    monkeypatch.delenv("ANDON_OFFLINE", raising=False)
    thinker = real("openai:some-model", samples=3, url="http://127.0.0.1:9/v1", prices=Prices(3, 15))
    mind = thinker.mind(0)
    assert thinker.name == "openai:some-model" and mind is not None and mind.samples == 3
    from pydantic_ai.usage import RequestUsage

    assert mind.access.price(RequestUsage(input_tokens=1_000_000, output_tokens=0)) == 3.0
    assert thinker.mind(1) is not mind, "each case has an allowance of its own"


def test_what_our_own_code_costs_is_measured_for_every_tool() -> None:
    told = {one.what: one for one in overheads(0.04, lambda text: len(text) // 4, "characters / 4")}
    tools = {what.split()[4].rstrip(",") for what in told if what.startswith("ms a call of")}
    assert {"metrics", "logs", "log_lines", "traces", "changes", "series", "row", "disprove"} <= tools
    prompt = next(one for what, one in told.items() if what.startswith("tokens of the prompt"))
    assert 500 < int(prompt.value.replace(",", "")) < 6000
    largest = next(one for what, one in told.items() if what.startswith("tokens of the largest answer"))
    assert 100 < int(largest.value.replace(",", "")) < 1200
    assert all(one.n >= 1 for one in told.values())
