"""A small plant: tank, strainer, pump, valve, meter and controller on one flow, read once a second."""

from __future__ import annotations

import numpy as np

from andon.investigation.engine import investigate
from andon.investigation.question import Question
from andon.investigation.report import Report
from andon.investigation.toolbox import Toolbox
from andon.storage import Ledger
from andon.telemetry import (
    ChangeEvent,
    ChangeKind,
    Element,
    ElementKind,
    MetricSeries,
    Relationship,
    Topology,
)
from andon.testing import MemorySource

START = 1_781_863_200.0
SECONDS, ONSET = 300, 200
TAGS = {
    "TK-1": "Tank",
    "ST-2": "Strainer",
    "PU-3": "Pump",
    "VA-4": "Valve",
    "ME-5": "Meter",
    "CO-6": "Consumer",
}
MODEL = Topology(
    (
        *(
            Element(
                tag, ElementKind.CONTAINER, name, tags=("Equipment",), properties={"telemetry.service": tag}
            )
            for tag, name in TAGS.items()
        ),
        Element("gateway", ElementKind.CONTAINER, "Gateway", properties={"telemetry.service": "gateway"}),
    ),
    tuple(Relationship(a, b, "flow") for a, b in zip(TAGS, [*list(TAGS)[1:], "TK-1"], strict=True)),
)
ORDER = ChangeEvent(
    "WO-1", START + ONSET - 1, ChangeKind.WORK_ORDER, "maintenance", "ME-5", "x", "card replaced"
)


def readings(trouble: str = "") -> list[MetricSeries]:
    """The series of every tag; from the onset on with a trouble."""
    draw = np.random.default_rng(7)
    times = START + np.arange(SECONDS)
    late = np.arange(SECONDS) >= ONSET
    flow = 10 * (1 + 0.02 * np.sin(np.arange(SECONDS) / 11))
    swing = np.where(late & (trouble == "stiction"), np.sin(np.arange(SECONDS) * 2 * np.pi / 7), 0.0)
    flow = flow + swing
    bad = {
        name: np.where(late & (trouble == name), 1.0, 0.0)
        for name in ("drift", "clogged", "bearing", "target")
    }
    flow = flow * (1 - 0.3 * bad["drift"]) * (1 - 0.4 * bad["target"])
    command = 50 + 8 * swing
    rows = (
        ("TK-1", "tank.level", "m", np.full(SECONDS, 1.5), 0.004),
        (
            "ST-2",
            "strainer.differential_pressure",
            "bar",
            0.05 * (flow / 10) ** 2 * (1 + 8 * bad["clogged"]),
            0.01,
        ),
        ("PU-3", "vibration.velocity", "mm/s", 1.5 + 3 * bad["bearing"], 0.05),
        ("PU-3", "bearing.temperature", "Cel", 45 + 25 * bad["bearing"], 0.003),
        ("VA-4", "valve.command", "%", command, 0.0),
        ("VA-4", "valve.position", "%", command - 6 * swing, 0.002),
        ("VA-4", "valve.differential_pressure", "bar", 0.4 * (flow / 10) ** 2, 0.01),
        ("ME-5", "flow.rate", "m3/h", flow * (1 + 0.43 * bad["drift"]), 0.005),
        ("ME-5", "flow.setpoint", "m3/h", 10 - 4 * bad["target"], 0.0),
        ("CO-6", "cooler.differential_pressure", "bar", 0.7 * (flow / 10) ** 2, 0.01),
    )
    return [
        MetricSeries(name, tag, times, values * (1 + draw.normal(0, noise, SECONDS)), unit)
        for tag, name, unit, values, noise in rows
    ]


def box(trouble: str = "") -> Toolbox:
    return Toolbox([MemorySource(series=readings(trouble), model=MODEL, events=[ORDER])], Ledger())


def report(trouble: str = "") -> Report:
    """What the engine says of a trouble that is felt at the consumer."""
    tools = box(trouble)
    return investigate(
        "plant", Question("The consumer is not served well."), tools, [s.info() for s in tools.sources]
    )
