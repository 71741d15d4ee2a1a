from __future__ import annotations

import socket
import ssl
import threading

import pytest

from andon.demo import conditions
from andon.demo.certificates import EXPIRED, ServerCertificate, host_name, install, renew, trust
from andon.demo.conditions import Conditions, impose
from andon.demo.inventory import CERTIFICATES


def shake(certificate: ServerCertificate, name: str) -> None:
    """A handshake of a client with a server that serves the certificate; raises what the client sees."""
    near, far = socket.socketpair()
    with near, far:

        def serve() -> None:
            with_error = (ssl.SSLError, OSError)
            try:
                certificate.wrap(far).close()
            except with_error:
                far.close()

        serving = threading.Thread(target=serve)
        serving.start()
        try:
            trust().wrap_socket(near, server_hostname=name).close()
        finally:
            serving.join()


@pytest.mark.parametrize("service", CERTIFICATES)
def test_an_expired_certificate_is_not_accepted_and_a_renewed_one_is(tmp_path, monkeypatch, service):
    monkeypatch.setattr(conditions, "_LOOK_SECONDS", 0.0)
    install(tmp_path)
    certificate = ServerCertificate(tmp_path, service, Conditions(tmp_path, service))
    shake(certificate, host_name(service))
    renew(tmp_path, service, expired=True)
    with pytest.raises(ssl.SSLCertVerificationError, match="certificate has expired"):
        shake(certificate, host_name(service))
    renew(tmp_path, service)
    shake(certificate, host_name(service))
    impose(tmp_path, service, EXPIRED, 1.0)
    with pytest.raises(ssl.SSLCertVerificationError, match="certificate has expired"):
        shake(certificate, host_name(service))


def test_a_certificate_is_made_out_to_one_service(tmp_path):
    install(tmp_path)
    certificate = ServerCertificate(tmp_path, "auth-service", Conditions(tmp_path, "auth-service"))
    with pytest.raises(ssl.SSLCertVerificationError, match="Hostname mismatch"):
        shake(certificate, host_name("subscription-service"))
