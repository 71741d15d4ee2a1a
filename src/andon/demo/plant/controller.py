"""The flow controller: proportional and integral, with a bounded output (ISA form)."""

from __future__ import annotations

__all__ = ["FlowController"]

_GAIN = 0.8
"""Stroke for each span of error; with the reset time it leaves a phase margin of about 50 degrees."""
_RESET = 0.6
"""Seconds."""
_SPAN = 12.0
"""m3/h that count as an error of one."""


class FlowController:
    """Holds the flow at its set-point by the valve's command (0 to 1); the integral stops at the bounds."""

    def __init__(self, command: float) -> None:
        self.command = command
        self._integral = command

    def step(self, set_point: float, measured: float, seconds: float) -> float:
        """The command for the next step."""
        error = (set_point - measured) / _SPAN
        wanted = self._integral + _GAIN * error
        self.command = min(1.0, max(0.05, wanted))
        if self.command == wanted or (wanted - self.command) * error < 0:
            self._integral += _GAIN / _RESET * error * seconds
        return self.command
