"""Runs benchmarks and writes results.json, RESULTS.md and the page on accuracy: `python -m benchmarks [NAME …]`.

Without names it runs all that `--list` does not mark. One that cannot be measured here is said and skipped.
"""

from __future__ import annotations

import argparse
import importlib
import traceback
from collections.abc import Iterator, Sequence
from pathlib import Path

from benchmarks import accuracy_page
from benchmarks.figures import DATA, Benchmark, Options, Unmeasured, say
from benchmarks.results import RESULTS, Section, update

NAMES = (
    "campaign",
    "campaign_calibration",
    "agent",
    "petshop",
    "nezha",
    "rootcausebench",
    "nab",
    "estate",
    "structurizr",
    "log_templates",
    "recorded_incident",
    "large",
    "receiver",
    "live",
    "live_sources",
)
"""In the order of RESULTS.md. Each is a module with a `BENCHMARK`, imported when it is asked for."""


def main() -> None:
    parsed = _parser().parse_args()
    if unknown := set(parsed.names) - set(NAMES):
        raise SystemExit(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(NAMES)}")
    if parsed.part != "unseen" and parsed.results == RESULTS:
        raise SystemExit("the results that are kept are of the unseen part: name another file with --results")
    found = list(_benchmarks(parsed.names or NAMES))
    if parsed.list:
        for benchmark in found:
            print(f"{benchmark.name:20} {'' if benchmark.by_default else '(by name only) '}{benchmark.about}")
        return
    options = Options(parsed.data, parsed.bundles, parsed.runs, tuple(parsed.sizes), parsed.part, parsed.jobs)
    asked = [each for each in found if each.by_default or each.name in parsed.names]
    done = [_run(benchmark, options, parsed.results) for benchmark in asked]
    accuracy_page.write(parsed.results)
    if not all(done):
        raise SystemExit(1)


def _benchmarks(names: Sequence[str]) -> Iterator[Benchmark]:
    """Those that can be loaded; what one lacks does not keep the others from running."""
    for name in names:
        try:
            yield importlib.import_module(f"benchmarks.{name}").BENCHMARK
        except ImportError as error:
            say(f"{name}: not measured: {error}")


def _run(benchmark: Benchmark, options: Options, results: Path) -> bool:
    """Measures and keeps what was measured; whether nothing broke. What cannot be measured here is no failure."""
    try:
        found = list(benchmark.measure(options))
    except Unmeasured as reason:
        say(f"{benchmark.name}: not measured: {reason}")
        return True
    except Exception:
        say(f"{benchmark.name}: failed; its old figures stay, and the others go on\n{traceback.format_exc()}")
        return False
    section = Section.now(benchmark, found, options)
    print(section.text)
    update(section, NAMES, results)
    return True


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of {', '.join(NAMES)}")
    parser.add_argument("--list", action="store_true", help="say what each benchmark measures, and run none")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the public data sets")
    parser.add_argument(
        "--bundles",
        type=Path,
        help="recorded bundles: a campaign for `campaign`, more for `estate` and `live`",
    )
    parser.add_argument(
        "--part",
        choices=("development", "unseen"),
        default="unseen",
        help="the part of the campaign to measure",
    )
    parser.add_argument("--jobs", type=int, default=2, help="how many cases `campaign` measures at once")
    parser.add_argument("--runs", type=int, default=10, help="how many seeds `live` runs for each fault")
    parser.add_argument(
        "--sizes",
        type=float,
        nargs="+",
        default=[0.25, 0.5, 1.0],
        help="sizes that `large` makes; `log_templates` the largest",
    )
    parser.add_argument(
        "--results",
        type=Path,
        default=RESULTS,
        metavar="FILE",
        help="where figures go, with Markdown beside it; name another file to try something out",
    )
    return parser


if __name__ == "__main__":
    main()
