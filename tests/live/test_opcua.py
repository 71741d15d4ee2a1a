"""The OPC UA connector against asyncua's server, in the process; lines that fail are in front of it."""

from __future__ import annotations

import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from andon.connectors import Need, Session, open_class
from andon.connectors.opcua import OpcUaConnector
from andon.telemetry import Status, Window
from andon.testing.imitations.faulty_line import FaultyLine, LineFault
from andon.testing.imitations.opcua_server import OpcUaImitation

pytest.importorskip("asyncua", reason="asyncua is not installed here")

START = 1_781_863_200.0
NEED = Need(Window(START, START + 600), step=60.0)
TEMP = [(START + n, float(n), "Good") for n in range(700)]
PASSWORD = "s3cr3t-of-the-plant"


@pytest.fixture(autouse=True)
def _secret(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PLANT_PASSWORD", PASSWORD)


@pytest.fixture(scope="module")
def shared() -> Iterator[OpcUaImitation]:
    """One server for most tests: it takes seconds to build its address space."""
    variables = {
        "Temp": TEMP,
        "Gaps": [*TEMP[:120], *TEMP[240:]],
        "Dense": [(START + n / 20, float(n), "Good") for n in range(12_000)],
        "Mixed": [
            (START, 1.0, "Good"),
            (START + 1, 2.0, "BadSensorFailure"),
            (START + 2, 3.0, "UncertainLastUsableValue"),
        ],
        "State": [(START, "open", "Good")],
        "Fresh": [(time.time() - 600 + n, 1.0, "Good") for n in range(500)],
    }
    with OpcUaImitation(variables) as server:
        yield server


@pytest.fixture
def server(shared: OpcUaImitation) -> OpcUaImitation:
    shared.averages, shared.page = False, 0
    shared.asked.clear()
    return shared


def opened(
    server: OpcUaImitation, session: Session, variable: str = "Temp", **options: Any
) -> OpcUaConnector:
    nodes = {server.nodes[variable]: {"name": "temp", "service": "press", "unit": "Cel"}}
    connector = open_class(OpcUaConnector, "plant", {"url": server.url, "nodes": nodes} | options, session)
    assert isinstance(connector, OpcUaConnector)
    return connector


@pytest.mark.parametrize("page", [0, 100])
def test_raw_history_page_by_page(server: OpcUaImitation, page: int) -> None:
    server.page = page
    with Session(60) as session:
        result = opened(server, session).metrics(NEED)
    assert result.status is Status.OK, result.problems
    (series,) = result.value
    assert (series.service, series.name, series.unit) == ("press", "temp", "Cel")
    assert series.values.tolist() == list(range(600)) and series.times[0] == START
    assert server.asked[0] == "ReadProcessedDetails" and "HistoryRead Raw" in result.fetches[0].query
    assert server.asked.count("ReadRawModifiedDetails") == (7 if page else 1)


def test_a_server_that_stops_at_what_was_asked_for_without_saying_so(server: OpcUaImitation) -> None:
    """asyncua's server gives no continuation point where NumValuesPerNode ends its answer."""
    with Session(60) as session:
        (series,) = opened(server, session, "Dense").metrics(NEED).value
    assert series.values.tolist() == list(range(12_000))


def test_averages_are_computed_by_the_server(server: OpcUaImitation) -> None:
    server.averages = True
    with Session(60) as session:
        result = opened(server, session, "Gaps").metrics(NEED)
    assert result.status is Status.OK and result.count == 8
    (series,) = result.value
    assert series.values[:3].tolist() == [29.5, 89.5, 269.5] and series.times[2] == START + 240
    assert server.asked == ["ReadProcessedDetails"] and "Average every 60 s" in result.fetches[0].query


def test_bad_values_are_nan_and_uncertain_ones_are_told(server: OpcUaImitation) -> None:
    with Session(60) as session:
        result = opened(server, session, "Mixed").metrics(NEED)
    assert result.status is Status.PARTIAL
    assert np.isnan(result.value[0].values).tolist() == [False, True, False]
    assert {problem.message for problem in result.problems} == {
        "1 values have a bad status: set to NaN",
        "1 values are uncertain",
    }


def test_browsing_finds_variables_and_stops_at_the_limit(server: OpcUaImitation) -> None:
    with Session(60) as session:
        result = opened(server, session, nodes={}, browse=[server.press]).metrics(NEED)
        assert {one.name for one in result.value} == {"Temp", "Gaps", "Dense", "Mixed"}
    with Session(60) as session:
        result = opened(server, session, nodes={}, browse=["i=85"], depth=2, most_nodes=20).metrics(NEED)
        assert ("Press", "Temp") in {(one.service, one.name) for one in result.value}
    with Session(60) as session:
        result = opened(server, session, nodes={}, browse=[server.press], most_nodes=2).metrics(NEED)
        assert len(result.value) == 2 and result.status is Status.TRUNCATED


def test_a_node_that_is_not_there_does_not_take_the_others_with_it(server: OpcUaImitation) -> None:
    nodes = {"ns=2;s=Absent": {"name": "absent"}, server.nodes["Temp"]: {"name": "temp"}}
    with Session(60) as session:
        result = opened(server, session, nodes=nodes).metrics(NEED)
    assert result.status is Status.PARTIAL and [one.name for one in result.value] == ["temp"], result


def test_a_user_with_a_password(monkeypatch: pytest.MonkeyPatch) -> None:
    options = {"username": "andon", "password": "${env:PLANT_PASSWORD}"}
    with OpcUaImitation({"Temp": TEMP}, users={"andon": PASSWORD}) as server:
        with Session(60) as session:
            assert opened(server, session, **options).metrics(NEED).status is Status.OK
        monkeypatch.setenv("PLANT_PASSWORD", "wrong-password-of-ours")
        with Session(60) as session:
            result = opened(server, session, **options).metrics(NEED)
            assert result.status is Status.DENIED and "wrong-password" not in repr(result), result


def test_signed_and_encrypted_with_the_server_that_is_named(tmp_path: Path) -> None:
    ours, theirs, other = (certified(tmp_path, name) for name in ("andon", "server", "other"))
    secured = {"certificate": ours[0], "private_key": ours[1], "server_certificate": theirs[0]}
    with OpcUaImitation({"Temp": TEMP}, certificate=theirs[0], key=theirs[1]) as server:
        with Session(60) as session:
            result = opened(server, session, **secured).metrics(NEED)
            assert result.status is Status.OK, result.problems
        with Session(20) as session:
            result = opened(
                server, session, **secured | {"server_certificate": other[0]}, limits={"timeout": 3.0}
            ).metrics(NEED)
            assert result.status is Status.FAILED and not result.count


def certified(folder: Path, name: str) -> tuple[str, str]:
    """A certificate of our own making, and its key, as PEM files."""
    from datetime import UTC, datetime, timedelta

    from cryptography import x509
    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa

    key = rsa.generate_private_key(public_exponent=65537, key_size=2048)
    subject = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, name)])
    now = datetime.now(UTC)
    names = x509.SubjectAlternativeName([x509.UniformResourceIdentifier("urn:andon")])
    builder = x509.CertificateBuilder(subject, subject, key.public_key(), x509.random_serial_number())
    builder = builder.not_valid_before(now - timedelta(days=1)).not_valid_after(now + timedelta(days=1))
    made = builder.add_extension(names, critical=False).sign(key, hashes.SHA256())
    (folder / f"{name}.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    plain = serialization.NoEncryption()
    private = key.private_bytes(serialization.Encoding.PEM, serialization.PrivateFormat.PKCS8, plain)
    (folder / f"{name}.key.pem").write_bytes(private)
    return f"{folder}/{name}.pem", f"{folder}/{name}.key.pem"


def test_check(server: OpcUaImitation) -> None:
    with Session(60) as session:
        checks = opened(server, session, "Fresh").check()
    told = {check.what: (str(check.state), check.found) for check in checks}
    assert (
        told["reach"][0] == "ok"
        and told["nodes"] == ("ok", "1 variables")
        and told["clock"] == ("ok", "as ours")
    )
    assert told["security"][0] == "warning" and told[server.nodes["Fresh"]][0] == "ok", told


@pytest.mark.parametrize("fault", [LineFault.STALLED, LineFault.DROPPED, LineFault.GARBAGE])
@pytest.mark.parametrize("after", [0, 3_000], ids=["at once", "in the middle of an answer"])
def test_a_line_that_fails(server: OpcUaImitation, fault: LineFault, after: int) -> None:
    with (
        FaultyLine(fault, upstream=server.port, after=after) as line,
        Session(4) as session,
    ):
        began = time.monotonic()
        options = {"url": f"opc.tcp://127.0.0.1:{line.port}", "limits": {"timeout": 2.0}}
        result = opened(server, session, **options).metrics(NEED)
        assert time.monotonic() - began < 6
        assert result.status is Status.FAILED and not result.count, result


def test_nobody_listens_and_cancelling() -> None:
    nodes = {"ns=2;s=x": {"name": "x"}}
    for fault in (LineFault.REFUSED, LineFault.STALLED):
        with FaultyLine(fault) as line, Session(3) as session:
            options = {"url": f"opc.tcp://127.0.0.1:{line.port}", "nodes": nodes, "limits": {"timeout": 2.0}}
            connector = open_class(OpcUaConnector, "plant", options, session)
            if fault is LineFault.STALLED:
                session.cancel()
            began = time.monotonic()
            assert connector.metrics(NEED).status is Status.FAILED
            assert connector.check()[0].state == "failed"
            assert time.monotonic() - began < 3


def test_a_budget_ends_it(server: OpcUaImitation) -> None:
    server.page = 100
    with Session(60) as session:
        result = opened(server, session, limits={"answer_bytes": 4096}).metrics(NEED)
        assert any("larger than" in problem.message for problem in result.problems)
        assert result.status in (Status.TRUNCATED, Status.PARTIAL)
