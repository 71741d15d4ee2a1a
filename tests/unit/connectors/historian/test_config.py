from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from andon.connectors.historian import HistorianConfig

ROLE = "arn:aws:iam::111122223333:role/andon-read"


def stated(**options: Any) -> HistorianConfig:
    return HistorianConfig.model_validate({"kind": "historian"} | options)


@pytest.mark.parametrize(
    ("options", "words"),
    [
        ({}, "either `path` or `bucket`"),
        ({"path": "x", "bucket": "drops", "region": "eu-central-1"}, "either `path` or `bucket`"),
        ({"path": "x", "prefix": "y"}, "`prefix` belongs to a `bucket`"),
        ({"bucket": "drops"}, "the `region` of the bucket"),
        ({"bucket": "Dr/ops", "region": "x"}, "bucket"),
        ({"bucket": "drops", "region": "x", "prefix": "../y"}, "a prefix like"),
        ({"bucket": "drops", "region": "x", "prefix": "/y"}, "a prefix like"),
        ({"bucket": "drops", "region": "x", "role": "andon"}, "a role like"),
        (
            {"bucket": "drops", "region": "x", "role": ROLE.replace("111122223333", "{account}")},
            "a role like",
        ),
        ({"bucket": "drops", "region": "x", "external_id": "plain"}, "a secret is named"),
    ],
)
def test_mistakes(options: dict[str, Any], words: str):
    with pytest.raises(ValidationError, match=words):
        stated(**options)


def test_a_prefix_is_a_folder():
    assert stated(bucket="drops", region="x", prefix="a/b").prefix == "a/b/"
    assert stated(bucket="drops", region="x", prefix="a/b/").prefix == "a/b/"
    assert stated(bucket="drops", region="x").prefix == ""


def test_a_role_is_that_of_its_account():
    access = stated(bucket="drops", region="eu-central-1", role=ROLE, external_id="${env:ID}").access()
    assert access.access("111122223333").role == ROLE
    assert access.access("111122223333").external_id == "${env:ID}"


def test_stores_beside_aws_name_their_regions_as_they_like():
    assert stated(bucket="drops", endpoint="http://minio:9000").access().scope.regions == ("us-east-1",)
    assert stated(bucket="drops", endpoint="http://minio:9000", region="hall_3").access().scope.regions == ("hall_3",)  # fmt: skip
