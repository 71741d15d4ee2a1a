"""Credentials by the place they stand in: headers, cookies, URLs, command lines."""

from __future__ import annotations

import re
from collections.abc import Iterator

from andon.llm.redaction.names import is_placeholder
from andon.llm.redaction.spans import SECRET, USER, Span

__all__ = ["find_headers", "find_logins"]

_OPEN = r"(?:\\{0,3}[\"'])?[ \t]{0,4}[:=,][ \t]{0,4}[\[(]?(?:\\{0,3}[\"'])?"
_AUTHORIZATION = re.compile(
    rf"(?i)authorization{_OPEN}"
    r"(?:(?P<long>(?:digest|aws4-[\w-]{1,30}|oauth|hawk|signature)[ \t]+[^\r\n]+)"
    r"|(?:(?:basic|bearer|token|apikey|negotiate|ntlm|key|sso-key|splunk|ghtoken)[ \t]{1,4})?(?P<short>[^\s\"',;]+))"
)
_SCHEME = re.compile(
    r"(?i)(?<![\w-])(?:bearer|basic)(?:[ \t]{1,4}|%20|\+)(?P<value>[A-Za-z0-9._~+/-]{8,}={0,2})(?![\w=\"])"
)
_COOKIE = re.compile(
    rf"(?i)cookie2?{_OPEN}(?P<value>[\w.$-]{{1,80}}=[^;\s\"']*+(?:;[ \t]{{0,4}}[\w.$-]{{1,80}}(?:=[^;\s\"']*+)?)*)"
)
_USER_OPTION = re.compile(
    r"-(?:u(?<![\w-]-u)|-(?:proxy-)?user)[ =]{0,2}[\"']?(?P<user>[^\s:\"'=]{1,64}):(?P<password>[^\s\"']+)"
)
_ORACLE = re.compile(r"(?i)thin:(?P<user>[^/\s\"'@]{1,64})/(?P<password>[^@\s\"']{1,128})@")
_AUTHORITY = re.compile(r"[^\s/?#\"'<>`]{1,1024}")
_REST = re.compile(r"[^\s?\"'<>`]{0,256}")
_PORT = re.compile(r"\d{1,5}\Z")
NAMES_OF_NOBODY = frozenset(
    {"git", "root", "user", "username", "admin", "anonymous", "oauth2", "x-access-token"}
)


def find_headers(text: str) -> Iterator[Span]:
    """What follows `Authorization:`, `Bearer`, `Basic`, `Cookie:` and `Set-Cookie:`; the scheme's name stays."""
    lowered = text.lower()
    if "authorization" in lowered:
        for found in _AUTHORIZATION.finditer(text):
            group = "long" if found["long"] else "short"
            if not is_placeholder(found[group]):
                yield Span(*found.span(group), SECRET)
    if "bearer" in lowered or "basic" in lowered:
        for found in _SCHEME.finditer(text):
            if _is_opaque(found["value"]):
                yield Span(*found.span("value"), SECRET)
    if "cookie" in lowered:
        for found in _COOKIE.finditer(text):
            yield Span(*found.span("value"), SECRET)


def find_logins(text: str) -> Iterator[Span]:
    """Names and passwords in URLs (RFC 3986, section 3.2.1), in `curl -u` and in Oracle's JDBC addresses."""
    position = text.find("://")
    while position >= 0:
        yield from _userinfo(text, position + 3)
        position = text.find("://", position + 3)
    if "-u" in text:
        for found in _USER_OPTION.finditer(text):
            if not (found["user"].isdigit() and found["password"].isdigit()):
                yield from _login(found)
    if "thin:" in text:
        for found in _ORACLE.finditer(text):
            yield from _login(found)


def _login(found: re.Match[str]) -> Iterator[Span]:
    if found["user"] not in NAMES_OF_NOBODY:
        yield Span(*found.span("user"), USER)
    if not is_placeholder(found["password"]):
        yield Span(*found.span("password"), SECRET)


def _userinfo(text: str, start: int) -> Iterator[Span]:
    """The name as user and the password as secret, where an authority at `start` has them."""
    authority = _AUTHORITY.match(text, start)
    if not authority:
        return
    at = text.rfind("@", start, authority.end())
    colon = text.find(":", start, at if at >= 0 else authority.end())
    if colon >= 0 and (at < 0 or not _is_host(text[at + 1 : authority.end()])):
        at = max(at, _late_at(text, colon + 1))
    if at < 0:
        return
    end_of_user = colon if colon >= 0 else at
    if end_of_user > start and text[start:end_of_user] not in NAMES_OF_NOBODY:
        yield Span(start, end_of_user, USER)
    if colon >= 0 and not is_placeholder(text[colon + 1 : at]):
        yield Span(colon + 1, at, SECRET)


def _late_at(text: str, start: int) -> int:
    """The last `@` of a URL whose password may contain a slash, -1 where what follows the colon is a port."""
    rest = _REST.match(text, start)
    first = re.split(r"[/#,]", rest[0], maxsplit=1)[0] if rest else ""
    if not rest or not first or _PORT.match(first):
        return -1
    return text.rfind("@", start, rest.end())


def _is_host(text: str) -> bool:
    return "." in text or ":" in text or text in ("", "localhost")


def _is_opaque(value: str) -> bool:
    """Whether this can be a token rather than a word of prose such as in `Bearer authentication`."""
    return any(map(str.isdigit, value)) or value.endswith("=") or not (value.islower() or value.istitle())
