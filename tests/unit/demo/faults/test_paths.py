from __future__ import annotations

import pytest

from andon.demo.faults.change import COMPONENTS
from andon.demo.faults.paths import REACH


@pytest.mark.parametrize("service", REACH)
def test_every_path_leads_from_the_service_to_an_app(service):
    path = REACH[service].path
    assert path[0] == COMPONENTS.get(service, path[0])
    assert path[-1] in {"iosApp", "androidApp"}
    assert len(set(path)) == len(path)
