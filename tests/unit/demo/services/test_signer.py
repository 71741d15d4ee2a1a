from __future__ import annotations

import threading
import time

import pytest

from andon.demo.metering import Meter
from andon.demo.services.client import UpstreamError
from andon.demo.services.signer import CommandSigner


def test_who_comes_when_too_many_wait_is_turned_away():
    signer = CommandSigner(Meter(), seconds=0.2, waiting=1)
    busy = [threading.Thread(target=signer.sign, args=("unlock",)) for _ in range(2)]
    for thread in busy:
        thread.start()
        time.sleep(0.03)
    with pytest.raises(UpstreamError, match="signer is saturated: 1 requests are waiting") as failure:
        signer.sign("unlock")
    assert failure.value.status == 503
    for thread in busy:
        thread.join()
    assert len(signer.sign("unlock")) == 64
