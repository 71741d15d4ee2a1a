from __future__ import annotations

import gzip
import os
import tempfile
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.connectors.received.frames import Form, Frame, Kind, Overlong, damage, pack, payload, unpack, walk
from andon.connectors.received.segments import opened

PLAINS = (b"one" * 40, b"ANd1" * 9, os.urandom(300))


def frame(plain: bytes, moment: float = 5.0) -> Frame:
    packed = pack(plain)
    return Frame.of(
        Kind.LOGS, Form.JSON, packed, unpacked=len(plain), items=2, moments=(moment, moment + 1), received=9.0
    )


def written(plains: tuple[bytes, ...] = PLAINS) -> bytes:
    return b"".join(part for one in map(frame, plains) for part in (one.head(), one.packed))


def read(data: bytes) -> list[bytes | None]:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "x"
        path.write_bytes(data)
        with opened(path) as file:
            return [payload(file, offset, header) for offset, header in walk(file)]


def test_what_is_written_is_read(tmp_path: Path) -> None:
    assert read(written()) == list(PLAINS)
    (tmp_path / "x").write_bytes(written())
    with opened(tmp_path / "x") as file:
        header = next(walk(file))[1]
    assert (header.kind, header.form, header.items, header.first, header.last, header.received) == (
        2,
        2,
        2,
        5.0,
        6.0,
        9.0,
    )


@settings(deadline=None)
@given(st.integers(0, len(written()) - 1))
def test_a_file_cut_anywhere_gives_the_whole_frames_before(length: int) -> None:
    found = read(written()[:length])
    assert found == list(PLAINS[: len(found)])
    assert len(found) >= sum(length >= len(written(PLAINS[: n + 1])) for n in range(3))


@settings(deadline=None)
@given(st.integers(0, len(written()) * 8 - 1))
def test_a_flipped_bit_costs_one_frame_at_most(bit: int) -> None:
    data = bytearray(written())
    data[bit // 8] ^= 1 << bit % 8
    found = [plain for plain in read(bytes(data)) if plain is not None]
    assert len(found) == 2
    assert [plain for plain in PLAINS if plain in found] == found


@settings(deadline=None)
@given(st.lists(st.binary(max_size=80), min_size=1, max_size=4))
def test_frames_are_found_between_anything(noise: list[bytes]) -> None:
    data = b"".join(part + written(PLAINS[:1]) for part in noise)
    assert read(data).count(PLAINS[0]) == len(noise)


def test_damage_says_where_the_last_good_frame_ends(tmp_path: Path) -> None:
    good = written(PLAINS[:2])
    bad = bytearray(written(PLAINS[2:]))
    bad[-1] ^= 1
    (tmp_path / "x").write_bytes(good + bytes(bad))
    with opened(tmp_path / "x") as file:
        assert damage(file) == (len(good), 1)


def test_unpacking_is_bounded() -> None:
    bomb = gzip.compress(b"\0" * (50 << 20))
    with pytest.raises(Overlong):
        unpack(bomb, 1 << 20)
    assert unpack(gzip.compress(b"a" * 100) + gzip.compress(b"b"), 101) == b"a" * 100 + b"b"
    with pytest.raises(Overlong):
        unpack(gzip.compress(b"a" * 100) + gzip.compress(b"b"), 100)


@pytest.mark.parametrize(
    "packed",
    [b"no gzip", gzip.compress(b"x" * 99)[:-3], gzip.compress(b"x") + b"more"],
    ids=["text", "cut off", "more behind it"],
)
def test_what_is_no_gzip_or_cut_off_is_said(packed: bytes) -> None:
    with pytest.raises(zlib.error):
        unpack(packed, 1000)
