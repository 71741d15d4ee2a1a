from __future__ import annotations

import random

from andon.demo.faults.certificates import FAULTS
from andon.demo.inventory import CERTIFICATES


def test_a_certificate_expires_by_itself_or_is_replaced_by_an_old_one():
    (fault,) = FAULTS
    ways = set()
    for seed in range(40):
        scenario = fault.draw(random.Random(seed), 40.0)
        (culprit,) = scenario.culprits
        ways.add([call.name for call in culprit.change.calls] == ["ImportCertificate"])
        (renewal,) = scenario.decoys
        assert renewal.component != culprit.change.component
        assert renewal.calls[0].parameters["certificateArn"] in CERTIFICATES.values()
    assert ways == {True, False}
