from __future__ import annotations

import math
from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from andon.connectors.mqtt.config import JsonTopic
from andon.connectors.mqtt.decode import ONLINE, DecodedPoint, Decoder
from andon.testing.imitations.sparkplug import SentMetric, sparkplug_payload

MS = 1_781_863_200_000
NOW = MS / 1000
BD = SentMetric(4, "bdSeq", datatype=4)


def send(
    decoder: Decoder, verb: str, seq: int | None, *metrics: SentMetric, device: str = "", at: int = MS
) -> Any:
    topic = f"spBv1.0/plant/{verb}/edge" + (f"/{device}" if device else "")
    found = decoder.decode(topic, sparkplug_payload(metrics, time_ms=at, seq=seq), NOW + 9)
    return [(point.key.service, point.key.name, point.value) for point in found]


def born(decoder: Decoder) -> None:
    send(decoder, "NBIRTH", 0, BD, SentMetric(20.0, "ambient", 1))
    temp = SentMetric(180, "temp", 1, datatype=2, unit="Cel")
    send(decoder, "DBIRTH", 1, temp, SentMetric("x", "recipe", 2, datatype=12), device="oven")


def test_data_by_alias_take_name_type_and_unit_from_the_birth() -> None:
    decoder = Decoder()
    born(decoder)
    data = SentMetric(-3, alias=1, datatype=2, states_type=False, time_ms=MS + 500)
    topic = "spBv1.0/plant/DDATA/edge/oven"
    (point,) = decoder.decode(topic, sparkplug_payload([data], time_ms=MS, seq=2), NOW)
    assert (point.key.name, point.key.service, point.key.unit, point.value) == ("temp", "oven", "Cel", -3)
    assert point.time == NOW + 0.5 and dict(point.key.labels) == {"group": "plant", "node": "edge"}
    assert send(decoder, "NDATA", 3, SentMetric(21.0, alias=1)) == [("edge", "ambient", 21.0)]
    assert not decoder.gaps


def test_births_and_deaths_are_points() -> None:
    decoder = Decoder()
    assert send(decoder, "NBIRTH", 0, BD) == [("edge", ONLINE, 1.0)]
    assert send(decoder, "DBIRTH", 1, device="oven") == [("oven", ONLINE, 1.0)]
    assert send(decoder, "DDEATH", 2, device="oven") == [("oven", ONLINE, 0.0)]
    assert send(decoder, "NDEATH", None, SentMetric(3, "bdSeq", datatype=4)) == []
    assert send(decoder, "NDEATH", None, BD) == [("edge", ONLINE, 0.0)]


def test_lost_messages_are_counted_over_the_turn_of_the_sequence() -> None:
    decoder = Decoder()
    for seq in (254, 255, 0, 1, 4, 5):
        send(decoder, "NDATA", seq, SentMetric(1.0, "a"))
    assert dict(decoder.gaps) == {"messages of plant/edge lost between sequence numbers": 2}
    send(decoder, "NBIRTH", 0, BD)
    send(decoder, "NDATA", 1, SentMetric(1.0, "a"))
    assert sum(decoder.gaps.values()) == 2


def test_an_alias_without_a_birth_is_counted() -> None:
    decoder = Decoder()
    assert send(decoder, "DDATA", 7, SentMetric(1.0, alias=9), device="oven") == []
    assert dict(decoder.gaps) == {"Sparkplug metrics whose alias no birth has introduced": 1}


def test_a_retained_certificate_introduces_aliases() -> None:
    decoder = Decoder()
    payload = sparkplug_payload([SentMetric(1.0, "temp", 5)], time_ms=MS, seq=1)
    decoder.decode("$sparkplug/certificates/spBv1.0/plant/DBIRTH/edge/oven", payload, NOW)
    assert send(decoder, "DDATA", 200, SentMetric(2.0, alias=5), device="oven") == [("oven", "temp", 2.0)]
    assert not decoder.gaps


def test_nulls_are_nan_and_late_values_are_marked() -> None:
    decoder = Decoder()
    topic = "spBv1.0/plant/NDATA/edge"
    sent = [SentMetric(None, "a"), SentMetric(1.0, "b", historical=True, time_ms=MS - 60_000)]
    null, late = decoder.decode(topic, sparkplug_payload(sent, time_ms=MS, seq=0), NOW)
    assert math.isnan(null.value) and not null.historical
    assert late.historical and late.time == NOW - 60


def test_json_by_template() -> None:
    decoder = Decoder(
        [JsonTopic(topic="site/{line}/{service}/{name}", values=("data.value",), time="data.ts")]
    )
    (point,) = decoder.decode("site/a/oven/temp", b'{"data": {"value": "21.5", "ts": 1781863200000}}', 1.0)
    assert point == DecodedPoint(point.key, NOW, 21.5)
    assert (point.key.service, point.key.name, point.key.labels) == ("oven", "temp", (("line", "a"),))
    assert decoder.decode("site/a/oven/temp", b"7", 5.0)[0].time == 5.0


def test_several_values_of_one_payload() -> None:
    decoder = Decoder([JsonTopic(topic="{service}/state", values=("temp", "ok"), time="")])
    found = decoder.decode("oven/state", b'{"temp": 3, "ok": true, "other": 9}', 1.0)
    assert [(point.key.name, point.value) for point in found] == [("temp", 3.0), ("ok", 1.0)]


def test_what_is_no_point_is_counted() -> None:
    decoder = Decoder([JsonTopic(topic="a/{name}")])
    for topic, payload in [("a/x", b"{"), ("a/x", b'{"value": "broken"}'), ("b", b"1"), ("a/x", b'{"value": 1, "timestamp": "soon"}')]:  # fmt: skip
        decoder.decode(topic, payload, 1.0)
    assert sorted(decoder.gaps.values()) == [1, 1, 1, 1]


@given(
    st.sampled_from(["spBv1.0/g/NBIRTH/n", "spBv1.0/g/DDATA/n/d", "spBv1.0/g/NDEATH/n", "a/x", "zzz"]),
    st.one_of(st.binary(max_size=80), st.text(max_size=30).map(str.encode), st.recursive(st.none() | st.floats() | st.text(max_size=5), lambda inner: st.dictionaries(st.sampled_from(["value", "timestamp", "x"]), inner)).map(lambda value: __import__("json").dumps(value).encode())),
)  # fmt: skip
def test_nothing_that_is_sent_breaks_it(topic: str, payload: bytes) -> None:
    decoder = Decoder([JsonTopic(topic="a/{name}")])
    assert all(isinstance(point, DecodedPoint) for point in decoder.decode(topic, payload, 1.0))
