"""The connection to an OPC UA server for one piece of work, and what goes wrong with it, in words."""

from __future__ import annotations

import asyncio
import contextlib
import logging
from collections.abc import AsyncIterator
from typing import Any

from andon.connectors.opcua.config import OpcUaConfig
from andon.connectors.unanswered import Unanswered
from andon.errors import ConfigError, MissingExtra
from andon.telemetry import Status

__all__ = ["connected", "refusal", "refusal_of"]

_DENIED = frozenset(
    {
        "BadUserAccessDenied",
        "BadIdentityTokenRejected",
        "BadIdentityTokenInvalid",
        "BadUserSignatureInvalid",
        "BadNotReadable",
    }
)
_LETTING_GO = 1.0
"""Seconds that a server has to close the session."""


@contextlib.asynccontextmanager
async def connected(config: OpcUaConfig, password: str) -> AsyncIterator[Any]:
    """A client with a session, closed afterwards. Raises Unanswered, ConfigError and MissingExtra.

    What the server does wrong while the block runs rises as Unanswered, too.
    """
    client = await _client(config, password)
    try:
        try:
            await client.connect()
            yield client
        except asyncio.CancelledError:
            task = asyncio.current_task()
            if task is not None and task.cancelling():
                raise
            raise Unanswered("broke off the connection", hint="it may be restarting") from None
        except Exception as error:
            raise refusal(error) from error
    finally:
        await _leave(client)


async def _leave(client: Any) -> None:
    """Closes the session as the server can, and the socket in any case, also when this is cancelled.

    asyncua leaves the socket open where the server broke the protocol.
    """
    protocol = client.uaclient.protocol
    try:
        with contextlib.suppress(Exception):
            async with asyncio.timeout(_LETTING_GO):
                await client.disconnect()
    finally:
        for left in (protocol, client.uaclient.protocol):
            if left is not None and left.transport is not None:
                left.transport.abort()
        await asyncio.sleep(0)


async def _client(config: OpcUaConfig, password: str) -> Any:
    try:
        from asyncua.client.client import Client
        from asyncua.crypto.security_policies import SecurityPolicyBasic256Sha256
    except ImportError as error:
        raise MissingExtra("OPC UA needs asyncua", hint="pip install 'andon[opcua]'") from error
    logging.getLogger("asyncua").addHandler(logging.NullHandler())
    client = Client(config.url, timeout=config.limits.timeout)
    client.application_uri = "urn:andon"
    client.name = client.description = "andon"
    if config.username:
        client.set_user(config.username)
        client.set_password(password)
    if config.certificate and config.private_key and config.server_certificate:
        try:
            await client.set_security(
                SecurityPolicyBasic256Sha256,
                config.certificate,
                config.private_key,
                server_certificate=str(config.server_certificate),
            )
        except Exception as error:
            files = ", ".join(map(str, (config.certificate, config.private_key, config.server_certificate)))
            raise ConfigError(
                f"{files}: cannot be used ({type(error).__name__})",
                hint="certificates and an RSA key in PEM or DER that exist and belong together",
            ) from error
    return client


def refusal(error: BaseException) -> Unanswered:
    """What a failed exchange means."""
    if isinstance(error, Unanswered):
        return error
    name = type(error).__name__
    if name.startswith("Bad"):
        return refusal_of(name)
    if isinstance(error, TimeoutError):
        return Unanswered(
            "stopped answering", hint="is this the port of an OPC UA server? Or raise limits.timeout"
        )
    if isinstance(error, ConnectionRefusedError):
        return Unanswered("cannot be reached (Connection refused)", hint="check `url`, and whether it is up")
    if isinstance(error, OSError):
        said = f" ({error.strerror})" if error.strerror else ""
        return Unanswered(f"cannot be reached, or broke off{said}", hint="check `url`, and whether it is up")
    hint = "is this the port of an OPC UA server?"
    return Unanswered(f"answers, but not as an OPC UA server does ({name})", hint=hint)


def refusal_of(status: str) -> Unanswered:
    """What a status code that is not good means, by its name in OPC UA part 4 and 6."""
    if status in _DENIED:
        hint = "check `username` and `password`; the user needs Read and HistoryRead on the nodes"
        return Unanswered(f"does not allow this ({status})", status=Status.DENIED, hint=hint)
    if "Certificate" in status or status in ("BadSecurityChecksFailed", "BadSecurityPolicyRejected"):
        hint = "have the server trust `certificate`, and check that `server_certificate` is the server's"
        return Unanswered(f"the secure channel cannot be trusted ({status})", hint=hint)
    if status in ("BadNodeIdUnknown", "BadNodeIdInvalid"):
        return Unanswered(f"there is no such node ({status})", hint="check the node id, with its namespace")
    if status in ("BadConnectionClosed", "BadSecureChannelClosed", "BadSessionClosed"):
        return Unanswered(f"broke off the connection ({status})", hint="it may be restarting")
    if status == "BadTimeout":
        return Unanswered("stopped answering", hint="look at less, or raise limits.timeout")
    return Unanswered(f"could not answer ({status})")
