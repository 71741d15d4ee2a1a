from __future__ import annotations

import pytest

from andon.llm.redaction.credentials import find_headers, find_logins


def found(find, text):
    return [text[span.start : span.end] for span in find(text)]


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("Authorization: Bearer abc123def status=200", "abc123def"),
        ("authorization: token abc123", "abc123"),
        ("Proxy-Authorization: Basic dTpw", "dTpw"),
        ('"Authorization": "Bearer abc123def"', "abc123def"),
        ("Authorization: abc123", "abc123"),
        (
            "Authorization: AWS4-HMAC-SHA256 Credential=a/b, Signature=c\nHost: x",
            "AWS4-HMAC-SHA256 Credential=a/b, Signature=c",
        ),
        ("sent Bearer abc123defXYZ to", "abc123defXYZ"),
        ("Cookie: theme=dark; session=abc", "theme=dark; session=abc"),
        ("Set-Cookie: sid=abc; Path=/; HttpOnly", "sid=abc; Path=/; HttpOnly"),
    ],
)
def test_headers(text, hidden):
    assert hidden in found(find_headers, text)


@pytest.mark.parametrize(
    "text",
    [
        "Bearer authentication required",
        'WWW-Authenticate: Bearer realm="shop"',
        "basic settings",
        "cookie jar",
    ],
)
def test_prose_about_headers_stays(text):
    assert found(find_headers, text) == []


@pytest.mark.parametrize(
    ("text", "hidden"),
    [
        ("postgres://bob:hunter2@db.example.com/x", ["bob", "hunter2"]),
        ("redis://:hunter2@cache:6379", ["hunter2"]),
        ("https://bob@example.com/", ["bob"]),
        ("amqp://bob:p@ss@host.example.com/", ["bob", "p@ss"]),
        ("amqp://bob:p@s/s@host.example.com/x", ["bob", "p@s/s"]),
        ("mongodb+srv://bob:hunter2@h1:1,h2:2/db", ["bob", "hunter2"]),
        ("curl -u bob:hunter2 https://x", ["bob", "hunter2"]),
        ("curl --user 'bob:hunter2' https://x", ["bob", "hunter2"]),
        ("jdbc:oracle:thin:scott/tiger@//db:1521/x", ["scott", "tiger"]),
    ],
)
def test_logins(text, hidden):
    assert found(find_logins, text) == hidden


@pytest.mark.parametrize(
    "text",
    [
        "https://example.com:8080/a@b",
        "ssh://git@example.com/team/app.git",
        "http://h1:80,http://h2:80",
        "docker run -u 1000:1000 image",
        "https://example.com/x?mail=a@b.example",
    ],
)
def test_urls_without_logins_stay(text):
    assert found(find_logins, text) == []
