"""Journal records in JSON, in all the shapes that systemd writes."""

from __future__ import annotations

from typing import Any

import orjson
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from andon.connectors.journald.records import entries_of, record_of, service_of_entry

VALUE = st.none() | st.text() | st.lists(st.integers(-1, 300) | st.text() | st.none(), max_size=4)


def line(**fields: Any) -> bytes:
    return orjson.dumps({"__REALTIME_TIMESTAMP": "1781864400123456"} | fields)


def test_binary_and_repeated_fields_are_texts() -> None:
    (found,), _ = entries_of(line(MESSAGE=[104, 105, 255], A=["x", "y"], B=None, __CURSOR="c"))
    assert found[1] == {"MESSAGE": "hi\ufffd", "A": "x\ny"}
    assert record_of(found).time == 1_781_864_400.123456


@pytest.mark.parametrize(
    ("fields", "service"),
    [
        ({"_SYSTEMD_UNIT": "nginx.service", "SYSLOG_IDENTIFIER": "n"}, "nginx"),
        ({"_SYSTEMD_UNIT": "user@1000.service", "_SYSTEMD_USER_UNIT": "app.service"}, "app"),
        ({"_SYSTEMD_UNIT": "session-3.scope", "SYSLOG_IDENTIFIER": "sshd"}, "sshd"),
        ({"_SYSTEMD_UNIT": "init.scope", "UNIT": "pay.service", "SYSLOG_IDENTIFIER": "systemd"}, "pay"),
        ({"_SYSTEMD_UNIT": "docker.service", "CONTAINER_NAME": "shop-bff-1"}, "shop-bff-1"),
        ({}, ""),
    ],
)
def test_a_record_belongs_to_its_container_unit_or_program(fields: dict[str, str], service: str) -> None:
    assert service_of_entry(fields) == service


def test_a_record_without_a_message_is_its_fields() -> None:
    (found,), _ = entries_of(line(PRIORITY="3", COREDUMP_EXE="/usr/bin/door"))
    assert "COREDUMP_EXE" in record_of(found).body and record_of(found).severity == 17


@settings(deadline=None)
@given(st.dictionaries(st.sampled_from(["MESSAGE", "PRIORITY", "UNIT", "_TRANSPORT", "X"]), VALUE))
def test_arbitrary_fields_never_crash(fields: dict[str, Any]) -> None:
    entries, strange = entries_of(line(**fields))
    assert len(entries) == 1 and not strange
    record_of(entries[0])


@settings(deadline=None)
@given(st.binary())
def test_arbitrary_output_never_crashes(output: bytes) -> None:
    entries_of(output)
