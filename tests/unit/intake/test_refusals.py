from __future__ import annotations

from typing import Any

import pytest
from google.protobuf import any_pb2, descriptor_pb2, descriptor_pool, duration_pb2, message_factory
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.intake.refusals import Reason, Refusal, status_message


def messages() -> tuple[Any, Any]:
    """google.rpc.Status and RetryInfo, as the libraries of the senders know them."""
    pool = descriptor_pool.DescriptorPool()
    for module in (any_pb2, duration_pb2):
        pool.AddSerializedFile(module.DESCRIPTOR.serialized_pb)
    file = descriptor_pb2.FileDescriptorProto(name="s.proto", package="google.rpc", syntax="proto3")
    file.dependency.extend([any_pb2.DESCRIPTOR.name, duration_pb2.DESCRIPTOR.name])
    status = file.message_type.add(name="Status")
    status.field.add(name="code", number=1, label=1, type=5)
    status.field.add(name="message", number=2, label=1, type=9)
    status.field.add(name="details", number=3, label=3, type=11, type_name=".google.protobuf.Any")
    retry = file.message_type.add(name="RetryInfo")
    retry.field.add(name="retry_delay", number=1, label=1, type=11, type_name=".google.protobuf.Duration")
    pool.Add(file)
    return tuple(  # type: ignore[return-value]
        message_factory.GetMessageClass(pool.FindMessageTypeByName(f"google.rpc.{name}"))
        for name in ("Status", "RetryInfo")
    )


STATUS, RETRY_INFO = messages()


@settings(deadline=None)
@given(st.sampled_from(list(Reason)), st.text(st.characters(exclude_categories=["Cs"]), max_size=400))
def test_a_refusal_is_a_status_that_others_can_read(reason: Reason, message: str) -> None:
    status = STATUS.FromString(status_message(Refusal(reason, message)))
    assert (status.code, status.message) == (reason.code, message)
    assert len(status.details) == reason.passing


@pytest.mark.parametrize("reason", [Reason.OVERLOADED, Reason.UNAVAILABLE])
def test_what_passes_says_when_to_come_again(reason: Reason) -> None:
    (detail,) = STATUS.FromString(status_message(Refusal(reason, "x"))).details
    assert detail.type_url == "type.googleapis.com/google.rpc.RetryInfo"
    assert RETRY_INFO.FromString(detail.value).retry_delay.seconds == 1


def test_both_protocols_agree_on_what_may_be_sent_again() -> None:
    retried_over_http, retried_over_grpc = {429, 502, 503, 504}, {1, 4, 8, 10, 11, 14, 15}
    for reason in set(Reason) - {Reason.SLOW}:
        assert (reason.http in retried_over_http) == (reason.code in retried_over_grpc) == reason.passing
