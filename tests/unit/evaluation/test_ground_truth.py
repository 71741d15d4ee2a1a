from __future__ import annotations

import json
from pathlib import Path

import pytest

from andon.errors import ParseError
from andon.evaluation import Culprit, Decoy, GroundTruth, read_ground_truth


def test_what_a_recording_says_is_read(tmp_path: Path) -> None:
    told = {
        "fault": "bad-deploy",
        "seed": 3,
        "culprits": [
            {
                "components": ["a"],
                "mechanisms": ["bad-deploy"],
                "path": ["a", "b"],
                "change": "e1",
                "injected": 50.5,
            },
            {"components": ["c", "d"], "mechanisms": [], "path": ["c"], "change": "", "injected": 40.0},
        ],
        "recorded": [0.0, 90.0],
        "load": 2.0,
        "decoys": [{"component": "b", "actions": ["Update"], "events": ["e2"], "time": 9.0}],
    }
    file = tmp_path / "x.truth.json"
    file.write_text(json.dumps(told), encoding="utf-8")
    truth = read_ground_truth(file)
    assert truth == GroundTruth(
        "bad-deploy",
        (
            Culprit(("a",), ("bad-deploy",), ("a", "b"), "e1", 50.5),
            Culprit(("c", "d"), (), ("c",), "", 40.0),
        ),
        (Decoy("b", ("Update",), ("e2",), 9.0),),
        3,
    )
    assert truth.injected == 40.0
    assert not truth.control


def test_without_culprits_it_is_a_control() -> None:
    assert GroundTruth("none").control
    assert GroundTruth("none").injected is None


@pytest.mark.parametrize(
    "text", ["", "[]", "{}", '{"fault": "x", "culprits": [{}]}', '{"fault": "x", "culprits": 3}']
)
def test_anything_else_is_no_ground_truth(tmp_path: Path, text: str) -> None:
    file = tmp_path / "x.truth.json"
    file.write_text(text, encoding="utf-8")
    with pytest.raises(ParseError, match="no ground truth"):
        read_ground_truth(file)
