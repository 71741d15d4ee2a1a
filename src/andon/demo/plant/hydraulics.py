"""Hydraulics of the loop: pump curve, resistances, control valve, suction head. Flow in m3/h, head in m.

Sources: affinity and system curves as in Karassik et al., Pump Handbook, 2.1; valve flow coefficient after
IEC 60534-2-1; net positive suction head after ANSI/HI 9.6.1; submergence after ANSI/HI 9.8.
"""

from __future__ import annotations

import math

__all__ = [
    "BAR",
    "DESIGN_FLOW",
    "NOMINAL_LEVEL",
    "SPLIT",
    "cavitation",
    "efficiency",
    "head",
    "suction_head",
    "valve_coefficient",
    "vapour_head",
]

DENSITY, GRAVITY = 980.0, 9.81
"""kg/m3 of water at 70 degrees Celsius, and m/s2."""
BAR = DENSITY * GRAVITY / 1e5
"""One metre of head in bar."""
DESIGN_FLOW = 12.0
NOMINAL_LEVEL = 1.5
"""Metres of coolant in the tank."""

SPLIT = {"strainer": 0.05, "filter": 0.25, "bench": 0.75, "pipe": 0.16}
"""Pressure drop of each resistance in bar at the design flow, clean; all grow with the square of the flow."""

_SHUT_OFF_HEAD, _DESIGN_HEAD = 32.0, 24.5
_BEST_FLOW, _BEST_EFFICIENCY = 13.0, 0.62
_OPEN_COEFFICIENT, _RANGEABILITY = 25.0, 30.0
_ATMOSPHERE = 101_325.0 / (DENSITY * GRAVITY)
_SUCTION_LIFT = 1.3
"""The pump stands above the tank's floor by this many metres and the eye of its impeller as well."""
_LOST_HEAD = 0.3
"""What full cavitation takes of the head: well past the three per cent at which NPSH is required."""
_FULL = 1.2
"""Metres of lacking suction head from the first bubbles to full cavitation."""
_COVERED = 0.7
"""Metres of level below which a vortex draws air."""


def head(flow: float, bubbles: float = 0.0) -> float:
    """The pump's head at a flow; `bubbles` (0 to 1) is how far it cavitates."""
    drop = (_SHUT_OFF_HEAD - _DESIGN_HEAD) * (flow / DESIGN_FLOW) ** 2
    return (_SHUT_OFF_HEAD - drop) * (1 - _LOST_HEAD * bubbles)


def efficiency(flow: float) -> float:
    """A parabola through zero and the best point, with a floor for the friction of seals."""
    part = flow / _BEST_FLOW
    return max(0.08, _BEST_EFFICIENCY * (2 * part - part**2))


def valve_coefficient(position: float) -> float:
    """Kv in m3/h at one bar, equal percentage; `position` from 0 to 1."""
    return float(_OPEN_COEFFICIENT * _RANGEABILITY ** (position - 1))


def vapour_head(temperature: float) -> float:
    """Vapour pressure of water in metres of head, by the Antoine equation (1 to 100 degrees Celsius)."""
    mercury = 10 ** (8.07131 - 1730.63 / (233.426 + temperature))
    return mercury * 133.322 / (DENSITY * GRAVITY)


def suction_head(flow: float, level: float, strainer: float) -> float:
    """Absolute head at the pump's inlet; `strainer` multiplies the clean resistance of the strainer."""
    lost = strainer * SPLIT["strainer"] / BAR * (flow / DESIGN_FLOW) ** 2
    return _ATMOSPHERE + level - _SUCTION_LIFT - lost


def cavitation(flow: float, level: float, temperature: float, inlet: float) -> float:
    """0 without bubbles, 1 in full cavitation: too little suction head, or air through a vortex."""
    required = 2.6 + 1.6 * (flow / DESIGN_FLOW) ** 2
    lacking = required - (inlet - vapour_head(temperature))
    air = max(0.0, (_COVERED - level) / _COVERED)
    return min(1.0, max(0.0, lacking / _FULL) + 1.5 * air) if math.isfinite(lacking) else 1.0
