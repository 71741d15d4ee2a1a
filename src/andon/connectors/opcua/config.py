"""What andon.yaml says of an OPC UA server: how to reach it, and which nodes may be read."""

from __future__ import annotations

import re
from typing import Annotated
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from andon.connectors.connector import ConnectorConfig, LocalPath
from andon.connectors.secrets import Secret

__all__ = ["OpcUaConfig", "OpcUaNode"]

_NODE = re.compile(r"(ns=\d+;)?(i=\d+|s=.+|g=[0-9A-Fa-f-]{36}|b=.+)", re.DOTALL)


def _server(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme != "opc.tcp" or not parts.hostname:
        raise ValueError("an address like opc.tcp://server:4840")
    if parts.username or parts.password:
        raise ValueError("no user or password in an address; name them under `username` and `password`")
    return text


def _node(text: str) -> str:
    if not _NODE.fullmatch(text):
        raise ValueError(f"{text!r} is no node id: write it as ns=2;s=Press.Temperature or i=85")
    return text


NodeText = Annotated[str, AfterValidator(_node)]


class OpcUaNode(BaseModel):
    """What a node is: the metric's name, the service (machine) that it belongs to, its UCUM unit."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    name: str
    service: str = ""
    unit: str = ""


class OpcUaConfig(ConnectorConfig):
    """A server. `nodes`, and the variables below the nodes of `browse`, are all that is read.

    With certificates the connection is signed and encrypted (Basic256Sha256), and only the server whose certificate is
    `server_certificate` is talked to.
    """

    url: Annotated[str, AfterValidator(_server)] = Field(description="opc.tcp://server:4840")
    username: str = ""
    password: Secret | None = None
    certificate: LocalPath | None = Field(None, description="ours, PEM or DER; the server has to trust it")
    private_key: LocalPath | None = Field(None, description="of our certificate, PEM or DER")
    server_certificate: LocalPath | None = Field(None, description="the server's, PEM or DER")
    nodes: dict[NodeText, OpcUaNode] = Field(default_factory=dict)
    browse: tuple[NodeText, ...] = ()
    depth: int = Field(4, ge=1, le=10, description="levels below a node of `browse`")
    most_nodes: int = Field(500, ge=1, le=20_000, description="variables that are read at most")

    @model_validator(mode="after")
    def _whole(self) -> OpcUaConfig:
        if not self.nodes and not self.browse:
            raise ValueError("name `nodes`, or a node to `browse` below")
        certificates = (self.certificate, self.private_key, self.server_certificate)
        if any(certificates) and not all(certificates):
            raise ValueError("`certificate`, `private_key` and `server_certificate` belong together")
        if self.password and not self.username:
            raise ValueError("`password` needs a `username`")
        return self

    @property
    def secured(self) -> bool:
        return self.certificate is not None
