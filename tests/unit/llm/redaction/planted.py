"""Secrets made from a seed, and the texts in which they leak: nothing here is or ever was anybody's key."""

from __future__ import annotations

import base64
import json
import random
import string
from collections.abc import Iterator
from typing import NamedTuple
from urllib.parse import quote

ALNUM = string.ascii_letters + string.digits
UPPER = string.ascii_uppercase + string.digits
HEX = "0123456789abcdef"
WORDLIKE = ALNUM + "-_"


class Planted(NamedTuple):
    """A secret, its kind, and a text that holds it."""

    kind: str
    secret: str
    text: str


def tokens(rng: random.Random) -> dict[str, str]:
    """One secret of each kind that is known by its shape, wherever it stands."""

    def drawn(length: int, letters: str = ALNUM) -> str:
        return "".join(rng.choices(letters, k=length))

    def part(said: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(said).encode()).decode().rstrip("=")

    return {
        "aws id": "AKIA" + drawn(16, UPPER),
        "aws session": "ASIA" + drawn(16, UPPER),
        "github": "ghp_" + drawn(36),
        "github app": "ghs_" + drawn(36),
        "github fine": "github_pat_" + drawn(22) + "_" + drawn(59),
        "gitlab": "glpat-" + drawn(20, WORDLIKE),
        "slack bot": f"xoxb-{drawn(12, string.digits)}-{drawn(12, string.digits)}-{drawn(24)}",
        "slack hook": f"https://hooks.slack.com/services/T{drawn(8, UPPER)}/B{drawn(8, UPPER)}/{drawn(24)}",
        "stripe": "sk_live_" + drawn(24),
        "stripe hook": "whsec_" + drawn(32),
        "google": "AIza" + drawn(35, WORDLIKE),
        "google oauth": "ya29." + drawn(60, WORDLIKE),
        "openai": "sk-proj-" + drawn(48, WORDLIKE),
        "openai old": "sk-" + drawn(48),
        "anthropic": "sk-ant-api03-" + drawn(90, WORDLIKE),
        "npm": "npm_" + drawn(36),
        "pypi": "pypi-AgEIcHlwaS5vcmc" + drawn(100, WORDLIKE),
        "sendgrid": f"SG.{drawn(22, WORDLIKE)}.{drawn(43, WORDLIKE)}",
        "vault": "hvs." + drawn(90, WORDLIKE),
        "hugging face": "hf_" + drawn(34),
        "jwt": f"{part({'alg': 'HS256', 'typ': 'JWT'})}.{part({'sub': drawn(8)})}.{drawn(43, WORDLIKE)}",
        "random": drawn(40),
        "random base64": base64.b64encode(rng.randbytes(48)).decode(),
        "card": card(rng),
        "user:pass": base64.b64encode(f"svc-{drawn(4)}:{drawn(10)}".encode()).decode(),
    }


def passwords(rng: random.Random) -> Iterator[str]:
    """Without end: secrets that only their name or place gives away."""
    while True:
        yield "".join(rng.choices(ALNUM, k=8)) + rng.choice("1234567890") + rng.choice("#*+~^%_-")
        yield rng.choice(("hunter", "winter", "Sommer", "letmein", "Passw0rd")) + str(rng.randrange(10, 9999))
        yield "".join(rng.choices(HEX, k=32))
        yield "".join(rng.choices(string.ascii_lowercase, k=12))
        yield "".join(rng.choices(ALNUM + "/+", k=40))


def card(rng: random.Random) -> str:
    """A card number with a right check digit."""
    digits = "4" + "".join(rng.choices(string.digits, k=14))
    total = sum(int(d) if i % 2 else sum(divmod(int(d) * 2, 10)) for i, d in enumerate(digits))
    return digits + str(-total % 10)


ANYWHERE = (
    "2024-01-31T12:34:56Z ERROR checkout: upstream refused {} after 3 tries",
    'http_requests_total{{client="{}",code="401"}} 17',
    "GET https://api.example.com/v1/orders?client={}&limit=10 401",
    '{{"level":"error","msg":"refused {}","count":3}}',
    "client:\n  credential_of_checkout: {}\n  retries: 3",
    "PATH=/usr/bin\nCLIENT={}\nHOME=/srv",
    "java.lang.IllegalStateException: refused '{}'\n\tat com.example.Client.call(Client.java:12)",
    "fix: remove {} that was committed by mistake\n\nSigned-off-by: a bot",
    "X-Custom: {}",
)
NAMED = (
    "2024-01-31T12:34:56Z WARN login of orders with password={} failed",
    "connect(host=db, user=orders, passwd='{}', retries=3)",
    'up{{job="db",db_password="{}"}} 1',
    "postgres://orders:{}@db.example.com:5432/orders?sslmode=require",
    "redis://:{}@cache.example.com:6379/0",
    "GET https://api.example.com/v1/orders?access_token={}&limit=10 401",
    '{{"user": "orders", "password": "{}", "port": 5432}}',
    '{{"msg": "{{\\"api_key\\": \\"{}\\", \\"port\\": 5432}}"}}',
    "database:\n  user: orders\n  password: {}\n  port: 5432",
    "env:\n  - name: DB_PASSWORD\n    value: {}\n  - name: PORT\n    value: 5432",
    "export AWS_SECRET_ACCESS_KEY={}\nexport AWS_REGION=eu-west-1",
    "Caused by: LoginException: pwd: {}\n\tat com.example.Login.run(Login.java:7)",
    "Authorization: Bearer {}",
    "> authorization: token {}\n< HTTP/1.1 401",
    "Cookie: theme=dark; session={}; lang=en",
    "Set-Cookie: sid={}; Path=/; HttpOnly",
    "Server=tcp:db.example.com,1433;User ID=orders;Password={};Encrypt=True",
    "DefaultEndpointsProtocol=https;AccountName=shop;AccountKey={};EndpointSuffix=core",
    "curl -u orders:{} https://api.example.com/v1/orders",
    "mysqldump --user=orders --password {} shop",
    "chore: rotate client_secret: {}",
    "<datasource><user>orders</user><password>{}</password></datasource>",
    "spring.datasource.password={}",
    "ALTER USER orders IDENTIFIED BY '{}'",
    '{{"key":"db.password","value":{{"stringValue":"{}"}}}}',
    "x-api-key: {}",
    "private_key => '{}',",
    'signing-key = "{}"',
)


def plant(seed: int) -> Iterator[Planted]:
    """Every kind in every context."""
    rng = random.Random(seed)
    for context in ANYWHERE:
        for kind, secret in tokens(rng).items():
            yield Planted(kind, secret, context.format(secret))
    chosen = passwords(rng)
    for context in NAMED:
        for _ in range(5):
            secret = next(chosen)
            written = quote(secret, safe="") if "://" in context else secret
            yield Planted("named", secret, context.format(written))


def readings(secret: str) -> set[str]:
    """How the secret could be read off a text."""
    octets = secret.encode()
    return {
        secret,
        quote(secret, safe=""),
        json.dumps(secret)[1:-1],
        base64.b64encode(octets).decode().rstrip("="),
        base64.urlsafe_b64encode(octets).decode().rstrip("="),
    }
