from __future__ import annotations

import base64

from hypothesis import given, settings
from hypothesis import strategies as st

from andon.demo.scram import Challenge, Verifier, client_proof


def challenge_of(verifier: Verifier) -> Challenge:
    return Challenge("app", "client", "client-server", verifier.salt, verifier.iterations)


def test_the_example_of_rfc_7677():
    salt = base64.b64decode("W22ZaJ0SNY7soEsUEjb6gQ==")
    nonce = "rOprNGfwEbeRWgbNEkqO%hvYDpWUa2RaTCAfuxFIlj)hNlF$k0"
    challenge = Challenge("user", "rOprNGfwEbeRWgbNEkqO", nonce, salt, 4096)
    proof, signature = client_proof("pencil", challenge)
    assert proof == "dHzbZapWIk4jUhN+Ute9ytag9zjfMHgsqmmiz7AndVQ="
    assert signature == "6rriTRBi23WpRR/wtup+mMhUZUn/dB5nLTJRsjl95G4="
    assert Verifier.of("pencil", salt).check(challenge.auth_message, proof) == signature


@settings(max_examples=25)
@given(st.text(st.characters(codec="ascii"), min_size=1), st.text(st.characters(codec="ascii"), min_size=1))
def test_only_the_password_itself_proves(password, other):
    verifier = Verifier.of(password, iterations=2)
    challenge = challenge_of(verifier)
    proof, _ = client_proof(other, challenge)
    assert (verifier.check(challenge.auth_message, proof) is not None) == (password == other)


def test_a_proof_holds_for_its_own_session_only():
    verifier = Verifier.of("secret", iterations=2)
    challenge = challenge_of(verifier)
    proof, _ = client_proof("secret", challenge)
    replayed = Challenge("app", "client", "client-later", verifier.salt, verifier.iterations)
    assert verifier.check(replayed.auth_message, proof) is None


def test_rubbish_is_no_proof():
    verifier = Verifier.of("secret", iterations=2)
    for proof in ("", "not base64!", base64.b64encode(b"short").decode()):
        assert verifier.check("message", proof) is None
