"""One HTTP client a source: retries, limits, budgets, and plain words for what goes wrong."""

from __future__ import annotations

import asyncio
import random
import ssl
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import httpx2
import orjson

from andon.connectors.session import Session
from andon.connectors.unanswered import Unanswered
from andon.connectors.wire.config import HttpConfig
from andon.connectors.wire.refusals import refusal, told
from andon.errors import ConfigError, MissingExtra
from andon.telemetry import Status

__all__ = ["Reply", "Wire"]

Params = Mapping[str, Any] | Sequence[tuple[str, Any]]

_AGAIN = frozenset([429, 500, 502, 503, 504])
_FIRST_WAIT = 0.2
_LONGEST_WAIT = 8.0


@dataclass(frozen=True, slots=True)
class Reply:
    """A successful answer; `headers` in lower case, `body` unpacked, `seconds` how long it took."""

    status: int
    headers: Mapping[str, str]
    body: bytes
    seconds: float

    @property
    def size(self) -> int:
        return len(self.body)

    def json(self) -> Any:
        """The body as JSON. Raises Unanswered when it is none."""
        try:
            return orjson.loads(self.body)
        except orjson.JSONDecodeError:
            raise Unanswered(
                f"answered with something that is not JSON: {told(self.body)!r}",
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
        """The reply to one request. `accept` lists statuses beside 2xx that the caller understands.

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
        return self.session.once((self.source, request), lambda: self._ask(request))

    def _ask(self, request: _Request) -> Reply:
        left = self.config.limits.bytes - self.session.spent(self.source)
        if left <= 0:
            raise Unanswered(
                f"the budget of {self.config.limits.bytes:,} bytes for this source is used up",
                status=Status.TRUNCATED,
                hint="look at less, or raise limits.bytes",
            )
        try:
            return self.session.run(self._persist(request))
        except Unanswered as gap:
            raise Unanswered(self.session.vault.hide(gap.message), status=gap.status, hint=gap.hint) from None
        except (
            ConfigError,
            MissingExtra,
        ) as error:  # A secret that is not there, a file that is no certificate.
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
        client, began = self._client, time.monotonic()
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
            gap = Unanswered(
                f"no whole answer within {self.config.limits.timeout:g} s",
                hint="look at less, or raise limits.timeout",
            )
            raise gap from None
        except httpx2.HTTPError as error:
            gap, again = refusal(error)
            raise _Retry(gap) if again else gap from None
        self.session.spend(self.source, len(body))
        seconds = time.monotonic() - began
        if response.is_success or response.status_code in request.accept:
            return Reply(response.status_code, dict(response.headers), body, seconds)
        gap = _told_status(response, body)
        if response.status_code in _AGAIN:
            raise _Retry(gap, _retry_after(response))
        raise gap

    async def _read(self, response: httpx2.Response) -> bytes:
        """The body, unless it is larger than one answer or what is left of the budget may be."""
        limits = self.config.limits
        most = min(limits.answer_bytes, limits.bytes - self.session.spent(self.source))
        parts, size = [], 0
        async for part in response.aiter_bytes():
            size += len(part)
            if size > most:
                self.session.spend(self.source, size)
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
        stated = response.headers.get("date")
        if stated:
            try:
                self.skew = parsedate_to_datetime(stated).timestamp() - time.time()
            except ValueError:
                self.skew = None

    def _opened(self) -> asyncio.Semaphore:
        """The client and the places for requests, made on the loop that uses them."""
        if self._client is None or self._room is None:
            self._room = asyncio.Semaphore(self.config.limits.requests_at_once)
            secure = self.config.url.startswith("https")
            self._client = httpx2.AsyncClient(
                headers={"user-agent": "andon", "accept": "application/json"}
                | self._headers
                | self._signed(),
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
        auth = self.config.auth
        return (auth.username, self.session.vault.reveal(auth.password)) if auth.password else None


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


def _retry_after(response: httpx2.Response) -> float | None:
    """Seconds or a date, RFC 9110 section 10.2.3."""
    stated = response.headers.get("retry-after", "").strip()
    if stated.isdecimal():
        return float(stated)
    try:
        return max(0.0, parsedate_to_datetime(stated).timestamp() - time.time()) if stated else None
    except ValueError:
        return None


def _told_status(response: httpx2.Response, body: bytes) -> Unanswered:
    """What a status that is not success means, in words; the source's own are quoted, clipped."""
    code, words = response.status_code, told(body)
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
