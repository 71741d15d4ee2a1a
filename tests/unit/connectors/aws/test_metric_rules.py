"""Statistics, units and services by the names of metrics and dimensions."""

from __future__ import annotations

import pytest

from andon.connectors.aws.metric_rules import resource_name, service_named, statistics, unit_of_metric


@pytest.mark.parametrize(
    ("namespace", "metric", "expected", "unit"),
    [
        ("AWS/Lambda", "Errors", ("Sum",), ""),
        ("AWS/Lambda", "Invocations", ("Sum",), ""),
        ("AWS/Lambda", "Duration", ("Average", "p99"), "ms"),
        ("AWS/Lambda", "ConcurrentExecutions", ("Maximum",), ""),
        ("AWS/ApplicationELB", "TargetResponseTime", ("Average", "p99"), "s"),
        ("AWS/ApplicationELB", "HTTPCode_Target_5XX_Count", ("Sum",), ""),
        ("AWS/ApplicationELB", "UnHealthyHostCount", ("Maximum",), ""),
        ("AWS/ApplicationELB", "HealthyHostCount", ("Minimum",), ""),
        ("AWS/RDS", "CPUUtilization", ("Maximum",), "%"),
        ("AWS/RDS", "DatabaseConnections", ("Maximum",), ""),
        ("AWS/RDS", "FreeableMemory", ("Minimum",), "By"),
        ("AWS/RDS", "ReadLatency", ("Average", "p99"), "s"),
        ("AWS/SQS", "ApproximateAgeOfOldestMessage", ("Maximum",), ""),
        ("AWS/SQS", "NumberOfMessagesSent", ("Sum",), ""),
        ("AWS/EC2", "NetworkIn", ("Sum",), "By"),
        ("Shop", "checkout_latency", ("Average", "p99"), ""),
    ],
)
def test_rules(namespace: str, metric: str, expected: tuple[str, ...], unit: str):
    assert statistics(metric) == expected
    assert unit_of_metric(namespace, metric) == unit


@pytest.mark.parametrize(
    ("dimensions", "service"),
    [
        ({"FunctionName": "checkout", "Resource": "checkout:live"}, "checkout"),
        ({"ClusterName": "prod", "ServiceName": "pay"}, "pay"),
        ({"ClusterName": "prod"}, "prod"),
        ({"LoadBalancer": "app/shop/50dc6c495c0c9188", "TargetGroup": "targetgroup/cart/943f"}, "shop"),
        ({"TargetGroup": "targetgroup/cart/943f017f100becff"}, "cart"),
        ({"StateMachineArn": "arn:aws:states:eu-central-1:111122223333:stateMachine:Refund"}, "Refund"),
        ({"Environment": "prod"}, ""),
    ],
)
def test_the_dimension_that_names_the_resource(dimensions: dict[str, str], service: str):
    assert service_named(dimensions) == service


def test_ones_own_dimensions_can_be_named():
    assert service_named({"Team": "a", "FunctionName": "b"}, ("Team",)) == "a"
    assert resource_name("plain") == "plain"
