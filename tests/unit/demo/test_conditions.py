from __future__ import annotations

from andon.demo import conditions
from andon.demo.conditions import Conditions, impose


def test_a_condition_reaches_the_process_it_befalls_and_no_other(tmp_path, monkeypatch):
    monkeypatch.setattr(conditions, "_LOOK_SECONDS", 0.0)
    struck, spared = Conditions(tmp_path, "auth-service"), Conditions(tmp_path, "car-fleet")
    assert struck.value("clock_offset") == 0.0
    assert struck.value("clock_offset", default=1.5) == 1.5
    impose(tmp_path, "auth-service", "clock_offset", 8.0)
    impose(tmp_path, "auth-service", "starved", 0.7)
    assert (struck.value("clock_offset"), struck.value("starved")) == (8.0, 0.7)
    assert spared.value("clock_offset") == 0.0


def test_the_file_is_not_read_at_every_question(tmp_path, monkeypatch):
    monkeypatch.setattr(conditions, "_LOOK_SECONDS", 60.0)
    struck = Conditions(tmp_path, "auth-service")
    struck.value("clock_offset")
    impose(tmp_path, "auth-service", "clock_offset", 8.0)
    assert struck.value("clock_offset") == 0.0
