"""Points in payloads that are a number or JSON, on topics whose levels name what they are."""

from __future__ import annotations

import math
from collections import Counter
from typing import Any

import orjson

from andon.connectors.files.fields import number
from andon.connectors.files.times import TimeParser, zone_named
from andon.connectors.mqtt.config import JsonTopic
from andon.connectors.mqtt.topics import TopicTemplate
from andon.connectors.points import SeriesKey

__all__ = ["JsonReader"]

_NAMING = frozenset({"service", "name", "unit"})


class JsonReader:
    """Reads the topics of one template."""

    def __init__(self, stated: JsonTopic) -> None:
        self.stated = stated
        self._template = TopicTemplate(stated.topic)
        self._times = TimeParser(zone_named(stated.timezone) if stated.timezone else None)

    def read(
        self, topic: str, payload: bytes, arrived: float, gaps: Counter[str]
    ) -> list[tuple[SeriesKey, float, float]] | None:
        """Series, time and value of each point; None when the topic is another. What cannot be read is counted."""
        names = self._template.names(topic)
        if names is None:
            return None
        try:
            content = orjson.loads(payload)
        except orjson.JSONDecodeError:
            gaps["payloads that are neither JSON nor a number"] += bool(payload)
            return []
        time = self._time(content, arrived, gaps)
        found = []
        for path in self.stated.values:
            value = content if not isinstance(content, dict | list) else _at(content, path)
            if value is None:
                gaps[f"payloads without {path}"] += not isinstance(content, dict)
                continue
            read = float(value) if isinstance(value, bool) else number(value)
            if math.isnan(read):
                gaps[f"values at {path} that are no numbers"] += 1
                continue
            found.append((self._key(names, topic, path), time, read))
        return found

    def _time(self, content: Any, arrived: float, gaps: Counter[str]) -> float:
        stated = _at(content, self.stated.time) if self.stated.time else None
        if stated is None:
            return arrived
        before = self._times.naive
        time = self._times(stated)
        if self._times.naive > before and not self._times.stated:
            gaps["times without a zone, read as UTC"] += 1
        if math.isnan(time):
            gaps["unreadable times, replaced by the arrival"] += 1
            return arrived
        return time

    def _key(self, names: dict[str, str], topic: str, path: str) -> SeriesKey:
        several = len(self.stated.values) > 1
        named = names.get("name", "")
        name = (f"{named}.{path}" if named else path) if several else named or topic.rpartition("/")[2]
        labels = {key: value for key, value in names.items() if key not in _NAMING}
        return SeriesKey.of(name, names.get("service", self.stated.service_is), names.get("unit", ""), labels)


def _at(content: Any, path: str) -> Any:
    """What lies at a path with dots; a key that itself has dots goes first."""
    if isinstance(content, dict) and path in content:
        return content[path]
    for key in path.split("."):
        if not isinstance(content, dict):
            return None
        content = content.get(key)
    return content
