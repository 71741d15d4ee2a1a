from __future__ import annotations

import itertools
import time

import pytest

from andon.investigation import signs
from andon.investigation.mechanisms import Mechanism, load_mechanisms, mechanism
from andon.telemetry import ChangeEvent, ChangeKind

EVERY = load_mechanisms()
PATTERNS = [(m.slug, s.pattern) for m in EVERY for s in m.signs if s.pattern is not None]
CHARACTERS = 5_000
SECONDS = 0.5
"""A pattern whose time grows with the square of the text needs longer; one that is linear, a hundredth of it."""


def event(kind: ChangeKind, action: str) -> ChangeEvent:
    return ChangeEvent("1", 0.0, kind, action, "x")


def test_slugs_are_unique_and_stable_looking() -> None:
    slugs = [m.slug for m in EVERY]
    assert len(set(slugs)) == len(slugs)
    assert all(slug == slug.lower() and slug.replace("-", "").isalnum() for slug in slugs)


@pytest.mark.parametrize("one", EVERY, ids=lambda m: m.slug)
def test_a_mechanism_is_whole(one: Mechanism) -> None:
    assert one.title
    assert one.statement
    assert one.remedy
    assert one.check
    assert one.needs <= {sign.sign for sign in one.signs}
    assert all(0 < sign.weight < 1 for sign in one.signs)
    assert all(sign.pattern is not None for sign in one.signs if sign.sign == "log")
    assert all(sign.words for sign in one.signs if sign.sign in ("metric", "reading"))


@pytest.mark.parametrize("one", EVERY, ids=lambda m: m.slug)
def test_every_sign_has_a_reader(one: Mechanism) -> None:
    assert {sign.sign for sign in one.signs} <= set(signs._READERS)


def test_every_reader_has_a_sign() -> None:
    assert set(signs._READERS) == {sign.sign for m in EVERY for sign in m.signs}


@pytest.mark.parametrize("text", ["a", "a ", "ab", "tls ", "x.", "0", "connection ", "timed "])
def test_patterns_are_fast_on_long_lines(text: str) -> None:
    line = "".join(itertools.islice(itertools.cycle(text), CHARACTERS))
    for slug, pattern in PATTERNS:
        before = time.process_time()
        pattern.search(line)
        assert time.process_time() - before < SECONDS, f"{slug}: {pattern.pattern}"


@pytest.mark.parametrize("slug_and_pattern", PATTERNS, ids=lambda pair: pair[0])
def test_a_pattern_does_not_fit_everything(slug_and_pattern: tuple[str, object]) -> None:
    _, pattern = slug_and_pattern
    assert hasattr(pattern, "search")
    assert pattern.search("") is None
    assert pattern.search("handled request 17") is None


def test_a_mechanism_is_found_by_its_slug() -> None:
    assert all(mechanism(one.slug) is one for one in EVERY)
    with pytest.raises(KeyError):
        mechanism("gremlins")


def test_a_removed_network_rule_is_set_off_by_its_call_in_any_case() -> None:
    rule = mechanism("network-rule-removed")
    for action in ("RevokeSecurityGroupIngress", "revokesecuritygroupingress"):
        assert rule.set_off_by(event(ChangeKind.CONTROL_PLANE, action))
    assert not rule.set_off_by(event(ChangeKind.CONTROL_PLANE, "DescribeSecurityGroups"))


def test_a_deploy_sets_something_off() -> None:
    assert any(one.set_off_by(event(ChangeKind.DEPLOY, "anything")) for one in EVERY)
