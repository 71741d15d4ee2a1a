"""Runs benchmarks and writes RESULTS.md: `python -m benchmarks [NAME …]`; without names all but `live`."""

from __future__ import annotations

import argparse
from pathlib import Path

from benchmarks import (
    estate,
    large,
    live,
    log_templates,
    petshop,
    recorded_incident,
    rootcausebench,
    structurizr,
)
from benchmarks.figures import DATA, Options, Unmeasured, say
from benchmarks.results import Section, update

BENCHMARKS = {
    module.BENCHMARK.name: module.BENCHMARK
    for module in (
        petshop,
        rootcausebench,
        estate,
        structurizr,
        log_templates,
        recorded_incident,
        large,
        live,
    )
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"any of {', '.join(BENCHMARKS)}")
    parser.add_argument("--data", type=Path, default=DATA, help="folder of the public data sets")
    parser.add_argument("--bundles", type=Path, help="further recorded bundles for `estate`")
    parser.add_argument("--runs", type=int, default=10, help="how many seeds `live` runs for each fault")
    parser.add_argument(
        "--sizes", type=float, nargs="+", default=[0.25, 0.5, 1.0], help="sizes that `large` makes"
    )
    parsed = parser.parse_args()
    unknown = set(parsed.names) - set(BENCHMARKS)
    if unknown:
        parser.error(f"no benchmark {', '.join(sorted(unknown))}; there are {', '.join(BENCHMARKS)}")
    options = Options(parsed.data, parsed.bundles, parsed.runs, tuple(parsed.sizes))
    for name in parsed.names or [name for name, benchmark in BENCHMARKS.items() if benchmark.by_default]:
        benchmark = BENCHMARKS[name]
        try:
            figures = list(benchmark.measure(options))
        except Unmeasured as reason:
            say(f"{name}: not measured: {reason}")
            continue
        section = Section.now(benchmark, figures, options)
        print(section.text)
        update(section, list(BENCHMARKS))


if __name__ == "__main__":
    main()
