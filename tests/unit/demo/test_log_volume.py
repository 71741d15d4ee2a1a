from __future__ import annotations

import errno
from types import SimpleNamespace

import pytest

from andon.demo import log_volume
from andon.demo.emitter import Telemetry
from andon.demo.log_volume import LogVolume, Volume
from andon.demo.releases import RELEASES, VERBOSE


def test_a_volume_takes_what_fits_and_refuses_the_rest(tmp_path):
    volume = Volume(tmp_path / "v", "/var/log/svc", 10)
    volume.append("a.log", b"123456")
    assert volume.utilization() == 0.6
    with pytest.raises(OSError, match=r"No space left on device: '/var/log/svc/b.log'") as full:
        volume.append("b.log", b"123456")
    assert full.value.errno == errno.ENOSPC
    assert (tmp_path / "v" / "b.log").stat().st_size == 4
    assert volume.utilization() == 1.0


@pytest.fixture
def parameters(monkeypatch) -> dict[str, str]:
    parameters: dict[str, str] = {}
    reader = SimpleNamespace(value=parameters.get)
    monkeypatch.setattr(log_volume, "ParameterReader", lambda _: reader)
    return parameters


def volume_of(tmp_path, version: str = "2.7.4", dump: int = 400_000) -> LogVolume:
    runtime = SimpleNamespace(
        name="auth-service",
        version=version,
        settings=SimpleNamespace(folder=str(tmp_path), seed=1),
        telemetry=Telemetry("auth-service", version, "1", receiver=9),
    )
    return LogVolume(runtime, dump)


def fill_up(volume: LogVolume) -> int:
    """How many dumps were asked for until a record is refused, or 50."""
    for dumps in range(50):
        try:
            volume.record("journal", {"sub": "x"})
        except OSError:
            return dumps
        volume.dump("introspection")
    return 50


def test_a_quiet_log_leaves_room(tmp_path, parameters):
    assert fill_up(volume_of(tmp_path)) == 50


def test_a_verbose_log_fills_the_volume_and_records_are_refused(tmp_path, parameters):
    parameters["/auth-service/log-level"] = "DEBUG"
    assert 3 <= fill_up(volume_of(tmp_path)) <= 6


def test_a_release_that_left_it_verbose_does_too(tmp_path, parameters):
    version = RELEASES["auth-service"][VERBOSE]
    assert 3 <= fill_up(volume_of(tmp_path, version)) <= 6


def test_a_new_process_finds_what_the_old_one_wrote(tmp_path, parameters):
    volume_of(tmp_path).record("journal", {"sub": "x"})
    before = volume_of(tmp_path)._volume.utilization()
    assert 0.5 < before < 0.7
