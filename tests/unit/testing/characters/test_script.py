from __future__ import annotations

import asyncio
import subprocess
import sys

from pydantic_ai.messages import ModelRequest, ToolCallPart, ToolReturnPart, UserPromptPart
from pydantic_ai.models import ModelRequestParameters

from andon.testing.characters import Character, Competent
from andon.testing.characters.script import Line, Situation, lines_of

PROMPT = """<data>
1. 54% component ledger-db (Ledger Db), mechanism bad-deploy, change deploy-59
   for [infrastructure-1:events.1] deploy on ledger-db at 10:04:12 by ci-15
   against [traces-2:nodes.3] ledger-db: 99 of 99 failed
2. 10% component pricing (Pricing), mechanism dependency-failure
   for [traces-2:share.0] Calls add 100 %
Components that send telemetry: shop, ledger-db and 4 more
</data>
Mechanisms: bad-deploy, other"""


def situation(prompt: str = PROMPT, **given: object) -> Situation:
    return Situation(
        **({"turn": 0, "prompt": prompt, "answers": (), "objections": (), "output": "final_result"} | given)
    )


def test_the_ranking_of_the_prompt_is_read() -> None:
    first, second = situation().named
    assert (first.component, first.name, first.mechanism, first.change) == (
        "ledger-db", "Ledger Db", "bad-deploy", "deploy-59",
    )  # fmt: skip
    assert first.likelihood == 0.54
    assert [line.ref for line in first.lines] == ["infrastructure-1:events.1", "traces-2:nodes.3"]
    assert [line.supports for line in first.lines] == [True, False]
    assert second.change == "" and second.lines[0].measured


def test_names_and_mechanisms_are_read() -> None:
    assert situation().components == ("shop", "ledger-db")
    assert situation().mechanisms == ("bad-deploy", "other")


def test_a_prompt_without_hypotheses_names_nobody() -> None:
    assert situation("<data>\nnothing\n</data>").named == ()


def test_rows_of_answers_are_read_each_once() -> None:
    text = "<data>\nchanges: 1\n[infrastructure-1:events.1] id=deploy-59 deploy on ledger-db\n</data>"
    assert lines_of(text) == (Line("infrastructure-1:events.1", "deploy on ledger-db", id="deploy-59"),)
    refs = [line.ref for line in situation(answers=(("changes", text),)).lines]
    assert refs == ["infrastructure-1:events.1", "traces-2:nodes.3", "traces-2:share.0"]


def test_requests_are_counted_and_tokens_filled_in() -> None:
    model = Competent()
    asked = [ModelRequest([UserPromptPart(PROMPT)])]
    response = asyncio.run(model.request([*asked], None, ModelRequestParameters()))
    answer = ToolReturnPart("metrics", "<data>nothing</data>", response.parts[0].tool_call_id)
    longer = [*asked, response, ModelRequest([answer])]
    again = asyncio.run(model.request(longer, None, ModelRequestParameters()))
    assert model.asked == 2
    assert 0 < response.usage.output_tokens < response.usage.input_tokens < again.usage.input_tokens


def test_the_room_of_fakes_loads_no_library_of_models() -> None:
    code = "import sys, andon.testing; sys.exit('pydantic_ai' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
    code = "import sys; from andon.testing import Competent; sys.exit('pydantic_ai' not in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0


def test_what_is_sent_back_is_read_as_objections() -> None:
    class Listening(Character):
        heard: tuple[str, ...] = ()

        def turn(self, now: Situation) -> list[ToolCallPart]:
            self.heard = now.objections
            return [now.conclude([])]

    model = Listening()
    sent_back = ToolReturnPart(
        "final_result", "Mend:\n<data>\n- hypothesis 1: no\n- call it\n</data>", "1", outcome="retried"
    )
    told = [ModelRequest([UserPromptPart(PROMPT)]), ModelRequest([sent_back])]
    asyncio.run(model.request([*told], None, ModelRequestParameters()))
    assert model.heard == ("hypothesis 1: no", "call it")
