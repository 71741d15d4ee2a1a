"""What all services of AWS have in common: signatures, accounts, roles to assume (STS), and how they refuse.

JSON and REST-JSON operations are answered in JSON, STS in its query protocol with XML. A base account holds the
caller's own key; `AssumeRole` gives keys of another account, which are only valid with their session token.
"""

from __future__ import annotations

import secrets
from collections.abc import Collection, Mapping
from dataclasses import dataclass
from typing import Any
from xml.sax.saxutils import escape

from andon.testing.imitation import Asked, Imitation, Told, json_told
from andon.testing.imitations.aws.signature import Signature

__all__ = ["BASE_ACCOUNT", "AwsImitation", "Call", "Refusal"]

BASE_ACCOUNT = "111122223333"
_PREFIXES = {"monitoring": "cloudwatch"}
_STS = "https://sts.amazonaws.com/doc/2011-06-15/"


@dataclass(frozen=True, slots=True)
class Call:
    """One operation that somebody may call: where, who (an ARN), and with what."""

    service: str
    operation: str
    account: str
    region: str
    arn: str
    params: Mapping[str, Any]

    @property
    def action(self) -> str:
        return f"{_PREFIXES.get(self.service, self.service)}:{self.operation}"

    @property
    def place(self) -> tuple[str, str]:
        return self.account, self.region


class Refusal(Exception):
    """An error of AWS: its code, words, and HTTP status."""

    def __init__(self, code: str, message: str = "", status: int = 400) -> None:
        super().__init__(message or code)
        self.code, self.message, self.status = code, message or code, status


@dataclass(frozen=True, slots=True)
class _Holder:
    secret: str
    token: str
    account: str
    arn: str


class AwsImitation(Imitation):
    """Subclasses answer `operate`; `rest` maps paths of REST operations to their names.

    `actions` is every IAM action that was allowed and answered so far. `denied` are actions that are refused, by
    account (`sts:AssumeRole` for the account that is to be entered). `external_ids` are demanded by account.
    With `token`, the caller's own secret key must be this one; without it, any key is taken for the base account's.
    """

    rest: Mapping[str, str] = {}

    def __init__(
        self,
        *,
        account: str = BASE_ACCOUNT,
        denied: Mapping[str, Collection[str]] | None = None,
        external_ids: Mapping[str, str] | None = None,
        token: str = "",
        **options: Any,
    ) -> None:
        super().__init__(**options)
        self.account = account
        self.denied = dict(denied or {})
        self.external_ids = dict(external_ids or {})
        self.actions: set[str] = set()
        self.calls: list[Call] = []
        self._own_secret = token
        self._holders: dict[str, _Holder] = {}

    def operate(self, call: Call) -> Any:
        """The answer of an operation as JSON; raises Refusal. Called from many threads at once."""
        raise NotImplementedError

    def answer(self, asked: Asked) -> Told:
        in_xml = "x-amz-target" not in asked.headers and asked.path not in self.rest
        try:
            call = self._call(asked)
            if call.action in self.denied.get(call.account, ()):
                raise _not_allowed(call, call.action)
            answer = self._sts(call) if call.service == "sts" else json_told(self.operate(call))
        except Refusal as refusal:
            return _told(refusal, in_xml)
        with self.lock:
            self.actions.add(call.action)
            self.calls.append(call)
        return answer

    def _call(self, asked: Asked) -> Call:
        """Who asks for what; raises Refusal where AWS would not even look at it."""
        signature = Signature.of(asked)
        if signature is None:
            raise Refusal("MissingAuthenticationTokenException", "Missing Authentication Token", 403)
        holder = self._holder(asked, signature)
        target = asked.headers.get("x-amz-target", "")
        params: Mapping[str, Any]
        if target:
            operation, params = target.rpartition(".")[2], asked.json() or {}
        elif asked.path in self.rest:
            operation, params = self.rest[asked.path], asked.json() or {}
        else:
            params = asked.form()
            operation = str(params.get("Action", ""))
        return Call(signature.service, operation, holder.account, signature.region, holder.arn, params)

    def _holder(self, asked: Asked, signature: Signature) -> _Holder:
        own = _Holder(self._own_secret, "", self.account, f"arn:aws:iam::{self.account}:user/andon")
        holder = self._holders.get(signature.key, own)
        if holder.secret and not signature.fits(asked, holder.secret):
            raise Refusal(
                "InvalidSignatureException", "The request signature we calculated does not match", 403
            )
        if holder.token != asked.headers.get("x-amz-security-token", ""):
            raise Refusal("UnrecognizedClientException", "The security token included is invalid.")
        return holder

    def _sts(self, call: Call) -> Told:
        if call.operation == "GetCallerIdentity":
            inner = f"<Arn>{call.arn}</Arn><UserId>AIDA</UserId><Account>{call.account}</Account>"
            return _xml(call.operation, inner)
        if call.operation != "AssumeRole":
            raise Refusal("InvalidAction", call.operation)
        role, session = call.params["RoleArn"], call.params["RoleSessionName"]
        account, name = role.split(":")[4], role.rpartition("/")[2]
        demanded = self.external_ids.get(account)
        if "sts:AssumeRole" in self.denied.get(account, ()) or (
            demanded and call.params.get("ExternalId") != demanded
        ):
            raise _not_allowed(call, f"sts:AssumeRole on resource: {role}", "AccessDenied", 403)
        arn = f"arn:aws:sts::{account}:assumed-role/{name}/{session}"
        key, holder = (
            f"ASIA{secrets.token_hex(8).upper()}",
            _Holder(secrets.token_urlsafe(30), secrets.token_urlsafe(60), account, arn),
        )
        with self.lock:
            self._holders[key] = holder
        return _xml(
            call.operation,
            f"<Credentials><AccessKeyId>{key}</AccessKeyId><SecretAccessKey>{holder.secret}</SecretAccessKey>"
            f"<SessionToken>{holder.token}</SessionToken><Expiration>2999-01-01T00:00:00Z</Expiration></Credentials>"
            f"<AssumedRoleUser><AssumedRoleId>AROA:{session}</AssumedRoleId><Arn>{arn}</Arn></AssumedRoleUser>",
        )


def _not_allowed(call: Call, what: str, code: str = "AccessDeniedException", status: int = 400) -> Refusal:
    return Refusal(code, f"User: {call.arn} is not authorized to perform: {what}", status)


def _told(refusal: Refusal, in_xml: bool) -> Told:
    if not in_xml:
        return json_told({"__type": refusal.code, "message": refusal.message}, refusal.status)
    body = (
        f'<ErrorResponse xmlns="{_STS}"><Error><Type>Sender</Type><Code>{refusal.code}</Code>'
        f"<Message>{escape(refusal.message)}</Message></Error><RequestId>0</RequestId></ErrorResponse>"
    )
    return Told(refusal.status, body.encode(), {"content-type": "text/xml"})


def _xml(operation: str, inner: str) -> Told:
    body = (
        f'<{operation}Response xmlns="{_STS}"><{operation}Result>{inner}</{operation}Result>'
        f"<ResponseMetadata><RequestId>0</RequestId></ResponseMetadata></{operation}Response>"
    )
    return Told(200, body.encode(), {"content-type": "text/xml"})
