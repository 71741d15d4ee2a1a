"""Calls of AWS operations: boto3 signs, serialises and parses; what is sent goes over our wire.

botocore's event `before-send` hands over the prepared request, and takes the answer in place of its own network.
So the deadline, cancellation, budgets and retries of a run hold for AWS as for any other system. The one thing
that goes its own way is how boto3 finds credentials (files, environment, instance metadata, single sign-on).
"""

from __future__ import annotations

import random
import threading
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import orjson

from andon.connectors.aws.config import AwsConfig, Place, account_of
from andon.connectors.aws.faults import refused, throttled
from andon.connectors.aws.library import core_session, library
from andon.connectors.session import Session
from andon.connectors.unanswered import Unanswered
from andon.connectors.wire import HttpConfig, Reply, Wire
from andon.errors import ConfigError, MissingExtra
from andon.telemetry import Status

__all__ = ["Answer", "AwsApi", "Identity"]

_UNDERSTOOD = frozenset(range(400, 500)) - {429}
"""Statuses whose body botocore reads: AWS tells throttling and refusals in it, most of them as 400."""
_FIRST_WAIT, _LONGEST_WAIT = 0.5, 8.0


@dataclass(frozen=True, slots=True)
class Answer:
    """What an operation returned as boto3 states it, and how many bytes that took."""

    value: Mapping[str, Any]
    size: int

    def items(self, name: str) -> list[Any]:
        """The list under a key, without nulls. Raises Unanswered when there is none: then it was no answer of AWS."""
        found = self.value.get(name)
        if not isinstance(found, list):
            raise Unanswered("answers, but not as AWS does", hint="check `endpoint`")
        return [one for one in found if one is not None]


@dataclass(frozen=True, slots=True)
class Identity:
    """Keys with which requests of one account are signed, and whose they are (an ARN)."""

    arn: str
    access_key: str
    secret_key: str = field(repr=False)
    token: str = field(repr=False)

    @property
    def who(self) -> str:
        """As a person would say it: `role andon-read in 111122223333`."""
        kind, _, name = self.arn.partition(":assumed-role/")
        if name:
            return f"role {name.split('/')[0]} in {account_of(kind + ':')}"
        return f"{self.arn.rpartition(':')[2].replace('/', ' ', 1)} in {account_of(self.arn)}"


class AwsApi:
    """Operations of all services in the accounts and regions of a scope; raises Unanswered, and nothing else.

    `rates` are requests a second that a service allows in each account and region.
    """

    def __init__(
        self, session: Session, source: str, config: AwsConfig, rates: Mapping[str, float | None]
    ) -> None:
        library("botocore")
        self.session, self.source, self.config = session, source, config
        self._rates = rates
        self._lock = threading.RLock()
        self._clients: dict[tuple[str, ...], Any] = {}
        self._wires: list[Wire] = []
        self._boto: Any = None
        self._entered: dict[str, Identity] = {}
        self._last = threading.local()

    @property
    def skew(self) -> float | None:
        """Seconds by which AWS' clock is ahead of ours, as far as its last answer says."""
        return next((wire.skew for wire in reversed(self._wires) if wire.skew is not None), None)

    def ask(
        self, place: Place, service: str, operation: str, *, fresh: bool = False, **params: Any
    ) -> Answer:
        """What an operation (`lookup_events`) of a service returns; the same question is sent once unless `fresh`."""
        self.config.scope.admit(place, self.source)
        if fresh:
            return self._asked(place, service, operation, params)
        written = orjson.dumps(params, option=orjson.OPT_SORT_KEYS, default=str)
        key = (self.source, place, service, operation, written)
        return self.session.once(key, partial(self._asked, place, service, operation, params))

    def pages(
        self, place: Place, service: str, operation: str, *, follow: str = "NextToken", **params: Any
    ) -> Iterator[Answer]:
        """All pages of an answer; `follow` is what the operation calls the place of the next one."""
        seen: set[str] = set()
        while True:
            answer = self.ask(place, service, operation, **params)
            yield answer
            following = answer.value.get(follow)
            if not following:
                return
            if following in seen:
                raise Unanswered("answers with the same page again and again", hint="check `endpoint`")
            seen.add(following)
            params[follow] = following

    def identity(self, account: str, region: str) -> Identity:
        """Whose keys are used in an account: those of the assumed role, or our own where they are of that account."""
        if account not in self._entered:
            key = (self.source, "identity", account)
            self._entered[account] = self.session.once(key, partial(self._enter, Place(account, region)))
        return self._entered[account]

    def on(self, session: Session) -> AwsApi:
        """The same accounts on another session, without entering them again: for last words after this one is over."""
        other = AwsApi(session, self.source, self.config, self._rates)
        other._boto, other._entered = self._boto, self._entered
        return other

    def _asked(self, place: Place, service: str, operation: str, params: Mapping[str, Any]) -> Answer:
        identity = self.identity(place.account, place.region)
        return self._call(identity, service, place.region, operation, params)

    def _enter(self, place: Place) -> Identity:
        access, own = self.config.access(place.account), self._own()
        try:
            secret = self.session.vault.reveal(access.external_id) if access.external_id else ""
        except (ConfigError, MissingExtra) as error:
            raise Unanswered(error.message, hint=error.hint) from None
        if not access.role:
            said = self._call(own, "sts", place.region, "get_caller_identity", {}).value
            entered = Identity(str(said.get("Arn", "")), own.access_key, own.secret_key, own.token)
        else:
            params = {"RoleArn": access.role, "RoleSessionName": "andon"}
            params |= {"ExternalId": secret} if secret else {}
            entered = _assumed(self._call(own, "sts", place.region, "assume_role", params).value)
            for value in (entered.secret_key, entered.token):
                self.session.vault.know(value)
        if not account_of(entered.arn):
            raise Unanswered("answers, but not as AWS does", hint="check `endpoint`")
        if account_of(entered.arn) != place.account:
            raise Unanswered(
                f"the credentials are of account {account_of(entered.arn)}, not {place.account}",
                status=Status.DENIED,
                hint=f"state a `role` for {place.account}",
            )
        return entered

    def _own(self) -> Identity:
        """The credentials that boto3 finds."""
        failure = library("botocore.exceptions").BotoCoreError
        with self._lock:
            try:
                found = self._core().get_credentials()
                keys = found.get_frozen_credentials() if found else None
            except failure as error:
                raise Unanswered(
                    f"no AWS credentials: {error}", status=Status.DENIED, hint="check `profile`"
                ) from None
        if keys is None:
            raise Unanswered(
                "no AWS credentials were found",
                status=Status.DENIED,
                hint="state `profile`, set AWS_PROFILE, or run where a role is attached",
            )
        for value in (keys.secret_key, keys.token or ""):
            self.session.vault.know(value)
        return Identity("", keys.access_key, keys.secret_key, keys.token or "")

    def _call(
        self, identity: Identity, service: str, region: str, operation: str, params: Mapping[str, Any]
    ) -> Answer:
        """Tries until it is answered, refused, or no time is left; throttling is waited out with jitter."""
        refusal = library("botocore.exceptions").ClientError
        client, retries = self._client(identity, service, region), self.config.limits.retries
        for attempt in range(retries + 1):
            try:
                return self._sent(partial(getattr(client, operation), **params))
            except refusal as error:
                wait = random.uniform(0.5, 1.0) * min(_LONGEST_WAIT, _FIRST_WAIT * 2.0**attempt)
                again = throttled(error.response) and attempt < retries and wait < self.session.remaining()
                if not again:
                    action = f"{service}:{client.meta.method_to_api_mapping[operation]}"
                    gap = refused(
                        error.response, action, identity.who if identity.arn else "whoever andon runs as"
                    )
                    message = self.session.vault.hide(gap.message)
                    raise Unanswered(message, status=gap.status, hint=gap.hint) from None
                self.session.sleep(wait)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _sent(self, call: Callable[[], Mapping[str, Any]]) -> Answer:
        """One exchange; an answer that botocore cannot read is told, a question that it cannot write is our bug."""
        refusal = library("botocore.exceptions").ClientError
        self._last.reply = None
        try:
            value = call()
        except (refusal, Unanswered):
            raise
        except Exception as error:
            reply: Reply | None = self._last.reply
            if reply is None:
                raise
            denied = reply.status in (401, 403)
            raise Unanswered(
                f"answers with {reply.status}, but not as AWS does ({type(error).__name__})",
                status=Status.DENIED if denied else Status.FAILED,
                hint="check `endpoint` and `proxy`",
            ) from None
        return Answer(value, self._last.reply.size)

    def _core(self) -> Any:
        """botocore's session; called with the lock held, for making one is not safe among threads."""
        if self._boto is None:
            self._boto = core_session(self.config.profile)
        return self._boto

    def _client(self, identity: Identity, service: str, region: str) -> Any:
        key = (identity.access_key, service, region)
        with self._lock:
            if key not in self._clients:
                client = self._core().create_client(
                    service,
                    region_name=region,
                    endpoint_url=self.config.endpoint,
                    aws_access_key_id=identity.access_key,
                    aws_secret_access_key=identity.secret_key,
                    aws_session_token=identity.token or None,
                    config=library("botocore.config").Config(
                        retries={"total_max_attempts": 1}, ignore_configured_endpoint_urls=True
                    ),
                )
                wire = self._wire(client.meta.endpoint_url, self._rates.get(service))
                client.meta.events.register("before-send", partial(self._send, wire))
                self._clients[key] = client
            return self._clients[key]

    def _wire(self, url: str, rate: float | None) -> Wire:
        config = self.config
        reached = HttpConfig(
            kind=config.kind, limits=config.limits, url=url, tls=config.tls, proxy=config.proxy
        )
        wire = Wire(self.session, self.source, reached, rate=rate)
        self._wires.append(wire)
        return wire

    def _send(self, wire: Wire, request: Any, **_: Any) -> Any:
        """Takes the place of botocore's network for one prepared request."""
        headers = {
            name.lower(): value.decode() if isinstance(value, bytes) else str(value)
            for name, value in request.headers.items()
        }
        for ours in ("content-length", "user-agent"):
            headers.pop(ours, None)
        body = request.body.encode() if isinstance(request.body, str) else bytes(request.body or b"")
        path = request.url.removeprefix(wire.config.url)
        reply = wire.send(request.method, path, content=body, headers=headers, fresh=True, accept=_UNDERSTOOD)
        self._last.reply = reply
        return library("botocore.awsrequest").AWSResponse(
            request.url, reply.status, dict(reply.headers), _Body(reply)
        )


@dataclass(frozen=True, slots=True)
class _Body:
    """A reply as botocore reads bodies."""

    reply: Reply

    def stream(self) -> list[bytes]:
        return [self.reply.body]


def _assumed(said: Mapping[str, Any]) -> Identity:
    keys, user = said.get("Credentials") or {}, said.get("AssumedRoleUser") or {}
    try:
        return Identity(user["Arn"], keys["AccessKeyId"], keys["SecretAccessKey"], keys["SessionToken"])
    except KeyError:
        raise Unanswered("answers, but not as AWS does", hint="check `endpoint`") from None
