"""What a language model adds to the engine, and costs, on the recorded campaign; also by one command for any real model.

    python -m benchmarks.agent --model anthropic:… [--repeats 3] [--samples 1] [--cases FOLDER] [--prices IN OUT]

puts every case of the folder to the engine and to the model, with the key from the environment, and prints the figures.
Answers are kept one by one: the same command goes on where it was interrupted. Exit code 2 and no figure where a case lacks
an answer.
"""

from __future__ import annotations

import argparse
import os
import re
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path

from andon.llm.prices import Prices
from benchmarks.agent_cases import ask_all
from benchmarks.agent_figures import against, figures
from benchmarks.agent_minds import ENGINE, LOCAL, SCRIPTED, Thinker, real, thinkers, tokenizer
from benchmarks.agent_overheads import overheads
from benchmarks.agent_records import Asked, Kept
from benchmarks.campaign import bundles_of
from benchmarks.campaign_cases import truth_file
from benchmarks.figures import ROOT, Benchmark, Exhibit, Figure, Options, Unmeasured, say

__all__ = ["BENCHMARK", "main"]

_KEPT = ROOT / ".bench" / "agent"
_NICE = 10
_FEW = 4
"""Cases that the model of this machine is asked, evenly spread: it takes two or three minutes for each."""


def measure(options: Options) -> Iterator[Figure | Exhibit]:
    """Engine, scripted characters and the model of this machine on the asked part of the campaign, and our own overheads."""
    os.nice(_NICE)
    bundles = bundles_of(options, options.part)
    kept = Kept(_KEPT / f"{options.part}.jsonl")
    with thinkers((ENGINE, *SCRIPTED)) as found:
        yield from _compared(bundles, found, 1, kept)
    with thinkers((LOCAL,)) as found:
        few = bundles[:: max(1, len(bundles) // _FEW)][:_FEW]
        yield from _compared(few, found, 1, kept) if found else ()
    with tokenizer() as (count, how):
        yield from overheads(max(options.sizes), count, how)


def _compared(
    bundles: Sequence[Path], found: Sequence[Thinker], repeats: int, kept: Kept
) -> Iterator[Figure | Exhibit]:
    """The engine is asked once whatever the repeats: it always answers the same."""
    alone = [one for one in found if one.name == ENGINE]
    others = [one for one in found if one.name != ENGINE]
    engine = ask_all(bundles, alone, 1, kept)
    minds = ask_all(bundles, others, repeats, kept)
    if engine:
        yield from figures(engine, len(bundles))
    if minds:
        yield from figures(minds, len(bundles) * repeats)
    base = kept.of(ENGINE, [bundle.stem for bundle in bundles], 1)
    for mind, records in minds.items() if len(base) == len(bundles) else ():
        yield from against(mind, records, base)
    yield Exhibit(
        " and ".join(engine | minds),
        {mind: list(map(_plain, told)) for mind, told in (engine | minds).items()},
    )


def _plain(one: Asked) -> list[object]:
    """What is kept of an answer in results.json."""
    tokens = one.tokens_in + one.tokens_out
    return [one.case, one.repeat, one.right, one.verdict.likelihood, one.calls, tokens, one.stopped]


def main(arguments: Sequence[str] | None = None) -> int:
    """Measures one real model; the exit code is 2 where no figure may be published."""
    parsed = _parser().parse_args(arguments)
    try:
        prices = Prices(*parsed.prices) if parsed.prices else None
        model = real(parsed.model, samples=parsed.samples, url=parsed.url, prices=prices)
        bundles = _bundles(parsed.cases, parsed.limit)
        name = re.sub(r"[^\w.-]+", "-", f"{parsed.model}-{parsed.samples}")
        kept = Kept(parsed.kept / f"{name}.jsonl")
        asked = len(bundles) * (1 + parsed.repeats)
        say(
            f"agent: {len(bundles)} cases, {parsed.repeats} times each: {asked} investigations; kept in {kept.file}"
        )
        with thinkers((ENGINE,)) as found:
            told = list(_compared(bundles, [*found, model], parsed.repeats, kept))
        if not prices:
            say(
                "agent: no prices are stated, so no dollars are told: --prices IN OUT, dollars per million tokens"
            )
    except Unmeasured as reason:
        say(f"agent: no figures: {reason}")
        return 2
    for figure in (one for one in told if isinstance(one, Figure)):
        sys.stdout.write(f"{figure.what:60} {figure.value:>22}  n = {figure.n:<5} {figure.interval}\n")
    return 0


def _bundles(folder: Path, limit: int | None) -> list[Path]:
    """The recordings of a folder that have a truth file. Raises Unmeasured where there are fewer than was said."""
    found = [path for path in sorted(folder.glob("*.zip")) if truth_file(path).is_file()]
    if not found:
        raise Unmeasured(f"{folder} holds no recording with a truth file")
    if limit is not None and len(found) < limit:
        raise Unmeasured(f"{folder} holds {len(found)} cases, and {limit} were asked for")
    return found[:limit]


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.agent", description=(__doc__ or "").split("\n")[0]
    )
    parser.add_argument("--model", required=True, help="provider:name, such as anthropic:claude-…")
    parser.add_argument("--url", default="", help="another address than the provider's own")
    parser.add_argument("--repeats", type=_positive, default=3, help="how often each case is asked")
    parser.add_argument(
        "--samples", type=_positive, default=1, help="independent investigations of each answer"
    )
    parser.add_argument(
        "--cases", type=Path, default=ROOT / ".bench" / "campaign" / "unseen", metavar="FOLDER"
    )
    parser.add_argument("--limit", type=_positive, help="so many cases of the folder, and no fewer")
    parser.add_argument(
        "--prices", type=float, nargs=2, metavar=("IN", "OUT"), help="dollars per million tokens"
    )
    parser.add_argument("--kept", type=Path, default=_KEPT, metavar="FOLDER", help="where answers are kept")
    return parser


def _positive(text: str) -> int:
    if (number := int(text)) < 1:
        raise argparse.ArgumentTypeError("at least 1")
    return number


BENCHMARK = Benchmark(
    "agent",
    "What a mind adds to the engine on the campaign, and costs: scripts that follow, lie and contradict, and the small model "
    "of this machine. No figure of them is one of a real model; `make bench-agent MODEL=…` measures that.",
    measure,
    arguments="--part {part}",
    by_default=False,
)

if __name__ == "__main__":
    raise SystemExit(main())
