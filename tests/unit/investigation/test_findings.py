from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from andon.investigation.findings import Row, RowsOf
from andon.storage import Ledger
from andon.telemetry import Status

OBSERVATION = Ledger().record("metrics", "shop", {}, window=None, status=Status.OK, count=0, content=None)
ELEMENTS = st.sampled_from("abcd")


@given(st.lists(ELEMENTS), st.lists(ELEMENTS, max_size=3))
def test_rows_are_found_by_element_as_by_looking_at_all(named: list[str], wanted: list[str]) -> None:
    rows = [Row(OBSERVATION, ("series", i), element) for i, element in enumerate(named)]
    found = RowsOf(rows, lambda element: element)
    assert dict(found) == {e: tuple(row for row in rows if row.value == e) for e in dict.fromkeys(named)}
    assert found.among(*wanted) == tuple(row for row in rows if row.value in wanted)
