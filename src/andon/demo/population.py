"""The customers of the estate, drawn from the seed: every process draws the same."""

from __future__ import annotations

import random
from dataclasses import dataclass

__all__ = ["Customer", "population"]

_FEATURES = ("door-lock", "climate", "status")
_PLANS = ("Essential", "Comfort", "Premium")


@dataclass(frozen=True, slots=True)
class Customer:
    """One customer with one car.

    Three traits are unusual, and releases that forget them fail: a subscription without a renewal date,
    pre-release software in the car, a login by a partner (`partner|name` as subject).
    """

    name: str
    app: str
    vin: str
    plan: str
    features: tuple[str, ...]
    renews_on: str | None
    software: str
    subject: str


def population(seed: int, affected: float, size: int = 16) -> tuple[Customer, ...]:
    """Half of them with each app; of each half, `affected` (0 to 1) with each unusual trait."""
    draw = random.Random(f"population {seed}")
    customers = []
    for app in ("ios-app", "android-app"):
        half = size // 2
        unusual = round(affected * half)
        traits = [draw.sample(range(half), unusual) for _ in range(3)]
        for i in range(half):
            lifetime, prerelease, partner = (i in trait for trait in traits)
            name = f"{app.partition('-')[0]}-customer-{i + 1:02d}"
            customers.append(
                Customer(
                    name=name,
                    app=app,
                    vin="WVD" + "".join(draw.choices("ABCDEFGHJKLMNPRSTUVWXYZ0123456789", k=14)),
                    plan="Lifetime" if lifetime else draw.choice(_PLANS),
                    features=_FEATURES,
                    renews_on=None
                    if lifetime
                    else f"2031-{draw.randint(1, 12):02d}-{draw.randint(1, 28):02d}",
                    software="24-07.b3"
                    if prerelease
                    else f"24-{draw.randint(3, 7):02d}.{draw.randint(1, 9)}",
                    subject=f"partner|{name}" if partner else name,
                )
            )
    return tuple(customers)
