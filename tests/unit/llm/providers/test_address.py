from __future__ import annotations

import httpx2
import pytest

from andon.errors import ConfigError
from andon.llm.providers.address import Address, Refused, offline


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("ANDON_OFFLINE", "NO_PROXY", "HTTP_PROXY", "HTTPS_PROXY", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
        monkeypatch.delenv(name.lower(), raising=False)


@pytest.mark.parametrize(
    ("url", "shown"),
    [
        ("https://api.example.com/v1", "https://api.example.com"),
        ("https://api.example.com:443", "https://api.example.com"),
        ("http://localhost:8000/v1", "http://localhost:8000"),
        ("HTTP://Localhost/", "http://localhost"),
        ("http://[::1]:8080", "http://[::1]:8080"),
    ],
)
def test_an_address_is_scheme_host_and_port(url: str, shown: str):
    assert str(Address.of(url)) == shown


@pytest.mark.parametrize(
    "url",
    [
        "",
        "localhost:8000",
        "ftp://host/",
        "https://",
        "https://user:pw@host/",
        "https://host/?key=1",
        "http://h:99999999/",
    ],
)
def test_what_is_no_address_is_told_without_repeating_it(url: str):
    with pytest.raises(ConfigError) as raised:
        Address.of(url)
    assert raised.value.message.startswith("model.url: ") and raised.value.hint
    assert "pw" not in raised.value.message


@pytest.mark.parametrize("url", ["https://api.example.com/v1/x", "https://API.example.com:443/"])
def test_the_address_itself_is_admitted(url: str):
    Address.of("https://api.example.com/v1").admit(httpx2.URL(url))


@pytest.mark.parametrize(
    "url",
    [
        "http://api.example.com/",
        "https://api.example.com:8443/",
        "https://example.com/",
        "https://api.example.com.evil.test/",
        "https://api.example.com@evil.test/",
        "https://127.0.0.1/",
    ],
)
def test_every_other_is_refused(url: str):
    with pytest.raises(Refused, match=r"only https://api\.example\.com may be asked"):
        Address.of("https://api.example.com/v1").admit(httpx2.URL(url))


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("1", True),
        ("true", True),
        ("yes", True),
        ("anything", True),
        ("0", False),
        ("false", False),
        ("no", False),
        ("", False),
    ],
)
def test_offline_is_whatever_does_not_say_no(value: str, expected: bool, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ANDON_OFFLINE", value)
    assert offline() is expected


@pytest.mark.parametrize("url", ["https://api.example.com/", "http://localhost:8000/", "http://127.0.0.1/"])
def test_offline_no_address_is_admitted_not_even_this_machine(url: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("ANDON_OFFLINE", "1")
    with pytest.raises(Refused, match="ANDON_OFFLINE forbids"):
        Address.of(url).admit(httpx2.URL(url))


def test_proxies_are_those_that_the_environment_names(monkeypatch: pytest.MonkeyPatch):
    address = Address.of("https://api.example.com")
    assert address.proxy() is None
    monkeypatch.setenv("HTTPS_PROXY", "http://proxy.example.com:3128")
    assert address.proxy() == "http://proxy.example.com:3128"
    assert Address.of("http://api.example.com").proxy() is None
    monkeypatch.setenv("NO_PROXY", "example.com")
    assert address.proxy() is None


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "[::1]", "model.localhost"])
def test_this_machine_is_never_asked_through_a_proxy(host: str, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setenv("HTTP_PROXY", "http://proxy.example.com:3128")
    monkeypatch.setenv("ALL_PROXY", "http://proxy.example.com:3128")
    assert Address.of(f"http://{host}:8000").proxy() is None
    assert Address.of("http://inference.example.com").proxy() == "http://proxy.example.com:3128"
