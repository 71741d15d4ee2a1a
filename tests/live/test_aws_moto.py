"""The connectors to AWS against a moto server, for what moto does faithfully: roles, metrics, alarms.

Its Logs Insights ignores most of a query, it has no percentiles, no history of alarms and no CloudTrail lookups: those are
proved against our own imitations.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest

from andon.connectors import Need, Session, open_class
from andon.connectors.aws import CloudWatchConnector, metric_data
from andon.connectors.aws.config import Place
from andon.telemetry import Status, Window
from live.moto_server import moto_running, signed_in

boto3 = pytest.importorskip("boto3", reason="boto3 is not installed")

A, B, REGION = "123456789012", "444455556666", "eu-central-1"
ROLE = "arn:aws:iam::{account}:role/andon-read"
NOW = time.time() // 60 * 60
WINDOW = Window(NOW - 1800, NOW)


@pytest.fixture(scope="module")
def url() -> Iterator[str]:
    with moto_running() as address:
        yield address


@pytest.fixture(autouse=True)
def _keys(monkeypatch: pytest.MonkeyPatch) -> None:
    signed_in(monkeypatch)


def client_of(url: str, account: str) -> Any:
    """CloudWatch as one who writes in an account sees it."""
    own: dict[str, Any] = {"region_name": REGION, "endpoint_url": url}
    keys = boto3.client("sts", **own).assume_role(
        RoleArn=ROLE.replace("{account}", account), RoleSessionName="writer"
    )["Credentials"]
    return boto3.client(
        "cloudwatch",
        aws_access_key_id=keys["AccessKeyId"],
        aws_secret_access_key=keys["SecretAccessKey"],
        aws_session_token=keys["SessionToken"],
        **own,
    )


@pytest.fixture(scope="module", autouse=True)
def _filled(url: str) -> None:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("AWS_ACCESS_KEY_ID", "AKIAIOSFODNN7EXAMPLE")
        patch.setenv("AWS_SECRET_ACCESS_KEY", "any-secret-key")
        for account, value in ((A, 2.0), (B, 7.0)):
            client = client_of(url, account)
            for minute in range(30):
                moment = datetime.fromtimestamp(NOW - 1800 + 60 * minute + 5, UTC)
                point = {
                    "Timestamp": moment,
                    "Dimensions": [{"Name": "service", "Value": "pay"}],
                    "Value": value,
                }
                data = [{"MetricName": name} | point for name in ("Errors", "CPUUtilization")]
                client.put_metric_data(Namespace="Shop", MetricData=data)
            client.put_metric_alarm(
                AlarmName="too-many-errors",
                Namespace="Shop",
                MetricName="Errors",
                Dimensions=[{"Name": "service", "Value": "pay"}],
                Statistic="Sum",
                Period=60,
                EvaluationPeriods=1,
                Threshold=1.0,
                ComparisonOperator="GreaterThanThreshold",
            )
            client.set_alarm_state(AlarmName="too-many-errors", StateValue="ALARM", StateReason="too many")


def opened(url: str, session: Session, **options: Any) -> Any:
    scope = {"accounts": [A, B], "regions": [REGION], "namespaces": ["Shop"]}
    stated = {"endpoint": url, "role": ROLE, "scope": scope} | options
    return open_class(CloudWatchConnector, "watch", stated, session)


def test_sums_and_extremes_of_each_account(url: str):
    with Session(30.0) as session:
        result = opened(url, session).metrics(Need(WINDOW, step=60.0))
    assert result.status is Status.OK, result.problems
    found = {(one.labels["account"], one.name, one.labels["stat"]): set(one.values) for one in result.value}
    assert found == {
        (account, name, stat): {value}
        for account, value in ((A, 2.0), (B, 7.0))
        for name, stat in (("Errors", "sum"), ("CPUUtilization", "max"))
    }
    assert {fetch.place for fetch in result.fetches} == {f"{A}/{REGION}", f"{B}/{REGION}"}


def test_an_average_is_that_of_the_period(url: str):
    with Session(30.0) as session:
        watch = opened(url, session)
        metric = metric_data.Metric(A, "Shop", "Errors", (("service", "pay"),))
        query = metric_data.Query(metric, "Average", 300)
        pages = list(metric_data.fetch(watch.api, Place(A, REGION), watch.config.scope, [query], WINDOW, NOW))
    [[points]] = [found for found, _ in pages]
    assert set(points.values) == {2.0} and points.status == "Complete"


def test_alarms_that_fire_are_described(url: str):
    with Session(30.0) as session:
        watch = opened(url, session)
        found = [one for one, _ in watch_alarms(watch)]
    assert [(one.name, one.firing, one.namespaces) for one in found] == [("too-many-errors", True, ("Shop",))]
    assert found[0].dimensions == {"service": "pay"} and found[0].since > NOW - 60


def watch_alarms(watch: Any) -> Any:
    from andon.connectors.aws.alarms import alarms_in

    return alarms_in(watch.api, Place(B, REGION))


def test_each_account_is_entered_as_the_role(url: str):
    with Session(30.0) as session:
        checks = {check.what: check for check in opened(url, session).check()}
    assert checks[f"sign-in {B}"].found == f"as role andon-read in {B}"
    assert checks[f"metrics {B}/{REGION}"].state == "ok"
    assert checks["clock"].state == "ok"
