from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.errors import ConfigError
from andon.intake.access import Access, Address, read_token


@pytest.mark.parametrize(
    ("text", "address", "local"),
    [
        ("127.0.0.1:4318", Address("127.0.0.1", 4318), True),
        ("127.9.9.9:1", Address("127.9.9.9", 1), True),
        ("localhost:0", Address("localhost", 0), True),
        ("[::1]:4318", Address("::1", 4318), True),
        ("0.0.0.0:4318", Address("0.0.0.0", 4318), False),
        ("[::]:4318", Address("::", 4318), False),
        ("10.0.0.7:4318", Address("10.0.0.7", 4318), False),
        ("localhost.example.org:80", Address("localhost.example.org", 80), False),
    ],
)
def test_addresses(text: str, address: Address, local: bool) -> None:
    assert Address.read(text) == address
    assert Address.read(str(address)) == address
    assert address.local is local


@pytest.mark.parametrize(
    "text", ["", "4318", ":4318", "localhost", "localhost:", "localhost:x", "localhost:70000", "localhost:-1"]
)
def test_what_is_no_address_is_refused(text: str) -> None:
    with pytest.raises(ConfigError, match="no address"):
        Address.read(text)


def test_others_are_served_only_with_a_token() -> None:
    Access().guard(Address("127.0.0.1", 1))
    Access("secret").guard(Address("0.0.0.0", 1))
    with pytest.raises(ConfigError, match="no token") as caught:
        Access().guard(Address("0.0.0.0", 1))
    assert "--token-file" in caught.value.hint


def test_the_token_opens_and_nothing_else() -> None:
    access = Access("s3cr3t")
    assert access.admits("Bearer s3cr3t") and access.admits("bearer  s3cr3t ")
    assert Access().admits("") and Access().admits("Basic x")
    assert "s3cr3t" not in repr(access)


@settings(deadline=None)
@given(st.text())
def test_no_other_header_opens(header: str) -> None:
    assert not Access("s3cr3t-that-nobody-guesses").admits(header)


def test_a_token_comes_from_a_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("abc123\n")
    assert read_token(file) == "abc123"
    for text in ("", "two words", "é", "two\nlines"):
        file.write_text(text, encoding="utf-8")
        with pytest.raises(ConfigError, match="no token"):
            read_token(file)
    with pytest.raises(ConfigError, match="cannot be read"):
        read_token(tmp_path / "missing")
