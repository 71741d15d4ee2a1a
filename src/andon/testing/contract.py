"""What every connector must do, as tests: a connector passes them in five lines.

    class TestAlertmanager(ConnectorContract):
        connector = AlertmanagerConnector
        imitation = functools.partial(AlertmanagerImitation, [FiringAlert({"alertname": "Down"}, 1_781_864_400.0)])
        need = Need(Window(1_781_863_000.0, 1_781_866_000.0))

Only for connectors to systems behind HTTP; others are given their faults by hand.
"""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping
from typing import Any, ClassVar

import pytest

from andon.connectors import Connector, Need, Session, Signal, open_class
from andon.telemetry import Result, Status, Window
from andon.testing.imitation import Fault, Imitation

__all__ = ["LITTLE", "ConnectorContract"]

SECRET = "s3cr3t-token-of-the-contract"
DEADLINE = 1.5
"""Seconds that a run has where nothing is answered at all; the stalled answer takes longer."""
LITTLE = {"retries": 0, "timeout": 0.7, "answer_bytes": 8 << 20, "slices": 4}
"""Limits under which a connector is tried: little patience, and a sample of few slices."""
PATIENCE = 10.0
"""Seconds that it has otherwise: what is far too large takes its time on a busy machine."""
TOLERANCE = 2.0
"""Seconds by which a busy machine may miss the deadline."""

_EXPECTED: Mapping[Fault, frozenset[Status]] = {
    Fault.UNAUTHORIZED: frozenset([Status.DENIED]),
    Fault.FORBIDDEN: frozenset([Status.DENIED]),
    Fault.HUGE: frozenset([Status.TRUNCATED]),
    Fault.EMPTY: frozenset([Status.FAILED]),
}
"""FAILED where nothing else is said."""
_HARMLESS = frozenset([Fault.SKEWED])


class ConnectorContract:
    """Inherit, and state `connector`, `imitation` (makes a server that holds something for `need`), and `need`."""

    connector: ClassVar[type[Connector]]
    imitation: ClassVar[Callable[..., Imitation]]
    need: ClassVar[Need] = Need(Window(1_781_863_000.0, 1_781_866_000.0))
    options: ClassVar[Mapping[str, Any]] = {}
    """Further keys of the configuration; `{url}` in a text is the imitation's address."""

    @pytest.fixture(autouse=True)
    def _secret(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setenv("ANDON_CONTRACT_SECRET", SECRET)

    def opened(self, server: Imitation, session: Session) -> Connector:
        """The connector, pointed at the server, with a secret and little patience."""
        options: dict[str, Any] = {"url": server.url, "auth": {"bearer": "${env:ANDON_CONTRACT_SECRET}"}}
        options |= {key: _pointed(value, server.url) for key, value in self.options.items()}
        options["limits"] = LITTLE | dict(options.get("limits", {}))
        if server.fault is not Fault.STALLED:
            options["limits"]["timeout"] = PATIENCE
        return open_class(self.connector, "under-test", options, session)

    def answers(self, connector: Connector) -> dict[Signal, Result[Any]]:
        """What it says to each of its signals."""
        need = self.need
        asks: dict[Signal, Callable[[], Result[Any]]] = {
            Signal.METRICS: lambda: connector.metrics(need),
            Signal.LOGS: lambda: connector.logs(need),
            Signal.TRACES: lambda: connector.spans(need),
            Signal.CHANGES: lambda: connector.changes(need),
            Signal.ALERTS: lambda: connector.alerts(need),
            Signal.TOPOLOGY: connector.topology,
        }
        return {signal: asks[signal]() for signal in self.connector.signals}

    def test_what_it_holds_arrives(self) -> None:
        with self.imitation(token=SECRET) as server, Session(20.0) as session:
            connector = self.opened(server, session)
            for signal, result in self.answers(connector).items():
                assert result.status is Status.OK, (signal, result.problems)
                assert result.count and result.fetches
                assert all(fetch.source == "under-test" and fetch.query for fetch in result.fetches)
                assert any(fetch.bytes for fetch in result.fetches)

    def test_it_only_reads(self) -> None:
        with self.imitation(token=SECRET) as server, Session(20.0) as session:
            connector = self.opened(server, session)
            self.answers(connector)
            connector.check()
            connector.close()
            assert {asked.method for asked in server.asked} <= {"GET", "POST", "DELETE"}

    def test_the_same_question_is_sent_once(self) -> None:
        with self.imitation(token=SECRET) as server, Session(20.0) as session:
            connector = self.opened(server, session)
            first = self.answers(connector)
            before = len(server.asked)
            again = self.answers(connector)
            assert {s: r.count for s, r in again.items()} == {s: r.count for s, r in first.items()}
            assert len(server.asked) - before <= before // 2

    def test_check_tells_what_works(self) -> None:
        with self.imitation(token=SECRET) as server, Session(20.0) as session:
            checks = self.opened(server, session).check()
            assert checks and all(check.state == "ok" for check in checks), checks

    @pytest.mark.parametrize("spared", [0, 1], ids=["from the first request", "from the second request"])
    @pytest.mark.parametrize("fault", [f for f in Fault if f not in _HARMLESS])
    def test_a_fault_is_told_and_nothing_breaks(self, fault: Fault, spared: int) -> None:
        with self.imitation(fault=fault, spared=spared) as server, Session(_given(fault)) as session:
            connector = self.opened(server, session)
            began = time.monotonic()
            answers = self.answers(connector)
            assert time.monotonic() - began < _given(fault) + TOLERANCE
            if not spared:
                for signal, result in answers.items():
                    assert result.status in _EXPECTED.get(fault, {Status.FAILED}), (signal, result)
                    assert not result.count and result.problems
            assert SECRET not in repr(answers)
            connector.close()

    @pytest.mark.parametrize("fault", [f for f in Fault if f not in _HARMLESS])
    def test_check_tells_what_is_wrong(self, fault: Fault) -> None:
        with self.imitation(fault=fault) as server, Session(_given(fault)) as session:
            began = time.monotonic()
            checks = self.opened(server, session).check()
            assert time.monotonic() - began < _given(fault) + TOLERANCE
            assert any(check.state == "failed" for check in checks), checks
            assert SECRET not in repr(checks)

    def test_check_tells_of_a_wrong_clock(self) -> None:
        with self.imitation(fault=Fault.SKEWED) as server, Session(20.0) as session:
            checks = self.opened(server, session).check()
            assert any(check.what == "clock" and check.state == "warning" for check in checks), checks

    def test_cancelling_ends_it_at_once(self) -> None:
        with self.imitation(fault=Fault.STALLED) as server, Session(60.0) as session:
            connector = self.opened(server, session)
            session.cancel()
            began = time.monotonic()
            answers = self.answers(connector)
            assert time.monotonic() - began < TOLERANCE
            assert {result.status for result in answers.values()} == {Status.FAILED}


def _given(fault: Fault) -> float:
    return DEADLINE if fault is Fault.STALLED else PATIENCE


def _pointed(value: Any, url: str) -> Any:
    if isinstance(value, str):
        return value.replace("{url}", url)
    if isinstance(value, Mapping):
        return {key: _pointed(inner, url) for key, inner in value.items()}
    if isinstance(value, list | tuple):
        return [_pointed(inner, url) for inner in value]
    return value
