from __future__ import annotations

import contextlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.connectors.mqtt.protobuf_fields import Malformed, fields_of, number_of


def test_the_examples_of_the_encoding() -> None:
    """From "Encoding" in the documentation of protocol buffers: 150 is 0x9601, and "testing" has seven letters."""
    assert list(fields_of(bytes.fromhex("089601"))) == [(1, 150)]
    assert list(fields_of(bytes.fromhex("120774657374696e67"))) == [(2, b"testing")]
    assert number_of(bytes.fromhex("0000803f")) == number_of(bytes.fromhex("000000000000f03f")) == 1.0


@pytest.mark.parametrize("text", ["08", "0a05ab", "00", "0b", "08" + "ff" * 10, "0d0000"])
def test_what_is_no_message(text: str) -> None:
    with pytest.raises(Malformed):
        list(fields_of(bytes.fromhex(text)))


@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(data: bytes) -> None:
    with contextlib.suppress(Malformed):
        list(fields_of(data))
