from __future__ import annotations

import ssl

import httpx2
import pytest

from andon.connectors.wire.refusals import refusal, told


def caused(error: Exception, cause: Exception) -> Exception:
    error.__cause__ = cause
    return error


@pytest.mark.parametrize(
    ("error", "words", "again"),
    [
        (httpx2.ConnectError("x"), "cannot be reached", True),
        (httpx2.ConnectTimeout("x"), "no connection within the time", True),
        (httpx2.ReadTimeout("x"), "stopped answering", False),
        (httpx2.RemoteProtocolError("x"), "broke off the connection", True),
        (ConnectionResetError(104, "x"), "broke off the connection", True),
        (ssl.SSLError("certificate required"), "cannot be trusted", False),
        (httpx2.DecodingError("x"), "cannot be unpacked", False),
        (caused(httpx2.ConnectError("x"), ssl.SSLError("bad")), "cannot be trusted", False),
        (caused(httpx2.ConnectError("x"), OSError(111, "Connection refused")), "Connection refused", True),
    ],
)
def test_each_failure_has_its_words(error, words, again):
    gap, worth = refusal(error)
    assert words in gap.message
    assert worth is again


@pytest.mark.parametrize("reason", ["WRONG_VERSION_NUMBER", "RECORD_LAYER_FAILURE"])
def test_a_port_without_tls_is_not_called_untrusted(reason):
    error = ssl.SSLError(1, "x")
    error.reason = reason
    gap, worth = refusal(caused(httpx2.ConnectError("x"), error))
    assert "plain http" in gap.message and "trusted" not in gap.message
    assert "http://" in gap.hint and "tls.ca" not in gap.hint
    assert not worth


def test_a_source_that_is_too_slow_may_hang():
    assert "may hang or be overloaded" in refusal(httpx2.ReadTimeout("x"))[0].hint


def test_what_is_quoted_is_short_and_on_one_line():
    assert told(b"a\n\n b\xff") == "a b\ufffd"
    assert len(told(b"x" * 10_000)) == 201


def test_secrets_go_before_it_is_shortened():
    assert (
        told(b"x" * 195 + b"open sesame", lambda text: text.replace("open sesame", "***"))
        == "x" * 195 + "***"
    )
