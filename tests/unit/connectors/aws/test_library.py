"""What is said when boto3 is not there."""

from __future__ import annotations

import pytest

from andon.connectors.aws.library import library
from andon.errors import MissingExtra


def test_a_missing_library_names_the_extra():
    with pytest.raises(MissingExtra) as missing:
        library("botocore.there_is_no_such_module")
    assert "andon[aws]" in missing.value.hint


def test_the_library_is_loaded():
    assert library("botocore.exceptions").ClientError
