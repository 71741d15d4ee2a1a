from __future__ import annotations

from andon.connectors.joined import JoinedSource
from andon.investigation.narration import alerts_told
from andon.investigation.toolbox import Toolbox, content
from andon.investigation.tools import alerts
from andon.investigation.tools.alerts import Alerts
from andon.storage import Ledger
from andon.telemetry import Alert, Result, Window
from andon.testing import MemoryConnector, MemorySource

WINDOW = Window(100.0, 200.0)


class Watch(MemoryConnector):
    """A connector with alerts."""

    def alerts(self, need):
        told = (
            Alert("1", "DoorsDown", 150.0, service="bff"),
            Alert("2", "Disk", 150.0),
            Alert("3", "Muted", 150.0, silenced=True),
            Alert("4", "Over", 10.0, end=50.0),
            Alert("5", "Later", 250.0),
        )
        return Result.of(told, len(told))


def box() -> Toolbox:
    source = JoinedSource((Watch("watch", MemorySource()),), Window(0.0, 300.0))
    return Toolbox((source,), Ledger())


def test_alerts_of_the_window_are_told():
    (found,) = alerts.fired(box(), WINDOW)
    assert [a.name for a in content(found, Alerts).alerts] == ["DoorsDown", "Disk", "Muted"]


def test_those_that_nobody_muted_are_a_note():
    assert list(alerts_told(box(), WINDOW)) == ["Alerts that fired in the incident: DoorsDown at bff, Disk."]


def test_files_are_not_asked():
    assert alerts.fired(Toolbox((MemorySource(),), Ledger()), WINDOW) == ()
