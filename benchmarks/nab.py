"""Anomalies in single series: 29 files of the Numenta Anomaly Benchmark, and false alarms where nothing happens."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator, Sequence

import numpy as np
from numpy.typing import NDArray

from andon.analysis.anomalies import detect
from benchmarks.figures import Benchmark, Exhibit, Figure, Options, Unmeasured, say
from benchmarks.nab_files import File, is_development, noises, read_files
from benchmarks.nab_peers import PUBLISHED, half_space_trees, nothing, randomly, windowed_gaussian
from benchmarks.nab_scoring import PROFILES, Profile, file_score, normalised, optimise

__all__ = ["BENCHMARK"]

Floats = NDArray[np.float64]
Scores = dict[str, Floats]
Scorer = Callable[[Floats, Floats], Floats]

_NOISE_ROWS, _NOISE_LEARNT, _NOISE_SEEDS = 6000, 1000, 8
_CAREFUL = 5.0
"""A bar for who would rather be woken seldom: once in 100,000 rows for each view."""


def measure(options: Options) -> Iterator[Figure | Exhibit]:
    root = options.data / "nab"
    if not root.is_dir():
        raise Unmeasured(f"no data in {root.name}")
    files = read_files(root)
    started = time.process_time()
    scores = _scores(files, ours)
    seconds = time.process_time() - started
    for profile in PROFILES:
        goal = "at least 62" if profile.name == "standard" else ""
        yield from _halves(f"{profile.name}, andon", files, scores, profile, goal)
    yield from _at_its_own_bar(files, scores)
    yield from _peers(files)
    yield from _published(files)
    rows = sum(file.labelled.rows for file in files)
    yield Figure("points per CPU second, one core", f"{rows / seconds:,.0f}", rows, goal="at least 100,000")
    yield from _quiet(files)
    yield _exhibit(files, scores)


def ours(times: Floats, values: Floats) -> Floats:
    """andon's scores with its settings as they are, the same for all files."""
    return detect(times, values).score


def _scores(files: Sequence[File], scorer: Scorer) -> Scores:
    return {file.labelled.name: scorer(file.times, file.values) for file in files}


def _parts(files: Sequence[File]) -> dict[str, list[File]]:
    """The files that the detector was developed on, those that it was checked on, and all."""
    return {
        "development half": [file for file in files if is_development(file.labelled.name)],
        "other half": [file for file in files if not is_development(file.labelled.name)],
        "all files": list(files),
    }


def _halves(
    what: str, files: Sequence[File], scores: Scores, profile: Profile, goal: str = ""
) -> Iterator[Figure]:
    for part, chosen in _parts(files).items():
        found = optimise([(file.labelled, scores[file.labelled.name]) for file in chosen], profile)
        value = normalised(found.total, [file.labelled for file in chosen], profile)
        say(f"nab: {what}, {part}: {value:.1f} at threshold {found.threshold:.3f}")
        yield Figure(f"{what}, {part}", f"{value:.1f}", len(chosen), goal=goal if part == "all files" else "")


def _at_its_own_bar(files: Sequence[File], scores: Scores) -> Iterator[Figure]:
    """Without the benchmark's choice of a threshold: the alarms as a user gets them."""
    standard = PROFILES[0]
    for part, chosen in _parts(files).items():
        total = sum(file_score(file.labelled, scores[file.labelled.name] >= 0.5, standard) for file in chosen)
        value = normalised(total, [file.labelled for file in chosen], standard)
        yield Figure(f"standard, andon at its built-in bar, {part}", f"{value:.1f}", len(chosen))


def _peers(files: Sequence[File]) -> Iterator[Figure]:
    peers: dict[str, Scorer | None] = {
        "windowed Gaussian (ours)": windowed_gaussian,
        "half-space trees (river, BSD licence)": half_space_trees(),
        "chance": randomly,
        "never alarming": nothing,
    }
    for name, scorer in peers.items():
        if scorer is None:
            say(f"nab: {name} is not installed: no comparison with it")
        else:
            yield from _halves(f"standard, {name}", files, _scores(files, scorer), PROFILES[0])


def _published(files: Sequence[File]) -> Iterator[Figure]:
    """Published scores of these files, at thresholds chosen on all 58."""
    for place, name in enumerate(("windowed Gaussian", "ARTime", "contextOSE")):
        for part, chosen in _parts(files).items():
            if missing := [f.labelled.name for f in chosen if f.labelled.name not in PUBLISHED]:
                say(f"nab: nothing is published for {missing}")
                continue
            total = sum(PUBLISHED[file.labelled.name][place] for file in chosen)
            value = normalised(total, [file.labelled for file in chosen], PROFILES[0])
            yield Figure(f"standard, {name} as published, {part}", f"{value:.1f}", len(chosen))


def _quiet(files: Sequence[File]) -> Iterator[Figure]:
    """Alarms where nothing happens, for a thousand rows, at the built-in bar and at a careful one."""
    calm = [file for file in files if not file.labelled.windows]
    alarms = sum(int(detect(f.times, f.values).alarm[f.labelled.probation :].sum()) for f in calm)
    rows = sum(file.labelled.rows - file.labelled.probation for file in calm)
    yield Figure(
        "alarms in 1,000 rows, files without a window", f"{1000 * alarms / rows:.2f} ({alarms})", len(calm)
    )
    found: dict[str, list[tuple[int, int]]] = {}
    for seed in range(_NOISE_SEEDS):
        for kind, values in noises(_NOISE_ROWS, seed):
            times = 300.0 * np.arange(_NOISE_ROWS)
            plain, careful = detect(times, values), detect(times, values, bar=_CAREFUL)
            found.setdefault(kind, []).append(
                (int(plain.alarm[_NOISE_LEARNT:].sum()), int(careful.alarm[_NOISE_LEARNT:].sum()))
            )
    for kind, counts in found.items():
        thousands = len(counts) * (_NOISE_ROWS - _NOISE_LEARNT) / 1000
        plain_rate, careful_rate = (sum(each) / thousands for each in zip(*counts, strict=True))
        yield Figure(
            f"alarms in 1,000 rows of {kind} noise, at the built-in bar and at {_CAREFUL:g}",
            f"{plain_rate:.2f} and {careful_rate:.2f}",
            len(counts),
        )


def _exhibit(files: Sequence[File], scores: Scores) -> Exhibit:
    """Each file's standard score at the built-in bar, beside the published ones."""
    return Exhibit(
        "files",
        {
            file.labelled.name: {
                "half": "development" if is_development(file.labelled.name) else "other",
                "andon": round(file_score(file.labelled, scores[file.labelled.name] >= 0.5, PROFILES[0]), 4),
                "published": PUBLISHED.get(file.labelled.name),
            }
            for file in files
        },
    )


BENCHMARK = Benchmark(
    "nab",
    "Causal detection in 29 files of the Numenta Anomaly Benchmark with one configuration, scored by its published rules (0: never alarms, "
    "100: each window's first row and nothing else). A threshold is the one that is best for the files of its row, as the benchmark does it; "
    "views and settings were chosen on the development half and on synthetic series, the other half was seen as a total only. "
    "Published scores are of thresholds that were best for all 58 files.",
    measure,
)
