from __future__ import annotations

import math

import pytest
from google.protobuf import descriptor_pb2, descriptor_pool, message_factory

from andon.connectors.mqtt.sparkplug import Verb, payload_of, topic_of
from andon.testing.imitations.sparkplug import SentMetric, sparkplug_payload

NOW = 1_781_863_200_000


@pytest.mark.parametrize(
    ("datatype", "value"),
    [
        (1, -1),
        (1, -128),
        (2, -32768),
        (3, -(2**31)),
        (4, -(2**53)),
        (5, 255),
        (6, 65535),
        (7, 2**32 - 1),
        (8, 2**53),
        (9, -0.5),
        (10, 1e300),
        (11, True),
    ],
)
def test_every_type_comes_back(datatype: int, value: float) -> None:
    sent = SentMetric(value, "m", datatype=datatype, alias=7, time_ms=NOW, unit="Cel")
    payload = payload_of(sparkplug_payload([sent], time_ms=NOW + 1, seq=3))
    (metric,) = payload.metrics
    assert metric.value == value and (metric.name, metric.alias, metric.time_ms) == ("m", 7, NOW)
    assert metric.unit == "Cel" and (payload.time_ms, payload.seq) == (NOW + 1, 3)


def test_small_integers_that_fill_only_their_own_bits() -> None:
    """0xFF as an Int8 in a field of 32 bits: some senders do not extend the sign."""
    assert payload_of(bytes.fromhex("1204200150ff01".replace("1204", "1205"))).metrics[0].value == -1


def test_nulls_texts_and_not_a_number() -> None:
    sent = [
        SentMetric(None, "a"),
        SentMetric("open", "b", datatype=12),
        SentMetric(math.nan, "c", datatype=9),
    ]
    null, text, nan = payload_of(sparkplug_payload(sent, time_ms=NOW)).metrics
    assert null.null and null.value is None
    assert not text.null and text.value is None
    assert nan.value is not None and math.isnan(nan.value)


def test_a_malformed_metric_does_not_take_the_others_with_it() -> None:
    good = sparkplug_payload([SentMetric(1, "a")], time_ms=NOW)
    payload = payload_of(good + bytes.fromhex("12020a50"))
    assert len(payload.metrics) == 1 and payload.malformed == 1


def test_the_library_of_protobuf_reads_and_writes_the_same() -> None:
    """An oracle: a message type built here from the specification's field numbers."""
    file = descriptor_pb2.FileDescriptorProto(name="oracle.proto", syntax="proto2")
    kinds = descriptor_pb2.FieldDescriptorProto
    metric = file.message_type.add(name="Metric")
    fields = [("name", 1, "STRING"), ("alias", 2, "UINT64"), ("timestamp", 3, "UINT64"), ("datatype", 4, "UINT32"), ("is_historical", 5, "BOOL"), ("is_null", 7, "BOOL"), ("int_value", 10, "UINT32"), ("long_value", 11, "UINT64"), ("float_value", 12, "FLOAT"), ("double_value", 13, "DOUBLE"), ("boolean_value", 14, "BOOL")]  # fmt: skip
    for name, number, kind in fields:
        metric.field.add(
            name=name, number=number, type=getattr(kinds, f"TYPE_{kind}"), label=kinds.LABEL_OPTIONAL
        )
    payload = file.message_type.add(name="Payload")
    payload.field.add(name="timestamp", number=1, type=kinds.TYPE_UINT64, label=kinds.LABEL_OPTIONAL)
    payload.field.add(
        name="metrics", number=2, type=kinds.TYPE_MESSAGE, type_name="Metric", label=kinds.LABEL_REPEATED
    )
    payload.field.add(name="seq", number=3, type=kinds.TYPE_UINT64, label=kinds.LABEL_OPTIONAL)
    pool = descriptor_pool.DescriptorPool()
    pool.Add(file)
    oracle = message_factory.GetMessageClass(pool.FindMessageTypeByName("Payload"))

    written = oracle(timestamp=NOW, seq=255)
    written.metrics.add(name="p", alias=1, datatype=10, double_value=2.5, timestamp=NOW)
    written.metrics.add(name="q", datatype=3, int_value=2**32 - 5, is_historical=True)
    ours = payload_of(written.SerializeToString())
    assert (ours.seq, [m.value for m in ours.metrics]) == (255, [2.5, -5]) and ours.metrics[1].historical
    sent = [SentMetric(2.5, "p", 1, time_ms=NOW), SentMetric(-5, "q", datatype=3, historical=True)]
    assert oracle.FromString(sparkplug_payload(sent, time_ms=NOW, seq=255)) == written


@pytest.mark.parametrize(
    ("topic", "verb"),
    [
        ("spBv1.0/plant/NBIRTH/edge", Verb.NBIRTH),
        ("spBv1.0/plant/DDATA/edge/press", Verb.DDATA),
        ("$sparkplug/certificates/spBv1.0/plant/DBIRTH/edge/press", Verb.DBIRTH),
        ("spBv1.0/plant/DDATA/edge", None),
        ("spBv1.0/plant/NDATA/edge/press", None),
        ("spBv1.0/plant/NCMD/edge", None),
        ("spBv1.0/STATE/host", None),
        ("site/a/b/c", None),
    ],
)
def test_topics(topic: str, verb: Verb | None) -> None:
    found = topic_of(topic)
    assert (found.verb if found else None) is verb
