"""The MQTT connector against a real Mosquitto."""

from __future__ import annotations

import contextlib
import subprocess
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import paho.mqtt.client as mqtt
import pytest

from andon.connectors import Need, Session, open_class
from andon.connectors.mqtt import MqttConnector
from andon.telemetry import Status, Window
from andon.testing.imitations.faulty_line import FaultyLine, LineFault
from andon.testing.imitations.sparkplug import SentMetric, sparkplug_payload
from live.servers import free_port, installed, listens, running

PASSWORD = "s3cr3t-of-the-plant"
JSON = {"topic": "site/{line}/{service}/{name}", "values": ["value"], "time": "ts"}


@pytest.fixture(scope="module")
def broker(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[int, int]]:
    """The ports of a broker that wants a password, in the open and over TLS."""
    from importlib.resources import files

    program = installed("mosquitto", "/usr/sbin/mosquitto")
    folder = tmp_path_factory.mktemp("mosquitto")
    plain, secured = free_port(), free_port()
    pki = files("andon.demo") / "pki"
    for name, source in (("server.crt", "auth-service.pem"), ("server.key", "server.key")):
        (folder / name).write_bytes((pki / source).read_bytes())
    for user in ("andon", "plant"):
        create = ["-c"] if user == "andon" else []
        command = [installed("mosquitto_passwd"), "-b", *create, f"{folder}/passwords", user, PASSWORD]
        subprocess.run(command, check=True, capture_output=True)
    (folder / "acl").write_text(
        "user plant\ntopic readwrite #\nuser andon\ntopic read site/#\ntopic read spBv1.0/#\n"
    )
    lines = [
        "per_listener_settings false",
        f"password_file {folder}/passwords",
        f"acl_file {folder}/acl",
        "user root",
    ]
    lines += [f"listener {plain} 127.0.0.1", f"listener {secured} 127.0.0.1"]
    lines += [f"certfile {folder}/server.crt", f"keyfile {folder}/server.key", "persistence false"]
    (folder / "mosquitto.conf").write_text("\n".join(lines) + "\n")
    with running([program, "-c", f"{folder}/mosquitto.conf"], lambda: listens(plain), folder=folder):
        yield plain, secured


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANT_PASSWORD", PASSWORD)


def opened(port: int, session: Session, **options: Any) -> MqttConnector:
    stated = {
        "url": f"mqtt://localhost:{port}",
        "username": "andon",
        "password": "${env:PLANT_PASSWORD}",
        "topics": ["site/#", "spBv1.0/#"],
        "json_topics": [JSON],
        "listen": 2.0,
    } | options
    connector = open_class(MqttConnector, "plant", stated, session)
    assert isinstance(connector, MqttConnector)
    return connector


@contextlib.contextmanager
def plant(port: int) -> Iterator[mqtt.Client]:
    client = mqtt.Client(mqtt.CallbackAPIVersion.VERSION2, protocol=mqtt.MQTTv5)
    client.username_pw_set("plant", PASSWORD)
    client.connect("127.0.0.1", port)
    client.loop_start()
    try:
        yield client
    finally:
        client.disconnect()
        client.loop_stop()


def around_now() -> Need:
    return Need(Window(time.time() - 600, time.time() + 600))


def test_retained_and_live_json(broker: tuple[int, int]) -> None:
    now = time.time()
    with plant(broker[0]) as client, Session(30) as session:
        client.publish(
            "site/a/oven/temp", f'{{"value": 180, "ts": {now - 60:.3f}}}', qos=1, retain=True
        ).wait_for_publish()
        later = threading.Timer(1.0, client.publish, ("site/a/oven/temp", '{"value": 190}'))
        later.start()
        result = opened(broker[0], session).metrics(around_now())
        later.join()
        client.publish("site/a/oven/temp", b"", qos=1, retain=True).wait_for_publish()
    assert result.status is Status.PARTIAL and "keeps no history" in result.problems[0].message
    (series,) = [one for one in result.value if one.name == "temp"]
    assert series.service == "oven" and series.values.tolist() == [180.0, 190.0]
    assert series.times[0] == pytest.approx(now - 60, abs=0.002)
    assert result.fetches[0].items == 2 and result.fetches[0].query.startswith("SUBSCRIBE site/#")


def test_sparkplug_births_aliases_and_gaps(broker: tuple[int, int]) -> None:
    now = int(time.time() * 1000)
    birth = [SentMetric(1, "bdSeq", datatype=4)]
    press = [SentMetric(5.0, "pressure", 1, unit="bar")]
    messages = [
        ("NBIRTH/edge", sparkplug_payload(birth, time_ms=now, seq=0)),
        ("DBIRTH/edge/press", sparkplug_payload(press, time_ms=now, seq=1)),
        ("DDATA/edge/press", sparkplug_payload([SentMetric(6.0, alias=1)], time_ms=now + 1000, seq=2)),
        ("DDATA/edge/press", sparkplug_payload([SentMetric(7.0, alias=1)], time_ms=now + 2000, seq=5)),
    ]

    def send() -> None:
        for topic, payload in messages:
            client.publish(f"spBv1.0/plant/{topic.split('/')[0]}/{topic.partition('/')[2]}", payload, qos=1)

    with plant(broker[0]) as client, Session(30) as session:
        later = threading.Timer(0.7, send)
        later.start()
        result = opened(broker[0], session).metrics(around_now())
        later.join()
    pressure = next(one for one in result.value if one.name == "pressure")
    assert (pressure.service, pressure.unit, pressure.values.tolist()) == ("press", "bar", [5.0, 6.0, 7.0])
    assert any("2 messages of plant/edge lost" in problem.message for problem in result.problems)


def test_a_wrong_password_is_denied(broker: tuple[int, int], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANT_PASSWORD", "wrong-password-of-ours")
    for protocol in ("5", "3.1.1"):
        with Session(10) as session:
            result = opened(broker[0], session, protocol=protocol).metrics(around_now())
            assert result.status is Status.DENIED and "wrong-password" not in repr(result)


def test_the_certificate_has_to_be_trusted(broker: tuple[int, int]) -> None:
    with Session(10) as session:
        url = f"mqtts://localhost:{broker[1]}"
        result = opened(broker[1], session, url=url).metrics(around_now())
        assert result.status is Status.FAILED and "cannot be trusted" in result.problems[0].message


def test_check(broker: tuple[int, int]) -> None:
    with plant(broker[0]) as client, Session(30) as session:
        client.publish("site/a/oven/temp", b"1", qos=1, retain=True).wait_for_publish()
        checks = opened(broker[0], session, protocol="3.1.1").check()
        client.publish("site/a/oven/temp", b"", qos=1, retain=True).wait_for_publish()
    assert all(check.state == "ok" for check in checks), checks


def test_a_flood_ends_at_the_limit(broker: tuple[int, int]) -> None:
    with plant(broker[0]) as client, Session(30) as session:
        ended = threading.Event()

        def flood() -> None:
            while not ended.is_set():
                client.publish("site/a/oven/temp", b'{"value": 1, "pad": "' + b"x" * 1000 + b'"}')
                time.sleep(0.0005)

        sender = threading.Thread(target=flood)
        sender.start()
        began = time.monotonic()
        connector = opened(broker[0], session, listen=20.0, limits={"items": 200})
        result = connector.metrics(around_now())
        ended.set()
        sender.join()
    assert time.monotonic() - began < 15 and result.fetches[0].items == 200
    assert any("more came than the limits allow" in problem.message for problem in result.problems)


def test_a_message_that_is_too_large_is_not_sent_to_us(broker: tuple[int, int]) -> None:
    with plant(broker[0]) as client, Session(30) as session:
        client.publish("site/a/oven/huge", b"1" * (4 << 20), qos=1, retain=True).wait_for_publish()
        client.publish("site/a/oven/temp", b"1", qos=1, retain=True).wait_for_publish()
        result = opened(broker[0], session, limits={"answer_bytes": 1 << 20}).metrics(around_now())
        for name in ("huge", "temp"):
            client.publish(f"site/a/oven/{name}", b"", qos=1, retain=True).wait_for_publish()
    assert result.fetches[0].bytes < 1 << 20
    assert [one.name for one in result.value] == ["temp"]


@pytest.mark.parametrize("fault", [LineFault.STALLED, LineFault.DROPPED, LineFault.GARBAGE])
def test_a_line_that_fails_while_we_listen(broker: tuple[int, int], fault: LineFault) -> None:
    with plant(broker[0]) as client, Session(6) as session:
        client.publish("site/a/oven/temp", b"1", qos=1, retain=True).wait_for_publish()
        with FaultyLine(fault, upstream=broker[0], after=40) as line:
            began = time.monotonic()
            result = opened(line.port, session).metrics(around_now())
            assert time.monotonic() - began < 8
        client.publish("site/a/oven/temp", b"", qos=1, retain=True).wait_for_publish()
    assert result.status in (Status.PARTIAL, Status.FAILED) and PASSWORD not in repr(result)


def test_nothing_is_published(broker: tuple[int, int]) -> None:
    source = Path(__import__("andon.connectors.mqtt.listening", fromlist=["x"]).__file__).read_text()
    assert ".publish(" not in source
