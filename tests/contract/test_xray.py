"""X-Ray's connector keeps the contract."""

from __future__ import annotations

import time
from functools import partial

from andon.connectors import Need
from andon.connectors.aws import XRayConnector
from andon.telemetry import Window
from andon.testing.imitations.aws import XRayImitation
from contract.aws import ACCOUNT, AwsContract

NOW = time.time()
SEGMENTS = [
    {
        "trace_id": f"1-{int(NOW - 900 + 10 * i):08x}-{i:024x}",
        "id": f"{i:016x}",
        "name": "checkout",
        "start_time": int(NOW - 900 + 10 * i),
        "end_time": int(NOW - 900 + 10 * i) + 0.25,
    }
    for i in range(20)
]


class TestXRay(AwsContract):
    connector = XRayConnector
    imitation = partial(XRayImitation, {ACCOUNT: {"eu-central-1": SEGMENTS}})
    need = Need(Window(NOW - 3600, NOW))
