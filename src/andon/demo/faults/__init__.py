"""The faults: what is changed or befalls the estate, where, and what a customer would say of it.

One module a family of faults, each with its `FAULTS`; `FAULTS` here is all of them by name. A fault knows
the true answer; what investigates never sees it.
"""

from __future__ import annotations

from collections.abc import Mapping

from andon.demo.faults import (
    certificates,
    combined,
    controls,
    credentials,
    databases,
    disks,
    externals,
    hosts,
    load,
    messaging,
    network,
    plant,
    quotas,
    releases,
    settings,
)
from andon.demo.faults.change import (
    COMPONENTS,
    Call,
    Change,
    Happening,
    deployment,
    group_named,
    ingress,
)
from andon.demo.faults.fault import Culprit, Fault, Scenario

__all__ = [
    "COMPONENTS",
    "FAULTS",
    "Call",
    "Change",
    "Culprit",
    "Fault",
    "Happening",
    "Scenario",
    "deployment",
    "group_named",
    "ingress",
]

FAULTS: Mapping[str, Fault] = {
    fault.name: fault
    for family in (
        network,
        credentials,
        hosts,
        messaging,
        load,
        certificates,
        quotas,
        externals,
        releases,
        databases,
        settings,
        disks,
        combined,
        plant,
        controls,
    )
    for fault in family.FAULTS
}
