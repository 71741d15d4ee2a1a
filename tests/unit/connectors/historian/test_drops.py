from __future__ import annotations

from pathlib import Path

import pytest

from andon.connectors import Unanswered
from andon.connectors.historian.drops import Drop, drops_in, may_hold
from andon.telemetry import Status, Window

NOON = 1_781_870_400.0  # 2026-06-19T12:00:00Z
DAY = 86_400.0


@pytest.mark.parametrize(
    ("name", "day"),
    [
        ("press_2026-06-19.csv", 19),
        ("20260619.csv", 19),
        ("2026/06.19/x.csv", None),
        ("2026-06-19/20260620_103000.csv", 20),
        ("2026_06_19-10.parquet", 19),
        ("20260231.csv", None),
        ("batch1202606190.csv", None),
        ("press.csv", None),
    ],
)
def test_days_in_names(tmp_path: Path, name: str, day: int | None) -> None:
    file = tmp_path / name
    file.parent.mkdir(parents=True, exist_ok=True)
    file.touch()
    (drop,) = drops_in(tmp_path, "**/*.*")
    assert (None if drop.day is None else 19 + (drop.day - (NOON - DAY / 2)) / DAY) == day


def test_a_folder_that_may_not_be_read(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def refused(_: Path) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(Path, "iterdir", refused)
    with pytest.raises(Unanswered, match="may not be read") as raised:
        drops_in(tmp_path, "*")
    assert raised.value.status is Status.DENIED


def test_what_may_hold_a_window() -> None:
    window = Window(NOON, NOON + 3600)
    named = [Drop("x", 1, 0.0, NOON - DAY / 2 + DAY * offset) for offset in range(-3, 4)]
    assert [may_hold(drop, window) for drop in named] == [False, False, True, True, True, False, False]
    assert may_hold(Drop("x", 1, NOON), window) and not may_hold(Drop("x", 1, NOON - 2 * DAY), window)
