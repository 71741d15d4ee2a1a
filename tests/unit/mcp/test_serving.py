from __future__ import annotations

import socket
from pathlib import Path

import pytest

from andon.errors import ConfigError, StorageError
from andon.intake.access import Access, Address
from andon.mcp import Face
from andon.mcp.serving import TOKEN, Listener, serve_http, token_of


def test_a_token_of_a_file_comes_before_that_of_the_environment(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
):
    (tmp_path / "token").write_text("of-the-file\n")
    monkeypatch.setenv(TOKEN, "of-the-environment")
    assert token_of(tmp_path / "token") == ("of-the-file", False)
    assert token_of(None) == ("of-the-environment", False)


def test_a_new_token_is_long_and_never_the_same(monkeypatch: pytest.MonkeyPatch):
    monkeypatch.delenv(TOKEN, raising=False)
    (first, new), (second, _) = token_of(None), token_of(None)
    assert new
    assert first != second
    assert len(first) >= 40


@pytest.mark.parametrize("text", ["two words", "naïve", "a\tb"])
def test_a_token_that_no_header_carries(text: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv(TOKEN, text)
    with pytest.raises(ConfigError, match="holds no token"):
        token_of(None)


def test_http_is_not_served_without_a_token(face: Face):
    with pytest.raises(ConfigError, match="a token is needed"):
        serve_http(face, Listener(Address("127.0.0.1", 0), Access()), print)


def test_an_address_that_is_taken(face: Face):
    with socket.create_server(("127.0.0.1", 0)) as taken:
        address = Address("127.0.0.1", taken.getsockname()[1])
        with pytest.raises(StorageError, match="cannot listen"):
            serve_http(face, Listener(address, Access("right")), print)
