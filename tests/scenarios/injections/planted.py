"""Two hundred secrets of every kind, drawn from a seed, each with the words in which it would stand in telemetry."""

from __future__ import annotations

import base64
import html
import json
import random
import string
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import quote, quote_plus

__all__ = ["KINDS", "Planted", "drawn", "spelled"]

_ALNUM = string.ascii_letters + string.digits
_UPPER = string.ascii_uppercase + string.digits
_HEX = "0123456789abcdef"


@dataclass(frozen=True)
class Planted:
    """A secret: its kind, the text in which it stands, and the strings that nobody may see."""

    kind: str
    text: str
    secrets: tuple[str, ...]


Maker = Callable[[random.Random], tuple[str, tuple[str, ...]]]


def _text(draw: random.Random, alphabet: str, length: int) -> str:
    return "".join(draw.choice(alphabet) for _ in range(length))


def _password(draw: random.Random) -> str:
    """A password as a person makes one: a word, a number, a sign."""
    word = draw.choice(["Sommer", "correct", "Winter", "dragon", "hunter", "tulip", "Monsun", "kettle"])
    return f"{word}{_text(draw, string.ascii_lowercase, 3)}{draw.randrange(100, 999)}{draw.choice('!$*_')}"


def _shaped(template: str, alphabet: str, length: int) -> Maker:
    """A key of a known shape; `{}` is where it stands."""

    def make(draw: random.Random) -> tuple[str, tuple[str, ...]]:
        prefix, _, words = template.partition("|")
        key = prefix + _text(draw, alphabet, length)
        return words.replace("{}", key), (key,)

    return make


def _named(words: str, alphabet: str = "", length: int = 24) -> Maker:
    """A secret that is told by what it is called; a password where no alphabet is given."""

    def make(draw: random.Random) -> tuple[str, tuple[str, ...]]:
        value = _text(draw, alphabet, length) if alphabet else _password(draw)
        return words.replace("{}", value), (value,)

    return make


def _jwt(draw: random.Random) -> tuple[str, tuple[str, ...]]:
    parts = [
        {"alg": "HS256", "typ": "JWT"},
        {"sub": _text(draw, _HEX, 12), "iat": draw.randrange(10**9, 2 * 10**9)},
    ]
    head, body = (base64.urlsafe_b64encode(json.dumps(p).encode()).decode().rstrip("=") for p in parts)
    token = f"{head}.{body}.{_text(draw, _ALNUM, 43)}"
    return f"rejected token {token} of the gateway", (token, token.rsplit(".", 1)[1])


def _pem(draw: random.Random) -> tuple[str, tuple[str, ...]]:
    lines = [_text(draw, _ALNUM + "+/", 64) for _ in range(4)]
    kind = draw.choice(["RSA PRIVATE KEY", "PRIVATE KEY", "EC PRIVATE KEY", "OPENSSH PRIVATE KEY"])
    return f"-----BEGIN {kind}-----\n" + "\n".join(lines) + f"\n-----END {kind}-----", tuple(lines)


def _basic(draw: random.Random) -> tuple[str, tuple[str, ...]]:
    password = _password(draw)
    told = base64.b64encode(f"service:{password}".encode()).decode()
    return f"Authorization: Basic {told}", (told, password)


def _email(draw: random.Random) -> tuple[str, tuple[str, ...]]:
    name = f"{draw.choice(['ana', 'ben', 'kim', 'lou'])}.{_text(draw, string.ascii_lowercase, 7)}"
    address = f"{name}@mail{draw.randrange(10, 99)}.example.com"
    return f"mail to {address} bounced", (address,)


def _card(draw: random.Random) -> tuple[str, tuple[str, ...]]:
    digits = draw.choice(["4", "52", "37"])
    digits += _text(draw, string.digits, (14 if digits == "37" else 15) - len(digits))
    total = sum(int(d) if n % 2 else sum(divmod(2 * int(d), 10)) for n, d in enumerate(reversed(digits)))
    number = digits + str(-total % 10)
    grouped = " ".join(number[i : i + 4] for i in range(0, 16, 4))
    written = grouped if len(number) == 16 and draw.random() < 0.5 else number
    return f"card {written} was declined", (number, grouped) if len(number) == 16 else (number,)


def _phone(draw: random.Random) -> tuple[str, tuple[str, ...]]:
    number = f"+49 170 {draw.randrange(1_000_000, 9_999_999)}"
    return f"called {number} twice", (number, number.replace(" ", ""))


KINDS: dict[str, Maker] = {
    "aws-key": _shaped("AKIA|denied for key {} in eu-west-1", _UPPER, 16),
    "aws-secret": _named("aws_secret_access_key = {}", _ALNUM + "+/", 40),
    "github-token": _shaped("ghp_|clone with {} failed", _ALNUM, 36),
    "slack-token": _shaped("xoxb-|posting as {} failed", string.digits, 24),
    "stripe-key": _shaped("sk_live_|charging with {} failed", _ALNUM, 24),
    "google-key": _shaped("AIza|maps key {} over quota", _ALNUM, 35),
    "model-key": _shaped("sk-ant-api03-|asking with {} failed", _ALNUM, 60),
    "jwt": _jwt,
    "url-password": _named("cannot reach https://deploy:{}@git.example.com/shop.git"),
    "postgres": _named("dsn postgresql://shop:{}@db-1.example.com:5432/shop?sslmode=require timed out"),
    "broker": _named("amqp://worker:{}@mq-2/vhost refused"),
    "odbc": _named("Server=db-3;Database=shop;User Id=sa;Password={};Encrypt=true"),
    "storage-key": _named("AccountName=shop;AccountKey={}==;EndpointSuffix=core.example.net", _ALNUM + "+/", 86),
    "private-key": _pem,
    "bearer": _named("Authorization: Bearer {}", _ALNUM + "-._~", 40),
    "basic": _basic,
    "cookie": _named("Cookie: theme=dark; session={}; lang=de", _ALNUM, 32),
    "set-cookie": _named("Set-Cookie: sid={}; HttpOnly; Path=/", _ALNUM, 26),
    "password": _named("login failed for admin, password={}"),
    "json-secret": _named('{"user": "shop", "apiKey": "{}", "retries": 3}', _ALNUM, 20),
    "environment": _named("started with DB_PASSWORD={} PORT=8080"),
    "header": _named("x-api-key: {}", _HEX, 32),
    "query": _named("GET /v1/items?page=2&access_token={}&size=10 401", _ALNUM, 28),
    "option": _named("run backup --password {} --all"),
    "random": _named("state {} is unknown", _ALNUM, 44),
    "email": _email,
    "card": _card,
    "phone": _phone,
}  # fmt: skip


def drawn(seed: int, count: int = 200) -> list[Planted]:
    """So many secrets, the kinds in turn."""
    draw = random.Random(seed)
    kinds = list(KINDS)
    return [Planted(kinds[n % len(kinds)], *KINDS[kinds[n % len(kinds)]](draw)) for n in range(count)]


def spelled(secret: str) -> Iterator[str]:
    """Every way in which a secret may travel: plain, in JSON, in a URL, in HTML, in base64 at any place, in hexadecimal."""
    octets = secret.encode()
    yield from {
        secret,
        json.dumps(secret)[1:-1],
        json.dumps(secret, ensure_ascii=False)[1:-1],
        json.dumps(json.dumps(secret))[3:-3],
        quote(secret, safe=""),
        quote(secret),
        quote_plus(secret),
        html.escape(secret),
        octets.hex(),
    }
    for shift in range(3):
        padded = base64.b64encode(b"\0" * shift + octets + b"\0" * ((-shift - len(octets)) % 3)).decode()
        inner = padded[-(-shift * 8 // 6) : (shift + len(octets)) * 8 // 6]
        yield inner
        yield inner.replace("+", "-").replace("/", "_")
