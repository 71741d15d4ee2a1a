from __future__ import annotations

import pytest

from andon.connectors import Signal
from andon.connectors.joined.merging import cut_of, merged
from andon.telemetry import Element, ElementKind, Relationship, Result, Status, Topology

S = Status


@pytest.mark.parametrize(
    ("parts", "whole"),
    [
        ([], S.EMPTY),
        ([S.EMPTY, S.EMPTY], S.EMPTY),
        ([S.OK, S.EMPTY], S.OK),
        ([S.OK, S.FAILED], S.PARTIAL),
        ([S.EMPTY, S.FAILED], S.PARTIAL),
        ([S.FAILED, S.FAILED], S.FAILED),
        ([S.DENIED], S.DENIED),
        ([S.DENIED, S.FAILED], S.FAILED),
        ([S.TRUNCATED, S.EMPTY], S.TRUNCATED),
        ([S.TRUNCATED, S.OK], S.PARTIAL),
    ],
)
def test_the_status_of_the_whole(parts, whole):
    assert merged(Signal.CHANGES, [Result((), status, 0) for status in parts]).status is whole


def element(id_: str, name: str, kind: ElementKind = ElementKind.CONTAINER, parent: str = "") -> Element:
    return Element(id_, kind, name, parent=parent)


def test_an_element_that_two_systems_call_alike_is_one():
    declared = Topology(
        (element("bff", "Mobile BFF"), element("auth", "Auth")), (Relationship("bff", "auth"),)
    )
    seen = Topology(
        (
            element("ns", "shop", ElementKind.DEPLOYMENT_NODE),
            element("shop/mobile-bff", "mobile-bff", parent="ns"),
            element("shop/new", "new"),
        ),
        (Relationship("shop/mobile-bff", "shop/new"),),
    )
    both = merged(Signal.TOPOLOGY, [Result.of(declared, 2), Result.of(seen, 3)]).value
    assert set(both.by_id) == {"bff", "auth", "ns", "shop/new"}
    assert both.callees["bff"] == ("auth", "shop/new")


def test_a_cut_of_what_is_whole_may_be_empty_and_keeps_what_lacks():
    assert cut_of(Result((), S.OK, 5), (), 0).status is S.EMPTY
    assert cut_of(Result((), S.PARTIAL, 5), (), 0).status is S.PARTIAL
