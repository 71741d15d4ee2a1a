from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import asdict

import numpy as np
import pytest

from andon.analysis.parameter_comparison import ParameterChange, ParameterFinding, compare_parameters
from andon.analysis.record_tally import Record
from andon.analysis.templates import Template, mine

Make = Callable[[np.random.Generator, int], str]


def compared(
    before: Make, after: Make, *, repeat: int = 1, n: int = 400, seed: int = 3
) -> tuple[int, tuple[ParameterFinding, ...]]:
    chance = np.random.default_rng(seed)

    def statement(i: int) -> tuple[str, Template, list[Record], list[Record]]:
        sides = [
            [Record(k, float(k), make(chance, k + n * late)) for k in range(n)]
            for late, make in enumerate((before, after))
        ]
        template = mine([record.body for side in sides for record in side[:5]]).templates[0]
        return f"service {i}", template, sides[0], sides[1]

    return compare_parameters(statement(i) for i in range(repeat))


def same(make: Make, **about: int) -> tuple[int, tuple[ParameterFinding, ...]]:
    return compared(make, make, **about)


def test_a_slower_duration_is_told_with_its_medians() -> None:
    tested, (finding,) = compared(
        lambda chance, k: f"took {int(chance.lognormal(3.4, 0.5))}ms",
        lambda chance, k: f"took {int(chance.lognormal(8.3, 0.5))}ms",
    )
    assert tested == 1
    assert (finding.parameter, finding.kind, finding.change) == ("1", "duration", ParameterChange.SHIFTED)
    assert finding.unit == "s"
    assert finding.baseline_median == pytest.approx(0.03, rel=0.2)
    assert finding.incident_median == pytest.approx(4.0, rel=0.2)
    assert finding.q_value < 0.001


def test_a_new_value_is_told_with_its_share() -> None:
    _, (finding,) = compared(
        lambda chance, k: f"call from 10.0.0.{chance.integers(1, 6)}:{chance.integers(1000, 9999)} in",
        lambda chance, k: f"call from 10.0.{'3.7' if chance.random() < 0.93 else '0.2'}:80 in",
    )
    assert (finding.change, finding.value) == (ParameterChange.RAISED, "10.0.3.7")
    assert finding.baseline_share == 0
    assert finding.incident_share == pytest.approx(0.93, abs=0.04)


def test_codes_are_names_and_not_quantities() -> None:
    _, (finding,) = compared(
        lambda chance, k: "answered with 200",
        lambda chance, k: f"answered with {500 if chance.random() < 0.5 else 200}",
    )
    assert (finding.change, finding.value) == (ParameterChange.RAISED, "500")


def burst(chance: np.random.Generator, k: int) -> str:
    return f"step of job {k // 20 * 7919 % 1000} done"


@pytest.mark.parametrize(
    "make",
    [
        lambda chance, k: f"took {int(chance.lognormal(3, 1))}ms",
        lambda chance, k: f"number {chance.integers(0, 3)}",
        lambda chance, k: f"number {chance.integers(0, 10**9)}",
        lambda chance, k: f"from 10.0.0.{min(int(chance.pareto(1.0) + 1), 250)}",
        lambda chance, k: f"order {chance.bytes(8).hex()} placed",
        lambda chance, k: f"sequence {1000 + k}",
        lambda chance, k: f"at 2024-05-01T10:{k // 60 % 60:02}:{k % 60:02}Z",
        burst,
        lambda chance, k: f"status {200 if chance.random() < 0.98 else 500}",
        lambda chance, k: f"read /var/lib/{'abcdef'[chance.integers(0, 6)]}/x",
    ],
)
def test_noise_counters_identifiers_and_sessions_give_no_findings(make: Make) -> None:
    tested, found = same(make, repeat=30, n=100)
    assert tested in (0, 30)
    assert found == ()


def test_p_values_of_identical_distributions_are_not_too_small() -> None:
    from andon.analysis import parameter_comparison

    makes: list[Make] = [
        lambda chance, k: f"took {int(chance.lognormal(3, 1))}ms",
        lambda chance, k: f"from 10.0.0.{chance.integers(1, 9)}",
    ]
    for make in makes:
        chance = np.random.default_rng(9)
        p = []
        for _ in range(150):
            records = [Record(k, float(k), make(chance, k)) for k in range(120)]
            template = mine([records[0].body]).templates[0]
            p += [
                finding.p_value
                for finding in parameter_comparison._of_statement(("", template, records[:60], records[60:]))
            ]
        for level in (0.05, 0.2):
            assert np.mean(np.array(p) <= level) <= level + 2 * (level / len(p)) ** 0.5


def test_few_records_are_not_compared() -> None:
    assert compared(lambda c, k: "took 5ms", lambda c, k: "took 9s", n=40) == (0, ())
    assert compare_parameters([]) == (0, ())


def test_findings_can_be_stored_as_json() -> None:
    _, found = compared(lambda c, k: "code 1", lambda c, k: "code 2")
    assert json.loads(json.dumps([asdict(finding) for finding in found], allow_nan=False))[0]["value"] == "2"
