import pickle

import pytest

from andon.connectors.files.spool import Spool


@pytest.mark.parametrize("limit", [0, 5, 1000])
def test_bytes_come_back_from_memory_and_from_disk(limit):
    spool = Spool(limit)
    for part in (b"abc", b"", b"defg", b"h" * 100):
        spool.append(part)
    assert spool.size == 107
    assert spool.read(1, 5) == b"bcde"
    assert spool.read(100, 999) == b"h" * 7
    again = pickle.loads(pickle.dumps(spool))
    assert again.read(0, again.size) == b"abcdefg" + b"h" * 100
