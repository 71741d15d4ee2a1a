from __future__ import annotations

import base64

from andon.llm.redaction.encoded import decoded_text, find_encoded


def found(text, holds=lambda said: False):
    return [text[span.start : span.end] for span in find_encoded(text, holds)]


def encoded(said):
    return base64.b64encode(said.encode()).decode()


def test_logins():
    for login in ("user:pass", "alice:x!y?z", "svc-a:hunter2:3"):
        assert found(f"x {encoded(login)} y") == [encoded(login)]
        assert found(f"/path/{encoded(login).rstrip('=')}") in (
            [encoded(login).rstrip("=")],
            [f"/path/{encoded(login).rstrip('=')}"],
        )


def test_texts_that_hold_a_secret():
    blob = encoded('{"password": "hunter2"}')
    assert found(blob, lambda said: "password" in said) == [blob]
    assert found(blob) == []


def test_words_are_not_base64():
    assert found("ConcurrentMessageListenerContainer org/apache/zookeeper/server checkout-7d9f8b6c5d") == []


def test_what_is_no_text_is_none():
    assert decoded_text("AAAAAAAAAAA=") is None
    assert decoded_text("abcde") is None
    assert decoded_text(encoded("hello there")) == "hello there"
