from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import ValidationError

from andon.connectors import Connector, ConnectorConfig, Limits, LocalPath, Need, Session
from andon.telemetry import Status, Window

NEED = Need(Window(0.0, 60.0))


class _Config(ConnectorConfig):
    file: LocalPath


def test_what_is_not_overridden_is_empty():
    with Session() as session:
        bare = Connector("bare", ConnectorConfig(kind="bare"), session)
        results = [ask(NEED) for ask in (bare.metrics, bare.logs, bare.spans, bare.changes, bare.alerts)]
        results += [bare.services(NEED), bare.topology()]
        assert {(result.status, result.count) for result in results} == {(Status.EMPTY, 0)}
        bare.close()


def test_paths_lie_beside_the_configuration(tmp_path):
    config = _Config.model_validate({"kind": "x", "file": "ca.pem"}, context={"folder": tmp_path})
    assert config.file == tmp_path / "ca.pem"
    assert _Config.model_validate({"kind": "x", "file": "~/ca.pem"}).file == Path.home() / "ca.pem"
    absolute = _Config.model_validate({"kind": "x", "file": "/etc/ca.pem"}, context={"folder": tmp_path})
    assert absolute.file == Path("/etc/ca.pem")


@pytest.mark.parametrize(
    "limits", [{"timeout": 0}, {"retries": -1}, {"requests_at_once": 0}, {"slices": 0}, {"byte": 1}]
)
def test_limits_that_are_none_are_refused(limits):
    with pytest.raises(ValidationError):
        Limits.model_validate(limits)
