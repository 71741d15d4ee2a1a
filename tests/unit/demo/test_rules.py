from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.demo.rules import Peer, Rule, RuleError, RuleTable

IOS = Peer("sg-ios", "111111111111")
HTTPS = Rule("tcp", 8443, 8443, IOS)

peers = st.one_of(
    st.builds(
        Peer, st.from_regex(r"sg-[0-9a-f]{8}", fullmatch=True), st.from_regex(r"[0-9]{12}", fullmatch=True)
    ),
    st.builds(Peer, st.sampled_from(["10.0.0.0/8", "192.0.2.0/24"])),
)
rules = st.builds(
    lambda low, more, peer: Rule("tcp", low, low + more, peer),
    st.integers(0, 60000),
    st.integers(0, 5000),
    peers,
)


@pytest.fixture
def table() -> RuleTable:
    table = RuleTable()
    table.create("sg-rvm", HTTPS)
    return table


def test_only_what_a_rule_names_may_pass(table):
    assert table.permits("sg-rvm", IOS, 8443)
    assert not table.permits("sg-rvm", IOS, 8444)
    assert not table.permits("sg-rvm", Peer("sg-ios", "222222222222"), 8443)
    assert not table.permits("sg-rvm", Peer("sg-android", "111111111111"), 8443)


def test_another_protocol_does_not_open_tcp():
    assert not Rule("udp", 8443, 8443, IOS).permits(IOS, 8443)
    assert Rule("-1", 0, 65535, IOS).permits(IOS, 8443)


def test_a_revoked_rule_no_longer_permits(table):
    table.revoke("sg-rvm", HTTPS)
    assert not table.permits("sg-rvm", IOS, 8443)


def test_refusals_carry_the_codes_of_ec2(table):
    with pytest.raises(RuleError) as duplicate:
        table.authorize("sg-rvm", HTTPS)
    with pytest.raises(RuleError) as absent:
        table.revoke("sg-rvm", Rule("tcp", 1, 2, IOS))
    with pytest.raises(RuleError) as unknown:
        table.rules("sg-nowhere")
    codes = [refusal.value.code for refusal in (duplicate, absent, unknown)]
    assert codes == ["InvalidPermission.Duplicate", "InvalidPermission.NotFound", "InvalidGroup.NotFound"]


@given(rules)
def test_a_rule_survives_the_form_of_requests(rule):
    assert Rule.of_permission(rule.permission()) == (rule,)


@given(st.lists(rules, unique=True, max_size=6), st.randoms())
def test_revoking_all_that_was_authorised_leaves_nothing(added, shuffle):
    table = RuleTable()
    table.create("sg")
    for rule in added:
        table.authorize("sg", rule)
    shuffle.shuffle(added)
    for rule in added:
        table.revoke("sg", rule)
    assert table.rules("sg") == ()
