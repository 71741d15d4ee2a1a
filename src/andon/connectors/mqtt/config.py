"""What andon.yaml says of a broker: how to reach it, which topics may be read, and what is in them."""

from __future__ import annotations

from typing import Annotated, Literal
from urllib.parse import urlsplit

from pydantic import AfterValidator, BaseModel, ConfigDict, Field, model_validator

from andon.connectors.connector import ConnectorConfig
from andon.connectors.files.times import zone_named
from andon.connectors.mqtt.topics import TopicTemplate
from andon.connectors.secrets import Secret
from andon.connectors.wire import Tls

__all__ = ["JsonTopic", "MqttConfig"]

_PORTS = {"mqtt": 1883, "mqtts": 8883}


def _broker(text: str) -> str:
    parts = urlsplit(text)
    if parts.scheme not in _PORTS or not parts.hostname or parts.path.strip("/") or parts.query:
        raise ValueError("an address like mqtts://broker:8883 or mqtt://broker")
    if parts.username or parts.password:
        raise ValueError("no user or password in an address; name them under `username` and `password`")
    return text.rstrip("/")


def _template(text: str) -> str:
    TopicTemplate(text)
    return text


def _filter(text: str) -> str:
    levels = text.split("/")
    if (
        not text
        or "#" in levels[:-1]
        or any(("+" in level or "#" in level) and len(level) > 1 for level in levels)
    ):
        raise ValueError(f"{text!r} is no topic filter: `+` stands for one level, `#` for all that follow")
    return text


def _zone(name: str) -> str:
    if name:
        zone_named(name)
    return name


class JsonTopic(BaseModel):
    """Topics whose payload is a number or JSON: `{service}`, `{name}` and `{unit}` in the template say what they name.

    Other names in braces become labels. `values` and `time` are paths into the payload, with dots. With several
    `values`, each is a metric: `name.path`, or the path where the template has no `{name}`.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    topic: Annotated[str, AfterValidator(_template)] = Field(description="site/{line}/{service}/{name}")
    values: tuple[str, ...] = Field(("value",), min_length=1)
    time: str = Field(
        "timestamp", description="ISO 8601, or a number since 1970; the arrival where there is none"
    )
    timezone: Annotated[str, AfterValidator(_zone)] = Field(
        "", description="in which times without a zone are written"
    )
    service_is: str = Field("", description="the service, where the topic does not name it")


class MqttConfig(ConnectorConfig):
    """A broker. `topics` are all that is subscribed to; topics that begin with `spBv1.0/` hold Sparkplug B."""

    url: Annotated[str, AfterValidator(_broker)] = Field(description="mqtts://broker:8883, or mqtt://broker")
    username: str = ""
    password: Secret | None = None
    tls: Tls = Tls()
    protocol: Literal["5", "3.1.1"] = Field("5", description="3.1.1 for brokers that do not know 5")
    topics: tuple[Annotated[str, AfterValidator(_filter)], ...] = Field(min_length=1)
    json_topics: tuple[JsonTopic, ...] = ()
    listen: float = Field(5.0, gt=0, le=300, description="seconds of a run in which it is listened")

    @model_validator(mode="after")
    def _one_user(self) -> MqttConfig:
        if self.password and not self.username:
            raise ValueError("`password` needs a `username`")
        return self

    @property
    def host(self) -> str:
        return urlsplit(self.url).hostname or ""

    @property
    def port(self) -> int:
        parts = urlsplit(self.url)
        return parts.port or _PORTS[parts.scheme]

    @property
    def secured(self) -> bool:
        return self.url.startswith("mqtts:")
