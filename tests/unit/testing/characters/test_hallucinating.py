from __future__ import annotations

from pydantic_ai.messages import ToolCallPart

from andon.testing.characters import Hallucinating
from andon.testing.characters.script import Situation

PROMPT = """<data>
1. 54% component stock (Stock), mechanism bad-deploy, change deploy-59
   for [traces-2:nodes.3] stock: 60 of 99 failed, 2 of 261 before
   for [logs-1:findings.0] New in the log of stock since 10:04:21: “no free connection”, 33 times, never before
Components that send telemetry: shop, stock, mail
</data>
Mechanisms: bad-deploy, other"""


def said(model: Hallucinating) -> list[object]:
    parts = [
        part
        for turn in range(4)
        for part in model.turn(Situation(turn, PROMPT, (), (), "final_result"))
        if isinstance(part, ToolCallPart)
    ]
    return [(part.tool_name, part.args) for part in parts]


def test_a_seed_lies_the_same_way_again() -> None:
    first, again, other = Hallucinating(1), Hallucinating(1), Hallucinating(2)
    assert said(first) == said(again) != said(other)
    assert first.planted == again.planted


def test_what_is_planted_is_said() -> None:
    for seed in range(20):
        model = Hallucinating(seed, seed / 20)
        told = str([args for _, args in said(model)]).casefold()
        missing = [lie for lie in model.planted if repr(lie.text.casefold())[1:-1] not in told]
        assert model.planted and not missing


def test_no_lie_is_a_line_that_was_told() -> None:
    for seed in range(20):
        model = Hallucinating(seed)
        said(model)
        assert not {lie.text for lie in model.planted} & set(model.truths)


def test_the_more_honest_the_fewer_lies() -> None:
    def lies(honesty: float) -> int:
        models = [Hallucinating(seed, honesty) for seed in range(20)]
        for model in models:
            said(model)
        return sum(len(model.planted) for model in models)

    assert lies(0.0) > lies(0.5) > lies(0.95) > 0


def test_without_a_ranking_it_invents_all_the_same() -> None:
    model = Hallucinating(3, 0.0)
    (part,) = model.turn(Situation(2, "<data>\n</data>", (), (), "final_result"))
    assert isinstance(part, ToolCallPart) and part.args and model.planted
