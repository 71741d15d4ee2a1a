"""Amazon Bedrock's Converse: boto3 signs and parses, what is sent goes over our own network.

botocore's event `before-send` hands over the prepared request and takes the answer in place of its own network.
How boto3 finds credentials (files, environment, instance metadata, single sign-on) goes its own way, and may
ask other addresses of AWS for them.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from functools import partial
from typing import TYPE_CHECKING, Any

import httpx2

from andon.errors import ConfigError
from andon.llm.choice import KEYS, ModelChoice
from andon.llm.providers.address import Address
from andon.llm.providers.clients import sendable, settings_of
from andon.llm.providers.shapes import Bedrock
from andon.llm.providers.transport import BlockingTransport, Manners

if TYPE_CHECKING:
    from pydantic_ai.models import Model

__all__ = ["open_bedrock"]

_SIGNED = frozenset(["authorization", "x-amz-date", "x-amz-security-token", "x-amz-content-sha256"])


def open_bedrock(choice: ModelChoice) -> Model:
    """A model over Converse, with an API key of Bedrock or with the credentials that boto3 finds.

    Raises ConfigError where no region is known, the profile is not there, or the address cannot be used.
    """
    from pydantic_ai.models.bedrock import BedrockConverseModel
    from pydantic_ai.providers.bedrock import BedrockProvider

    provider = BedrockProvider(bedrock_client=_client(choice))
    return BedrockConverseModel(choice.name, provider=provider, settings=settings_of(choice))


def _client(choice: ModelChoice) -> Any:
    """boto3's client, which signs for the one address and sends nothing itself."""
    import boto3
    from botocore import UNSIGNED
    from botocore.config import Config
    from botocore.exceptions import BotoCoreError

    key = sendable(choice.key or ("" if choice.url else os.environ.get(KEYS["bedrock"][0], "")))
    if choice.url:
        Address.of(choice.url)
    try:
        session = boto3.Session(profile_name=choice.profile or None, region_name=choice.region or None)
        client = session.client(
            "bedrock-runtime",
            endpoint_url=choice.url or None,
            config=Config(
                signature_version=UNSIGNED if key else "v4",
                retries={"total_max_attempts": 1},
                ignore_configured_endpoint_urls=True,
            ),
        )
    except (BotoCoreError, ValueError) as error:
        raise ConfigError(f"{choice}: {error}", hint="state model.region, or check model.profile") from None
    network = _network(client.meta.endpoint_url, choice.timeout, key)
    client.meta.events.register("before-send", partial(_send, network))
    return client


def _network(url: str, timeout: float, key: str) -> BlockingTransport:
    credentials = {"authorization": f"Bearer {key}"} if key else {}
    also = frozenset() if key else _SIGNED
    return BlockingTransport(Manners(Address.of(url), timeout, credentials, key, also, Bedrock))


def _send(network: BlockingTransport, request: Any, **_: Any) -> Any:
    """Takes the place of botocore's network for one prepared request, and raises what that would raise."""
    from botocore.awsrequest import AWSResponse
    from botocore.exceptions import HTTPClientError, ReadTimeoutError

    headers = {
        name: value.decode() if isinstance(value, bytes) else str(value)
        for name, value in request.headers.items()
    }
    content = request.body.encode() if isinstance(request.body, str) else bytes(request.body or b"")
    try:
        response = network.handle_request(
            httpx2.Request(request.method, request.url, headers=headers, content=content)
        )
    except httpx2.TimeoutException as error:
        raise ReadTimeoutError(endpoint_url=network.manners.address, error=error) from error
    except httpx2.TransportError as error:
        raise HTTPClientError(error=error) from error
    return AWSResponse(request.url, response.status_code, dict(response.headers), _Body(response))


class _Body:
    """An answer as botocore reads bodies."""

    def __init__(self, response: httpx2.Response) -> None:
        self._response = response

    def stream(self) -> Iterator[bytes]:
        return self._response.iter_raw() if not self._response.is_closed else iter([self._response.content])

    def close(self) -> None:
        self._response.close()
