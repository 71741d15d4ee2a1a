"""Accounts, regions and roles as they may be stated."""

from __future__ import annotations

from typing import Any

import pytest
from pydantic import ValidationError

from andon.connectors.aws.config import AwsConfig, Place, account_of
from andon.connectors.unanswered import Unanswered
from andon.telemetry import Status

A, B = "111122223333", "444455556666"


def config(**options: Any) -> AwsConfig:
    scope = {"accounts": [A, B], "regions": ["eu-central-1"]} | options.pop("scope", {})
    return AwsConfig.model_validate({"kind": "cloudtrail", "scope": scope} | options)


def test_accounts_are_a_list_or_have_roles_of_their_own():
    own = f"arn:aws:iam::{B}:role/audit"
    stated = config(role="arn:aws:iam::{account}:role/r", scope={"accounts": {A: None, B: {"role": own}}})
    assert stated.access(A).role == f"arn:aws:iam::{A}:role/r"
    assert stated.access(B).role == own
    assert config().access(A).role == ""


def test_the_external_id_is_that_of_the_account_or_of_all():
    stated = config(
        external_id="${env:ALL}", scope={"accounts": {A: None, B: {"external_id": "${env:ITS_OWN}"}}}
    )
    assert (stated.access(A).external_id, stated.access(B).external_id) == ("${env:ALL}", "${env:ITS_OWN}")


@pytest.mark.parametrize(
    "wrong",
    [
        {"scope": {"accounts": ["1234"]}},
        {"scope": {"accounts": []}},
        {"scope": {"regions": []}},
        {"scope": {"regions": ["eu-central-1.evil.example"]}},
        {"scope": {"accounts": {A: {"role": f"arn:aws:iam::{B}:role/r"}}}},
        {"role": "not a role"},
        {"role": f"arn:aws:iam::{A}:role/r"},
        {"external_id": "written-down"},
        {"verify": False},
    ],
    ids=str,
)
def test_what_cannot_be_meant_is_refused(wrong: dict[str, Any]):
    with pytest.raises(ValidationError):
        config(**wrong)


def test_a_scope_is_every_account_in_every_region():
    stated = config(scope={"regions": ["eu-central-1", "us-east-1"]})
    assert [str(place) for place in stated.scope.places()] == [
        f"{A}/eu-central-1",
        f"{A}/us-east-1",
        f"{B}/eu-central-1",
        f"{B}/us-east-1",
    ]


@pytest.mark.parametrize("place", [Place("999988887777", "eu-central-1"), Place(A, "eu-west-1")], ids=str)
def test_other_places_are_refused(place: Place):
    with pytest.raises(Unanswered, match=r"outside the scope of source trail") as refused:
        config().scope.admit(place, "trail")
    assert refused.value.status is Status.DENIED


def test_the_account_of_an_arn():
    assert account_of(f"arn:aws:logs:eu-central-1:{A}:log-group:/a") == A
    assert account_of("not an arn") == account_of("") == ""
