from __future__ import annotations

import pytest

from andon.connectors.received.retention import Kept, Retention, bytes_of, seconds_of
from andon.errors import ConfigError

NOW = 1000.0


def numbers(retention: Retention, kept: list[Kept], taken: int = 0) -> list[int]:
    return [segment.number for segment in retention.surplus(kept, NOW, taken)]


def test_what_is_too_old_goes_the_oldest_first() -> None:
    kept = [Kept(2, 10, 905.0), Kept(1, 10, 890.0), Kept(3, 10, 999.0)]
    assert numbers(Retention(100.0, 10**9), kept) == [1]
    assert numbers(Retention(50.0, 10**9), kept) == [1, 2]


def test_only_as_much_goes_as_has_to() -> None:
    kept = [Kept(n, 100, NOW) for n in range(1, 6)]
    assert numbers(Retention(1e9, 500), kept) == []
    assert numbers(Retention(1e9, 500), kept, taken=1) == [1]
    assert numbers(Retention(1e9, 500), kept, taken=250) == [1, 2, 3]
    assert numbers(Retention(1e9, 500), kept, taken=9999) == [1, 2, 3, 4, 5]


def test_a_segment_is_a_small_part_of_what_is_kept() -> None:
    assert Retention(1600.0, 1600).segment_size == 100
    assert Retention(1600.0, 1600).segment_seconds == 100.0
    assert Retention().segment_size == 64 << 20


@pytest.mark.parametrize(
    ("text", "seconds"), [("90s", 90), ("30m", 1800), ("12h", 43_200), ("7d", 604_800), (" 1.5 W", 907_200)]
)
def test_durations(text: str, seconds: float) -> None:
    assert seconds_of(text) == seconds


@pytest.mark.parametrize(
    ("text", "size"),
    [("500MB", 5 * 10**8), ("5GB", 5 * 10**9), ("2gib", 2 << 30), ("1024", 1024), ("1.5 kb", 1500)],
)
def test_sizes(text: str, size: int) -> None:
    assert bytes_of(text) == size


@pytest.mark.parametrize("text", ["", "7", "d", "-1d", "0d", "1y", "7 days"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="no duration"):
        seconds_of(text)


@pytest.mark.parametrize("text", ["", "GB", "0", "-1GB", "0.1b", "5 zb"])
def test_what_is_no_size_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="no size"):
        bytes_of(text)
