"""Which streams are asked for: those of the scope, narrowed to services, and never all by an empty selector."""

from __future__ import annotations

from collections.abc import Sequence

from andon.connectors.loki.api import LokiApi
from andon.connectors.loki.config import LokiConfig
from andon.connectors.loki.queries import selector
from andon.connectors.reading import Reading
from andon.connectors.service_labels import service_of
from andon.connectors.unanswered import Unanswered
from andon.telemetry import Status, Window

__all__ = ["Selection"]


class Selection:
    """Finds the selector by asking which labels there are."""

    def __init__(self, name: str, config: LokiConfig, api: LokiApi) -> None:
        self._name = name
        self._config = config
        self._api = api

    def selector(self, window: Window, reading: Reading, place: str) -> str:
        """All streams of the scope; empty when Loki knows no stream in the window. Raises Unanswered."""
        if self._config.scope.match or self._config.every:
            return selector(self._config.scope.match, self._config.every or "")
        return self._everything(self._known(window, reading, place))

    def _known(self, window: Window, reading: Reading, place: str) -> list[str]:
        known, size = self._api.labels(window)
        reading.fetched("GET /loki/api/v1/labels", place=place, items=len(known), size=size)
        return known

    def _everything(self, known: Sequence[str]) -> str:
        every = self._config.every or self.service_label(known) or next(iter(known), "")
        return selector(self._config.scope.match, every) if known else ""

    def service_label(self, known: Sequence[str]) -> str:
        """The most believed label for services among the known ones, empty when there is none."""
        return next((label for label in self._config.service_labels if label in known), "")

    def services(self, window: Window, reading: Reading, place: str) -> tuple[str, ...]:
        """The services that have streams in the window, by the most believed label. Raises Unanswered."""
        known = self._known(window, reading, place)
        label = self.service_label(known)
        if not label:
            return ()
        values, size = self._api.values(label, self._everything(known), window)
        reading.fetched(f"GET /loki/api/v1/label/{label}/values", place=place, items=len(values), size=size)
        names = {service_of({label: value}, (label,)) for value in values}
        return tuple(sorted(name for name in names if name and not self.refused([name])))

    def narrowed(self, services: Sequence[str], window: Window, reading: Reading, place: str) -> str:
        """The streams of these services, empty when Loki has none of them. Raises Unanswered.

        The label that names most of the services is taken; its values need not be the names themselves (the `job`
        of OpenTelemetry is `namespace/name`).
        """
        if not services:
            return self.selector(window, reading, place)
        known = self._known(window, reading, place)
        everything = self._everything(known)
        best: tuple[str, list[str]] = ("", [])
        for label in (one for one in self._config.service_labels if one in known):
            values, size = self._api.values(label, everything, window)
            reading.fetched(
                f"GET /loki/api/v1/label/{label}/values {everything}",
                place=place,
                items=len(values),
                size=size,
            )
            found = [value for value in values if service_of({label: value}, (label,)) in services]
            if len(found) > len(best[1]):
                best = label, found
            if len(found) >= len(services):
                break
        return self._of_label(*best) if best[0] else ""

    def _of_label(self, label: str, values: list[str]) -> str:
        allowed = self._config.scope.match.get(label)
        inside = sorted(value for value in values if allowed is None or value in allowed)
        return selector(self._config.scope.match | {label: inside}, "")

    def refused(self, services: Sequence[str]) -> tuple[str, ...]:
        """The services that the scope leaves out, where it names services."""
        bounds = [
            (label, values)
            for label, values in self._config.scope.match.items()
            if label in self._config.service_labels
        ]
        return tuple(
            service
            for service in services
            if any(
                service not in {service_of({label: v}, (label,)) for v in values} for label, values in bounds
            )
        )

    def admitted(self, services: Sequence[str], reading: Reading) -> tuple[str, ...]:
        """The services that may be asked for. Raises Unanswered (DENIED) when none of those that are wanted may."""
        outside = self.refused(services)
        inside = tuple(service for service in services if service not in outside)
        for service in outside:
            message = f"service {service} is outside the scope of source {self._name}"
            if not inside:
                raise Unanswered(message, status=Status.DENIED, hint="widen scope.match, or ask for less")
            reading.lacking(Status.DENIED, message, hint="widen scope.match, or ask for less")
        return inside
