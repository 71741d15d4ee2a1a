"""The pump rig: the loop, its controller and its instruments, stepped in real time and sent once a second."""

from __future__ import annotations

import random
import time
from collections.abc import Callable

from andon.demo.plant.alarms import Alarms
from andon.demo.plant.controller import FlowController
from andon.demo.plant.edge import EdgeGateway
from andon.demo.plant.instruments import Panel, Reading, observe
from andon.demo.plant.load import Bench
from andon.demo.plant.physics import Circumstances, Loop
from andon.demo.runtime import Runtime

__all__ = ["Rig", "main"]

STEP = 0.05
"""Seconds of one step of the difference equations: a tenth of the quickest time constant."""
_SCAN = 0.25
"""Seconds between two looks at the clock."""
_PUBLISH = 1.0
_FLOW_NOISE = 0.008
_FLOW_FILTER = 0.3
"""Seconds by which the transmitter damps its output."""
_DRIFT_SECONDS = 2.5

Condition = Callable[[str, float], float]
"""The strength of a condition by its name, or the given default."""


class Rig:
    """One loop with everything on it; `condition` says what befalls it. Knows no clock: `advance` moves it."""

    def __init__(self, seed: int, condition: Condition) -> None:
        self._draw = random.Random(f"pump-rig {seed}")
        self._bench = Bench(random.Random(f"bench {seed}"))
        self._condition = condition
        self._drift = 0.0
        self._age = 0.0
        self._measured = 12.0
        self.loop = Loop(random.Random(f"loop {seed}"))
        self.controller = FlowController(0.76)
        self.set_point = 12.0
        self.advance(30.0)

    def advance(self, seconds: float) -> None:
        """Moves the rig on, step by step."""
        around = self._circumstances()
        heavier = self._condition("bench.heat", 1.0)
        local = self._condition("controller.local-set-point", 0.0)
        for _ in range(round(seconds / STEP)):
            self._age += STEP
            demand = self._bench.demand(self._age)
            self.loop.bench = self._bench.heat(demand, heavier)
            self.set_point = local or self._bench.set_point(demand)
            self._measure()
            command = self.controller.step(self.set_point, self._measured, STEP)
            self.loop.step(STEP, command, around)

    def readings(self) -> list[Reading]:
        """What the instruments show now."""
        return observe(Panel(self.loop, self.controller, self.set_point, self._measured), self._draw)

    def _measure(self) -> None:
        """The flow transmitter: noise, damping, and an error of span that may grow."""
        wanted = self._condition("flow-transmitter.error", 0.0)
        self._drift += (wanted - self._drift) * min(1.0, STEP / _DRIFT_SECONDS)
        raw = self.loop.flow * (1 + self._drift) * (1 + self._draw.gauss(0, _FLOW_NOISE))
        self._measured += (raw - self._measured) * STEP / _FLOW_FILTER

    def _circumstances(self) -> Circumstances:
        condition = self._condition
        return Circumstances(
            friction=condition("valve.friction", 0.0),
            wear=condition("pump.bearing-wear", 0.0),
            strainer=condition("strainer.resistance", 1.0),
            filter=condition("filter.resistance", 1.0),
            level=condition("tank.level", 1.0),
        )


def main(runtime: Runtime) -> None:
    """Runs the rig and its edge gateway until they are told to stop."""
    rig = Rig(runtime.settings.seed, runtime.conditions.value)
    alarms = Alarms()
    gateway = EdgeGateway(runtime.port("telemetry-receiver"), runtime.version)
    runtime.telemetry.meter.gauge("gateway.readings.dropped", lambda: float(gateway.dropped))
    runtime.ready()
    began = published = time.monotonic()
    simulated = 0.0
    while not runtime.stopping.wait(_SCAN):
        due = time.monotonic() - began - simulated
        steps = int(due / STEP)
        rig.advance(steps * STEP)
        simulated += steps * STEP
        if time.monotonic() - published >= _PUBLISH:
            published += _PUBLISH
            readings = rig.readings()
            gateway.send(readings, list(alarms.check(readings)))
    gateway.close()
