from __future__ import annotations

import pytest

from andon.demo.extras import require
from andon.errors import MissingExtra


def test_a_missing_library_names_the_extra():
    with pytest.raises(MissingExtra, match="needs surely_not_installed") as missing:
        require("surely_not_installed.client")
    assert "andon[demo]" in missing.value.hint


def test_an_installed_module_is_given():
    assert require("json.decoder").JSONDecoder
