"""One HTTP client a source: retries, limits, budgets, and plain words for what goes wrong."""

from __future__ import annotations

import asyncio
import base64
import random
import ssl
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2
import orjson

from andon.connectors.session import Session
from andon.connectors.unanswered import Unanswered
from andon.connectors.wire.config import HttpConfig
from andon.connectors.wire.refusals import SLOW, refusal, told
from andon.errors import ConfigError, MissingExtra
from andon.telemetry import Status

__all__ = ["Reply", "Wire"]

Params = Mapping[str, Any] | Sequence[tuple[str, Any]]

_AGAIN = frozenset([429, 500, 502, 503, 504])
_FIRST_WAIT = 0.2
_LONGEST_WAIT = 8.0
_UNSENDABLE = (
    "look for line breaks and letters beyond ASCII in `auth` and the other settings, or ask for less at once"
)


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer that the caller understands; `headers` in lower case, `body` unpacked.

    `hide` removes secrets from what is quoted of it.
    """

    status: int
    headers: Mapping[str, str]
    body: bytes
    hide: Callable[[str], str] = field(default=str, repr=False, compare=False)

    @property
    def size(self) -> int:
        return len(self.body)

    def json(self) -> Any:
        """The body as JSON. Raises Unanswered when it is none."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            raise Unanswered(
                f"answered with something that is not JSON: {told(self.body, self.hide)!r}",
                hint="is this the address of the API, and not of a page or a proxy?",
            ) from None


class Wire:
    """Sends requests to one address and returns what came back whole, or raises Unanswered.

    Tries again on 429, 500, 502, 503, 504 and broken connections, with jitter, as long as the session has
    time, and waits as `Retry-After` asks. Never follows a redirect. `rate` is how many requests a second the
    source allows; requests beyond it wait. Identical requests are sent once in a session unless `fresh`.
    """

    def __init__(
        self,
        session: Session,
        source: str,
        config: HttpConfig,
        *,
        headers: Mapping[str, str] | None = None,
        rate: float | None = None,
    ) -> None:
        self.session = session
        self.source = source
        self.config = config
        self.skew: float | None = None
        """Seconds by which the source's clock is ahead of ours, as far as its last answer says."""
        self._headers = dict(headers or {})
        self._gap = 1.0 / rate if rate else 0.0
        self._next = 0.0
        self._client: httpx2.AsyncClient | None = None
        self._room: asyncio.Semaphore | None = None

    def get(self, path: str, params: Params = (), **options: Any) -> Reply:
        """A GET of a path under the address; options as for `send`."""
        return self.send("GET", path, params, **options)

    def post(self, path: str, params: Params = (), **options: Any) -> Reply:
        return self.send("POST", path, params, **options)

    def send(
        self,
        method: str,
        path: str,
        params: Params = (),
        *,
        json: Any = None,
        form: Mapping[str, Any] | None = None,
        content: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        fresh: bool = False,
        accept: frozenset[int] = frozenset(),
    ) -> Reply:
        """The reply to one request. `accept` lists statuses beside 2xx that the caller understands; they are not kept.

        Raises Unanswered: DENIED for 401 and 403, TRUNCATED when the answer or the budget is too large,
        FAILED for everything else.
        """
        if json is not None:
            content = orjson.dumps(json)
            headers = {"content-type": "application/json"} | dict(headers or {})
        pairs = tuple(params.items()) if isinstance(params, Mapping) else tuple(params)
        request = _Request(
            method,
            path,
            pairs,
            content,
            tuple(sorted((form or {}).items())),
            tuple(sorted((headers or {}).items())),
            accept,
        )
        if fresh:
            return self._ask(request)
        key = (self.source, self.config.url, request)
        return self.session.once(key, lambda: self._ask(request), _succeeded)

    def _ask(self, request: _Request) -> Reply:
        most = self.config.limits.bytes
        if not self.session.left(self.source, most):
            own = self.session.spent(self.source) >= most
            whose = f"of {most:,} bytes for this source" if own else "of bytes for all sources of the run"
            raise Unanswered(
                f"the budget {whose} is used up",
                status=Status.TRUNCATED,
                hint=f"look at less, or raise {'limits.bytes' if own else 'budget.bytes'}",
            )
        try:
            return self.session.run(self._persist(request))
        except Unanswered as gap:
            raise Unanswered(self.session.vault.hide(gap.message), status=gap.status, hint=gap.hint) from None
        except (ConfigError, MissingExtra) as error:
            # A secret that is not there, a file that is no certificate.
            raise Unanswered(error.message, hint=error.hint) from None

    async def _persist(self, request: _Request) -> Reply:
        """Tries until it is answered, may not be tried again, or no time is left."""
        room = self._opened()
        for attempt in range(self.config.limits.retries + 1):
            try:
                async with room:
                    await self._paced()
                    return await self._try(request)
            except _Retry as again:
                wait = again.after if again.after is not None else _pause(attempt)
                if attempt == self.config.limits.retries or wait >= self.session.remaining():
                    raise again.gap from None
                await asyncio.sleep(wait)
        raise AssertionError("unreachable: the last attempt returns or raises")

    async def _try(self, request: _Request) -> Reply:
        client = self._client
        assert client is not None
        try:
            async with asyncio.timeout(self.config.limits.timeout):
                async with client.stream(
                    request.method,
                    self.config.url + request.path,
                    params=request.params or None,
                    content=request.content,
                    data=dict(request.form) or None,
                    headers=dict(request.headers),
                ) as response:
                    self._note_clock(response)
                    body = await self._read(response)
        except TimeoutError:
            told_late = f"no whole answer within {self.config.limits.timeout:g} s"
            raise Unanswered(told_late, hint=SLOW) from None
        except (httpx2.HTTPError, OSError) as error:
            gap, again = refusal(error)
            raise _Retry(gap) if again else gap from None
        except (httpx2.InvalidURL, ValueError) as error:
            raise Unanswered(
                f"cannot be sent this request ({type(error).__name__})", hint=_UNSENDABLE
            ) from None
        hide = self.session.vault.hide
        if response.is_success or response.status_code in request.accept:
            return Reply(response.status_code, dict(response.headers), body, hide)
        gap = _told_status(response.status_code, told(body, hide))
        if response.status_code in _AGAIN:
            raise _Retry(gap, _retry_after(response, self.skew or 0.0))
        raise gap

    async def _read(self, response: httpx2.Response) -> bytes:
        """The body, unless it is larger than one answer or what is left of the budget may be."""
        limits = self.config.limits
        most = min(limits.answer_bytes, self.session.left(self.source, limits.bytes))
        parts, size = [], 0
        async for part in response.aiter_bytes():
            size += len(part)
            fits = len(part) <= self.session.left(self.source, limits.bytes)
            self.session.spend(self.source, len(part))
            if size > most or not fits:
                raise Unanswered(
                    f"the answer is larger than {most:,} bytes",
                    status=Status.TRUNCATED,
                    hint="look at less, or raise limits.answer_bytes and limits.bytes",
                )
            parts.append(part)
        return b"".join(parts)

    async def _paced(self) -> None:
        """Waits until the next request may go; waiting requests keep their order."""
        if self._gap:
            now = time.monotonic()
            at = max(now, self._next)
            self._next = at + self._gap
            if at > now:
                await asyncio.sleep(at - now)

    def _note_clock(self, response: httpx2.Response) -> None:
        stated = _moment(response.headers.get("date", ""))
        if stated is not None and "age" not in response.headers:  # A cache repeats when it was first told.
            self.skew = stated - time.time()

    def _opened(self) -> asyncio.Semaphore:
        """The client and the places for requests, made on the loop that uses them."""
        if self._client is None or self._room is None:
            self._room = asyncio.Semaphore(self.config.limits.requests_at_once)
            secure = self.config.url.startswith("https")
            self._client = httpx2.AsyncClient(
                headers={"user-agent": "andon", "accept": "application/json"}
                | _sendable(self._headers)
                | _sendable(self._signed()),
                auth=self._basic(),
                verify=self.config.tls.context() if secure else ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT),
                proxy=self.config.proxy,
                trust_env=False,
                timeout=self.config.limits.timeout,
            )
            self.session.at_end(self._client.aclose)
        return self._room

    def _signed(self) -> dict[str, str]:
        auth, vault = self.config.auth, self.session.vault
        found = {name: vault.reveal(value) for name, value in auth.headers.items()}
        if auth.bearer:
            found["authorization"] = f"Bearer {vault.reveal(auth.bearer)}"
        return found

    def _basic(self) -> tuple[str, str] | None:
        auth, vault = self.config.auth, self.session.vault
        if not auth.password:
            return None
        password = vault.reveal(auth.password)
        try:
            pair = f"{auth.username}:{password}".encode()
        except UnicodeEncodeError:
            raise ConfigError("the password is not UTF-8 text", hint=_UNSENDABLE) from None
        vault.know(base64.b64encode(pair).decode())
        return auth.username, password


@dataclass(frozen=True, slots=True)
class _Request:
    method: str
    path: str
    params: tuple[tuple[str, Any], ...]
    content: bytes | None
    form: tuple[tuple[str, Any], ...]
    headers: tuple[tuple[str, str], ...]
    accept: frozenset[int]


class _Retry(Exception):
    """May be tried again, `after` so many seconds if the source says; `gap` is what it means if not."""

    def __init__(self, gap: Unanswered, after: float | None = None) -> None:
        super().__init__(gap.message)
        self.gap = gap
        self.after = after


def _pause(attempt: int) -> float:
    return random.uniform(0.5, 1.0) * min(_LONGEST_WAIT, _FIRST_WAIT * 2.0**attempt)


def _succeeded(reply: Reply) -> bool:
    return 200 <= reply.status < 300


def _retry_after(response: httpx2.Response, skew: float) -> float | None:
    """Seconds or a date by the source's clock, RFC 9110 section 10.2.3."""
    stated = response.headers.get("retry-after", "").strip()
    if stated.isdecimal():
        return float(stated)
    at = _moment(stated)
    return None if at is None else max(0.0, at - skew - time.time())


def _moment(stated: str) -> float | None:
    """An HTTP date in Unix seconds, None when it is none."""
    try:
        at = parsedate_to_datetime(stated)
        return (at if at.tzinfo else at.replace(tzinfo=UTC)).timestamp()
    except (ValueError, OverflowError):
        return None


def _sendable(headers: Mapping[str, str]) -> dict[str, str]:
    """The headers. Raises ConfigError for a value that HTTP cannot carry; the value is not repeated."""
    for name, value in headers.items():
        if not (name.isascii() and value.isascii() and value.isprintable()):
            raise ConfigError(f"the header {name} holds characters that HTTP cannot carry", hint=_UNSENDABLE)
    return dict(headers)


def _told_status(code: int, words: str) -> Unanswered:
    """What a status that is not success means, in words; the source's own are quoted, clipped."""
    said = f": {words}" if words else ""
    if code == 401:
        return Unanswered(
            f"does not know us (401){said}",
            status=Status.DENIED,
            hint="check `auth`: is the secret still valid?",
        )
    if code == 403:
        return Unanswered(
            f"does not allow this (403){said}",
            status=Status.DENIED,
            hint="`andon sources check` names the permission",
        )
    if code == 429:
        return Unanswered(
            f"has too many requests (429){said}", hint="lower limits.requests_at_once, or try later"
        )
    if 300 <= code < 400:
        return Unanswered(
            f"sends us elsewhere ({code})",
            hint="state the final address as `url`; redirects are not followed",
        )
    return Unanswered(f"answered with {code}{said}")
