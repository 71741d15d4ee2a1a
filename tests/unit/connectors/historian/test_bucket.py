"""Which objects are brought here, what is lacking in them, and that it is said."""

from __future__ import annotations

import gzip
from typing import Any
from urllib.parse import quote

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from andon.connectors import Need, Session, open_class
from andon.connectors.historian import HistorianConnector, copies
from andon.telemetry import Status, Window
from andon.testing.imitation import Asked, Told
from andon.testing.imitations.s3 import HeldObject, S3Imitation

START = 1_781_863_200.0  # 2026-06-19T10:00:00Z
NEED = Need(Window(START, START + 600))
DAY = 86_400.0
HEAD = b"time,service,metric,value\n"


def rows(*values: float, metric: str = "temp") -> bytes:
    lines = (f"2026-06-19T10:0{i % 10}:{i // 10:02}Z,press,{metric},{v}\n" for i, v in enumerate(values))
    return HEAD + "".join(lines).encode()


def held(body: bytes, days: float = 1.0, kept: str = "STANDARD") -> HeldObject:
    return HeldObject(body, START + days * DAY, kept)


def asked_for(server: S3Imitation) -> list[str]:
    return [asked.path.removeprefix("/drops/plant/") for asked in server.asked if asked.path != "/drops"]


def test_only_what_can_hold_the_window_is_fetched(in_bucket: Any):
    objects = {f"plant/2026-06-{day}.csv": held(rows(day)) for day in range(10, 30)}
    objects |= {f"plant/turn-{n}.csv": held(rows(n, metric="oil"), n - 5.0) for n in range(12)}
    objects |= {"plant/.hidden-2026-06-19.csv": held(rows(1)), "plant/": held(b""), "plant/a/": held(b"")}
    with S3Imitation(objects) as server:
        result = in_bucket(server).metrics(NEED)
    days, turns = (
        ("2026-06-18.csv", "2026-06-19.csv", "2026-06-20.csv"),
        ("turn-5.csv", "turn-6.csv", "turn-7.csv"),
    )
    assert sorted(asked_for(server)) == [*days, *turns]
    assert result.count


def test_odd_keys_and_keys_outside_are_left_out_and_told(in_bucket: Any):
    objects = {f"plant/{name}2026-06-19.csv": held(rows(1)) for name in ("", "../", "a//", "a:")}

    class Generous(S3Imitation):
        """Answers with a key that was not asked for."""

        def answer(self, asked: Asked) -> Told:
            told = super().answer(asked)
            more = b"<Contents><Key>others/2026-06-19.csv</Key><LastModified>2026-06-19T10:00:00Z</LastModified><Size>9</Size></Contents><Contents><Key>plant/x</Key></Contents></ListBucketResult>"
            return Told(told.status, told.body.replace(b"</ListBucketResult>", more), told.headers)

    with Generous(objects) as server:
        result = in_bucket(server).metrics(NEED)
    assert asked_for(server) == ["2026-06-19.csv"] and result.count == 1
    assert result.status is Status.PARTIAL
    assert sorted(problem.message for problem in result.problems) == [
        "1 entries without key, size or time were left out",
        "1 keys outside the scope of source drops were answered and left out",
        "3 keys that are no paths were left out",
    ]


def test_a_drop_that_is_too_large_gives_its_complete_lines(in_bucket: Any, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setattr(copies, "PIECE", 700)
    body = rows(*range(200))
    with S3Imitation({"plant/2026-06-19.csv": held(body)}) as server:
        result = in_bucket(server, limits={"answer_bytes": 2000}).metrics(NEED)
    whole = body[:2000].count(b"\n") - 1
    assert result.status is Status.TRUNCATED and result.count == whole
    assert "no more than 2,000" in result.problems[0].message
    assert len(asked_for(server)) == 3 and server.sent < 4000


@pytest.mark.parametrize("name", ["2026-06-19.parquet", "2026-06-19.csv.gz", "2026-06-19"])
def test_what_is_of_no_use_in_part_is_not_fetched(in_bucket: Any, name: str):
    with S3Imitation({f"plant/{name}": held(b"x" * 5000)}) as server:
        result = in_bucket(server, limits={"answer_bytes": 2000}).metrics(NEED)
    assert result.status is Status.TRUNCATED and not asked_for(server)


def test_a_packed_one_that_is_cut_is_of_no_use(in_bucket: Any):
    body = gzip.compress(bytes(range(256)) * 20, 0)
    with S3Imitation({"plant/2026-06-19.csv": held(body)}) as server:
        result = in_bucket(server, limits={"answer_bytes": 2000}).metrics(NEED)
    assert result.status is Status.TRUNCATED and not result.count


def test_one_without_a_line_end(in_bucket: Any):
    with S3Imitation({"plant/2026-06-19.csv": held(b"x" * 200_000)}) as server:
        result = in_bucket(server, limits={"answer_bytes": 150_000}).metrics(NEED)
    assert "no whole line" in result.problems[0].message and result.status is Status.TRUNCATED


class Changing(S3Imitation):
    """Replaces an object just before it is asked for the nth time."""

    def __init__(self, *args: Any, new: bytes, nth: int, **options: Any) -> None:
        super().__init__(*args, **options)
        self.new, self.nth = new, nth

    def answer(self, asked: Asked) -> Told:
        if len(asked_for(self)) == self.nth:
            self.objects["plant/2026-06-19.csv"] = held(self.new)
        return super().answer(asked)


@pytest.mark.parametrize("new", [(1, 2, 3), (9,)], ids=["grown", "shrunk"])
def test_one_that_was_replaced_after_the_list_is_told(in_bucket: Any, new: tuple[int, ...]):
    server = Changing({"plant/2026-06-19.csv": held(rows(1, 2))}, new=rows(*new), nth=1)
    with server:
        result = in_bucket(server).metrics(NEED)
    assert result.status is Status.PARTIAL and "replaced after it was listed" in result.problems[0].message
    assert result.value[0].values.tolist() == list(new)


def test_one_that_was_replaced_while_it_was_read_keeps_its_whole_lines(
    in_bucket: Any, monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setattr(copies, "PIECE", 100)
    with Changing({"plant/2026-06-19.csv": held(rows(*range(5)))}, new=rows(7, 7, 7), nth=2) as server:
        result = in_bucket(server).metrics(NEED)
    assert result.status is Status.PARTIAL and result.value[0].values.tolist() == [0, 1]
    assert "broke off after 100 bytes: it was replaced while it was read" in result.problems[0].message


def test_archived_ones_and_ones_that_are_gone_do_not_take_the_others_with_them(in_bucket: Any):
    objects = {
        "plant/2026-06-19-a.csv": held(rows(1)),
        "plant/2026-06-19-b.csv": held(rows(2), kept="GLACIER"),
    }
    with S3Imitation(objects) as server:
        result = in_bucket(server).metrics(NEED)
    assert result.status is Status.PARTIAL and result.count == 1
    assert "archived" in result.problems[0].message and result.problems[0].place == "drops 2026-06-19-b.csv"


def test_the_last_line_of_an_object_counts_however_new_it_is(in_bucket: Any):
    import time

    with S3Imitation({"plant/2026-06-19.csv": HeldObject(rows(1, 2).rstrip(b"\n"), time.time())}) as server:
        assert in_bucket(server).metrics(NEED).count == 2


def test_each_is_fetched_once(in_bucket: Any):
    with S3Imitation({"plant/2026-06-19.csv": held(rows(1)), "plant/2026-06-20.csv": held(b"")}) as server:
        connector = in_bucket(server)
        connector.metrics(NEED)
        assert connector.metrics(NEED).count == 1
        assert len(server.asked) == 2


def test_check_tells_of_permissions(in_bucket: Any):
    objects = {"plant/2026-06-19.csv": held(rows(1))}
    for action, what in (("s3:ListBucket", "bucket"), ("s3:GetObject", "metrics")):
        with S3Imitation(objects, denied=[action]) as server, Session(10.0) as session:
            stated = {"bucket": "drops", "prefix": "plant", "endpoint": server.url}
            connector = open_class(HistorianConnector, "drops", stated, session)
            failed = [check for check in connector.check() if check.state == "failed"]
            connector.close()
        assert [check.what for check in failed] == [what] and action in failed[0].hint


def test_an_empty_prefix(in_bucket: Any):
    with S3Imitation({}) as server:
        connector = in_bucket(server)
        assert connector.metrics(NEED).status is Status.EMPTY
        assert [(c.what, str(c.state)) for c in connector.check()] == [("bucket", "warning"), ("clock", "ok")]


def test_a_list_that_breaks_off_keeps_what_it_had(in_bucket: Any):
    class Half(S3Imitation):
        def answer(self, asked: Asked) -> Told:
            return Told(500, b"down") if asked.param("continuation-token") else super().answer(asked)

    objects = {f"plant/2026-06-19-{n}.csv": held(rows(n, metric=f"m{n}")) for n in range(4)}
    with Half(objects, page=2) as server:
        result = in_bucket(server).metrics(NEED)
    assert result.status is Status.PARTIAL and result.count == 2


XML = st.recursive(
    st.text(alphabet="ab0<&", max_size=5).map(quote),
    lambda inner: st.lists(st.tuples(st.sampled_from(["Contents", "Key", "Size", "LastModified", "ETag", "IsTruncated", "NextContinuationToken", "Name"]), inner), max_size=4).map(lambda pairs: "".join(f"<{n}>{i}</{n}>" for n, i in pairs)),
    max_leaves=12,
)  # fmt: skip


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(inner=XML, truncated=st.sampled_from(["", "<IsTruncated>false</IsTruncated>"]))
def test_whatever_is_answered_nothing_breaks(odd_server: Any, inner: str, truncated: str):
    odd_server.body = f"<ListBucketResult>{truncated}{inner}</ListBucketResult>".encode()
    with Session(10.0) as session:
        stated = {"bucket": "drops", "endpoint": odd_server.url, "limits": {"retries": 0}}
        connector = open_class(HistorianConnector, "drops", stated, session)
        assert connector.metrics(NEED).count == 0 and connector.check()
        connector.close()


class Odd(S3Imitation):
    body = b""

    def answer(self, asked: Asked) -> Told:
        return Told(200, self.body)


@pytest.fixture(scope="module")
def odd_server() -> Any:
    with Odd({}) as server:
        yield server
