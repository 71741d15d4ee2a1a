"""`andon chat`, `ask-run`, `verdict`: to talk on about a run, and to judge it."""

from __future__ import annotations

import sys
from collections.abc import Iterator
from typing import TYPE_CHECKING, Annotated, Any

import typer

from andon.cli.runs import AsJson, Run
from andon.errors import AndonError, UsageError

if TYPE_CHECKING:
    from andon.app.conversing import Conversation, Exchange
    from andon.config import Settings

__all__ = ["ask_run", "chat", "verdict"]

_HELP = """\
Ask, or say what is not so:
  why X and not Y; what changed (at X); show logs of X; when did it begin; who is affected; what should I check
  show me the errors; why not the deploy; is it the database
  look at X too; it is not X; the deploy was (not) harmless, I rolled it back at 10:40; it began at 10:20; users cannot pay
  /show        the report of the run that is spoken of
  /evidence N  the rows behind sentence [N] of the last answer
  /undo        back to the run before the last redirection
  /help, /quit
"""
_EARLIER = 3
"""Exchanges of an earlier session that are shown again."""

_Model = Annotated[str, typer.Option(help="The language model that answers, instead of the configured one.")]
_NoModel = Annotated[bool, typer.Option("--no-model", help="By rules alone.")]


def ask_run(
    run: Run,
    question: Annotated[str, typer.Argument(help="A question, or what is not so.")],
    model: _Model = "",
    no_model: _NoModel = False,
    as_json: AsJson = False,
) -> None:
    """Ask one thing about a run, or redirect it."""
    from dataclasses import asdict

    from andon.app.conversing import open_conversation
    from andon.cli.output import print_json

    with open_conversation(run, _settings(model, off=no_model)) as conversation:
        elsewhere, asked = conversation.elsewhere, conversation.asked
        exchange = conversation.say(question)
        if as_json:
            print_json(asdict(exchange) | ({"asked_of": asked} if elsewhere else {}))
        else:
            _write([elsewhere] if elsewhere else [])
            _write(_told(exchange))


def chat(run: Run = "latest", model: _Model = "", no_model: _NoModel = False) -> None:
    """Talk on about a run: questions and redirections, one a line, from a terminal or a pipe."""
    from andon.app.conversing import open_conversation

    with open_conversation(run, _settings(model, off=no_model)) as conversation:
        _write(_begun(conversation))
        for line in _lines():
            text = line.strip()
            if text in ("/quit", "/exit", "/q"):
                break
            if text:
                _replied(conversation, text)


def verdict(
    run: Run,
    cause: Annotated[str, typer.Option(help="The component that was the cause.")] = "",
    mechanism: Annotated[str, typer.Option(help="What happened to it, such as bad-deploy.")] = "",
    change: Annotated[str, typer.Option(help="Id of the change that did it.")] = "",
    hypothesis: Annotated[int, typer.Option(help="The number of the hypothesis that was right.", min=0)] = 0,
    wrong: Annotated[bool, typer.Option("--wrong", help="None of the hypotheses was right.")] = False,
    fixed: Annotated[str, typer.Option(help="What fixed it.")] = "",
    note: Annotated[str, typer.Option(help="What else is worth remembering.")] = "",
    as_json: AsJson = False,
) -> None:
    """Say what the cause was. It is remembered, and comes back when something similar happens."""
    from andon.app.verdicts import Judgement, judge
    from andon.cli.output import print_json
    from andon.config import load_settings
    from andon.reports.text_safety import line

    kept = judge(run, Judgement(cause, mechanism, change, hypothesis, wrong, fixed, note), load_settings())
    if as_json:
        told = {
            "run": kept.run,
            "component": kept.component,
            "mechanism": kept.mechanism,
            "change": kept.change,
        }
        print_json(
            told | {"fixed": kept.fixed, "note": kept.note, "wrong": [list(one) for one in kept.wrong]}
        )
        return
    what = f"{kept.mechanism} at {kept.name}" if kept.component else "none of the hypotheses was right"
    sys.stdout.write(f"{kept.run}: remembered: {line(what)}\n")


def _settings(model: str, *, off: bool) -> Settings:
    from andon.cli.investigate import with_model
    from andon.config import load_settings

    return with_model(load_settings(), model, 0, off=off)


def _lines() -> Iterator[str]:
    """Lines of a terminal, with a prompt, or of a pipe, each repeated above its answer."""
    if sys.stdin.isatty():
        while True:
            try:
                yield input("andon> ")
            except EOFError:
                sys.stdout.write("\n")
                return
    reconfigure = getattr(sys.stdin, "reconfigure", None)
    if reconfigure is not None:
        reconfigure(errors="replace")
    for line in sys.stdin:
        if line.strip():
            _write([f"> {line.strip()}"])
        yield line


def _replied(conversation: Conversation, text: str) -> None:
    """One line of a conversation; what goes wrong is told, and the conversation goes on."""
    from andon.cli.output import complain

    try:
        if text.startswith("/"):
            _command(conversation, text)
        else:
            _write(_told(conversation.say(text)))
    except AndonError as error:
        complain(error)
    sys.stdout.flush()


def _command(conversation: Conversation, text: str) -> None:
    from andon.cli.output import show_report

    name, _, rest = text.partition(" ")
    if name == "/help":
        sys.stdout.write(_HELP)
    elif name == "/show":
        show_report(conversation.report)
    elif name == "/undo":
        _write([f"back to run {conversation.undo()}", conversation.report.headline])
    elif name == "/evidence":
        if not rest.strip().isdigit():
            raise UsageError("/evidence needs the number of a sentence", hint="/evidence 1")
        _write(conversation.evidence(int(rest)).splitlines())
    else:
        raise UsageError(f"there is no {name}", hint="/help, /show, /evidence N, /undo, /quit")


def _begun(conversation: Conversation) -> Iterator[str]:
    """Which run is spoken of, and the last exchanges where there were any."""
    yield f"run {conversation.run}: {conversation.report.headline}"
    if conversation.elsewhere:
        yield f"  {conversation.elsewhere}"
    if conversation.history:
        yield "earlier:"
    for exchange in conversation.history[-_EARLIER:]:
        yield f"> {exchange.said}"
        yield from _told(exchange)
        if not exchange.by:
            yield "  (not answered)"


def _told(exchange: Exchange) -> Iterator[str]:
    """An exchange: what was understood as redirections, the sentences, what was left out, what is asked back."""
    for redirection in exchange.redirections:
        yield f"  understood: {redirection}"
    number = 0
    for said in exchange.answer:
        number += bool(said.refs)
        yield f"  {said.text}" + (f" [{number}]" if said.refs else "")
    if exchange.left_out:
        sentences = "1 sentence" if exchange.left_out == 1 else f"{exchange.left_out} sentences"
        yield f"  ({sentences} left out: nothing bears {'it' if exchange.left_out == 1 else 'them'} out)"
    if exchange.asks:
        yield f"  {exchange.asks}"
    if exchange.redirections:
        yield f"  now: run {exchange.run}"


def _write(lines: Any) -> None:
    from andon.reports.text_safety import line

    for one in lines:
        indent = one[: len(one) - len(one.lstrip())]
        sys.stdout.write(f"{indent}{line(one, 4000)}\n")
