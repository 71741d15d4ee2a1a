from __future__ import annotations

from typing import Any

from pydantic_ai.messages import ToolCallPart

from andon.testing.characters import Competent, Contrary, Lazy, Looping
from andon.testing.characters.script import Character, Situation

PROMPT = """<data>
1. 54% component stock (Stock), mechanism bad-deploy, change deploy-59
   for [infrastructure-1:events.1] deploy on stock at 10:04:12 by ci
   for [traces-2:nodes.3] stock: 60 of 99 failed, 2 of 261 before
   against [metrics-1:series.0] errors of stock fell from 4 to 2
Components that send telemetry: shop, stock, mail
</data>
Mechanisms: bad-deploy, other"""
TRACES = "<data>\ntraces: 2\n[traces-2:links.0] Calls from shop to stock: 60 of 99 failed\n[traces-2:nodes.9] mail: fine\n</data>"


def turn(model: Character, number: int, *objections: str, prompt: str = PROMPT) -> list[tuple[str, Any]]:
    now = Situation(number, prompt, (("traces", TRACES),), objections, "final_result")
    return [(part.tool_name, part.args) for part in model.turn(now) if isinstance(part, ToolCallPart)]


def test_it_asks_in_parallel_then_tests_then_concludes() -> None:
    assert [name for name, _ in turn(Competent(), 0)] == ["metrics", "logs", "traces", "changes"]
    ((name, tested),) = turn(Competent(), 1)
    assert name == "disprove" and tested["component"] == "stock" and tested["change"] == "deploy-59"
    ((name, concluded),) = turn(Competent(), 2)
    assert name == "final_result"
    (one,) = concluded["hypotheses"]
    rows = {row["ref"]: row["supports"] for row in one["evidence"]}
    assert rows == {
        "infrastructure-1:events.1": True,
        "traces-2:nodes.3": True,
        "metrics-1:series.0": False,
        "traces-2:links.0": True,
    }
    assert one["why"] == "deploy on stock at 10:04:12 by ci. stock: 60 of 99 failed, 2 of 261 before."


def test_what_is_sent_back_it_leaves_out() -> None:
    bad = "hypothesis 1, traces-2:links.0: it says that nothing changed"
    sentence = "hypothesis 1, “stock: 60 of 99 failed, 2 of 261 before.”: no"
    ((_, concluded),) = turn(Competent(), 3, bad, sentence)
    (one,) = concluded["hypotheses"]
    assert "traces-2:links.0" not in {row["ref"] for row in one["evidence"]}
    assert one["why"] == "deploy on stock at 10:04:12 by ci. Calls from shop to stock: 60 of 99 failed." or (
        one["why"] == "deploy on stock at 10:04:12 by ci."
    )


def test_a_missing_test_is_made_up_for() -> None:
    ((name, tested),) = turn(
        Competent(), 3, "call disprove for stock, bad-deploy before you conclude: what would show it?"
    )
    assert name == "disprove" and tested["mechanism"] == "bad-deploy"


def test_it_names_nobody_where_the_engine_does_not() -> None:
    ((name, concluded),) = turn(Competent(), 0, prompt="<data>\n</data>")
    assert name == "final_result" and concluded["hypotheses"] == [] and concluded["nothing"]


def test_the_lazy_one_cites_a_row_only_when_it_must() -> None:
    assert turn(Lazy(), 0)[0][1]["hypotheses"][0]["evidence"] == []
    assert turn(Lazy(), 1)[0][1]["hypotheses"][0]["evidence"] == [{"ref": "traces-2:nodes.3"}]


def test_the_contrary_one_names_another() -> None:
    (one,) = turn(Contrary(), 2)[0][1]["hypotheses"]
    assert one["component"] == "shop" and one["likelihood"] == 1.0
    assert [row["ref"] for row in one["evidence"]] == ["traces-2:links.0"]
    assert "signal" in str(turn(Contrary(spiteful=True), 0))


def test_the_looping_one_repeats_itself() -> None:
    assert turn(Looping(2), 0) == turn(Looping(2), 9) and len(turn(Looping(2), 0)) == 2
