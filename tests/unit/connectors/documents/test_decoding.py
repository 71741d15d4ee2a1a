from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from andon.connectors.documents.decoding import clean, decode, is_binary


def test_what_a_file_says_of_its_encoding_counts():
    assert decode("\ufeffgrün".encode()) == ("grün", "UTF-8")
    assert decode("grün".encode("utf-16")) == ("grün", "UTF-16")


def test_what_is_not_utf_8_is_latin_1():
    assert decode("grün".encode("latin-1")) == ("grün", "Latin-1")


def test_zero_bytes_make_a_file_binary():
    assert is_binary(b"\x7fELF\0") and not is_binary(b"text") and not is_binary("text".encode("utf-16"))


def test_lines_end_in_one_way():
    assert clean("a\r\nb\rc\nd") == "a\nb\nc\nd"


@given(st.binary())
def test_any_bytes_become_text_that_can_be_stored(data: bytes):
    text, _ = decode(data)
    text.encode()
    assert "\0" not in text and "\x1b" not in text
