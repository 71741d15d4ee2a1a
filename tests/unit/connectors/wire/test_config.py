from __future__ import annotations

import ssl
from importlib.resources import as_file, files

import pytest
from pydantic import ValidationError

from andon.connectors import Session
from andon.connectors.wire import HttpConfig, Tls, Wire
from andon.errors import ConfigError
from andon.testing.imitation import Asked, Fault, Imitation, Told, json_told


@pytest.mark.parametrize(
    "url", ["", "host", "ftp://h", "http://", "http://u:p@h", "http://h?a=1", "http://h#x"]
)
def test_what_is_no_address_is_refused(url):
    with pytest.raises(ValidationError):
        HttpConfig(kind="x", url=url)


def test_a_prefix_stays_and_a_slash_goes():
    assert HttpConfig(kind="x", url="https://h:1/prom/").url == "https://h:1/prom"


def test_files_that_are_no_certificates_are_told(tmp_path):
    (tmp_path / "ca.pem").write_text("nonsense")
    for ca in (tmp_path / "ca.pem", tmp_path / "gone.pem"):
        with pytest.raises(ConfigError, match=r"tls: .*cannot be used"):
            Tls(ca=ca).context()


def test_verification_cannot_be_switched_off():
    assert Tls().context().verify_mode is ssl.CERT_REQUIRED
    with pytest.raises(ValidationError):
        Tls.model_validate({"verify": False})


class _Yes(Imitation):
    def answer(self, asked: Asked) -> Told:
        return json_told("yes")


def test_an_authority_of_ones_own_is_believed_for_the_names_it_signed():
    """The certificate is trusted then; that it was signed for another name is still refused."""
    pki = files("andon.demo") / "pki"
    with as_file(pki / "ca.pem") as ca, _Yes(fault=Fault.UNTRUSTED) as server, Session(10.0) as session:
        config = HttpConfig(kind="x", url=server.url, tls=Tls(ca=ca))
        with pytest.raises(Exception, match=r"IP address mismatch|not valid for"):
            Wire(session, "x", config).get("/")
        with pytest.raises(Exception, match="cannot be trusted"):
            Wire(session, "y", HttpConfig(kind="x", url=server.url)).get("/")


@pytest.mark.parametrize(
    "url", ["http://h:99999", "http://h:x", "http://h:0", "http://a b", "http://h\n", "http://[::1"]
)
def test_an_address_that_no_client_can_use_is_refused(url):
    with pytest.raises(ValidationError):
        HttpConfig(kind="x", url=url)


def test_a_scheme_in_capitals_is_the_same_scheme():
    assert HttpConfig(kind="x", url="HTTPS://H/p").url == "https://H/p"


def test_a_key_with_a_password_is_told_and_nobody_is_asked_for_it(tmp_path, monkeypatch):
    """OpenSSL would read the password from the terminal, and everything would wait for it."""
    asked = []

    class Context:
        def load_cert_chain(self, cert, key, password=None):
            asked.append(password())
            raise ssl.SSLError("bad decrypt")

    monkeypatch.setattr(ssl, "create_default_context", lambda cafile: Context())
    with pytest.raises(ConfigError, match="bad decrypt"):
        Tls(cert=tmp_path / "c.pem", key=tmp_path / "k.pem").context()
    assert asked == [""]
