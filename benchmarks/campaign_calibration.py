"""What a likelihood turned out to be worth on the development part of the campaign; writes it for the engine to use."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import numpy as np

from andon.evaluation import Fit, try_map
from andon.investigation import calibration
from benchmarks.campaign import bundles_of
from benchmarks.campaign_cases import measured
from benchmarks.campaign_figures import forecasts
from benchmarks.figures import Benchmark, Figure, Options, Unmeasured, say

__all__ = ["BENCHMARK", "raw", "written"]

_FILE = Path(calibration.__file__).with_name("calibration.yaml")
_PART = "development"


def measure(options: Options) -> Iterator[Figure]:
    """Fits the map on raw likelihoods, whatever map is in force, and says what it does to faults it was not fitted on."""
    likelihoods, right, faults = forecasts(measured(bundles_of(options, _PART), options.jobs))
    if len(set(faults)) < 2:
        raise Unmeasured("a map needs cases of two faults at least, or none could be held out")
    found = try_map(raw(likelihoods), right, faults)
    _FILE.write_text(written(found), encoding="utf-8")
    say(f"campaign_calibration: wrote {_FILE.name}")
    parameters = ", ".join(f"{name} {value:g}" for name, value in found.map.parameters().items())
    yield Figure("log odds, fitted on all cases", parameters, found.cases)
    yield Figure("right among them", f"{sum(right)}", found.cases)
    for what, before, after in zip(("ECE", "Brier score"), found.before, found.after, strict=True):
        yield Figure(f"{what}, raw likelihood", f"{before:.3f}", found.cases)
        yield Figure(f"{what}, each fault under the fit of all others", f"{after:.3f}", found.cases)


def raw(likelihoods: list[float]) -> np.ndarray:
    """The likelihoods as they were before the map that is in force."""
    before, after = np.array(calibration.load_knots()).T
    return np.interp(likelihoods, after, before)


def written(found: Fit) -> str:
    """The data file that the engine reads: pairs of raw and calibrated likelihood, linear between."""
    knots = "\n".join(f"  - [{before:.2f}, {after:.4f}]" for before, after in found.map.table())
    return (
        "# What the raw likelihood of the first hypothesis was worth on labelled cases: pairs of raw and calibrated\n"
        "# likelihood, linear between. Made by `python -m benchmarks campaign_calibration` from the development part of the\n"
        f"# campaign: {found.cases} cases in which something was named, of {found.groups} faults. Calibration error, each fault\n"
        f"# under the map of all others: {found.before[0]:.3f} before, {found.after[0]:.3f} after.\n"
        f"knots:\n{knots}\n"
    )


BENCHMARK = Benchmark("campaign_calibration", __doc__.split("\n", 1)[0], measure, by_default=False)
