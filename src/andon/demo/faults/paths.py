"""How what goes wrong in a service reaches the customers, and what they notice of it."""

from __future__ import annotations

from dataclasses import dataclass

__all__ = ["REACH", "Reach"]

_BOTH = ("iosBff", "androidBff", "iosApp", "androidApp")


@dataclass(frozen=True, slots=True)
class Reach:
    """`component` is the service in `architecture.dsl`, `onward` what feels it after that.

    `who` notices it and in `what`, as a customer would say it; a `command` is locking, unlocking or heating.
    """

    component: str
    onward: tuple[str, ...]
    who: str = "Customers of both apps"
    what: str = "commands to the car"

    @property
    def path(self) -> tuple[str, ...]:
        return (self.component, *self.onward)


REACH = {
    "auth-service": Reach("authService", _BOTH, what="whatever they tap"),
    "subscription-service": Reach("subscriptionService", ("rvmApi", *_BOTH)),
    "subscription-db": Reach("subscriptionDb", ("subscriptionService", "rvmApi", *_BOTH)),
    "remote-vehicle-management-api": Reach("rvmApi", _BOTH, what="whatever they tap"),
    "mqtt-broker": Reach("mqttBroker", ("rvmApi", *_BOTH)),
    "mobile-bff-ios": Reach("iosBff", ("iosApp",), "Customers with an iPhone", "whatever they tap"),
    "mobile-bff-android": Reach(
        "androidBff", ("androidApp",), "Customers with an Android phone", "whatever they tap"
    ),
}
