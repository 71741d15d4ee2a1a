from __future__ import annotations

import json
from pathlib import Path

import httpx2
import pytest

from andon.llm.local.process import EngineFailed, EngineProcess, EngineSlow


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    file = tmp_path / "weights.json"
    file.write_text('{"answers": ["yes"]}')
    return file


def test_is_reached_on_loopback_with_its_own_key(weights, command):
    process = EngineProcess(weights, context=100, threads=1, command=command)
    try:
        assert process.alive
        assert process.address.startswith("http://127.0.0.1:")
        asked = {"content": "hello", "parse_special": False, "add_special": False}
        for key, status in ((process.key, 200), ("guess", 401)):
            told = httpx2.post(
                process.address + "/tokenize", json=asked, headers={"Authorization": f"Bearer {key}"}
            )
            assert told.status_code == status
    finally:
        process.end()
    assert not process.alive


def test_keys_are_not_repeated(weights, command):
    first, second = (EngineProcess(weights, context=100, threads=1, command=command) for _ in range(2))
    assert first.key != second.key
    assert (first.end(), second.end()) == (-9, -9)


def test_a_refusal_is_reported_with_reason_and_log(weights, command):
    weights.write_text(json.dumps({"answers": [], "refuse": "out of luck"}))
    with pytest.raises(
        EngineFailed, match=r"did not start: out of luck \(load_model: error: no such tensor\)"
    ):
        EngineProcess(weights, context=100, threads=1, command=command)


def test_a_command_that_is_no_engine(weights):
    with pytest.raises(EngineFailed, match="its process ended"):
        EngineProcess(weights, context=100, threads=1, command=["true"])


def test_weights_that_take_too_long(weights, command):
    weights.write_text(json.dumps({"answers": [], "load_seconds": 60}))
    with pytest.raises(EngineSlow, match=r"did not load its weights in 0.2 s"):
        EngineProcess(weights, context=100, threads=1, command=command, seconds=0.2)
