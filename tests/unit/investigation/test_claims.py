from __future__ import annotations

from andon.investigation.claims import Binding, Claim


def bound(observation: str, text: str) -> Binding:
    return Binding(observation, "field", {"path": []}, "text", text)


def test_the_sentence_is_the_rendering_of_the_bindings() -> None:
    claim = Claim("{n} of {m} failed", {"n": bound("traces-1", "3"), "m": bound("traces-2", "4")})
    assert claim.text == "3 of 4 failed"
    assert claim.observations == ("traces-1", "traces-2")


def test_an_observation_is_cited_once() -> None:
    assert Claim("{a}{b}", {"a": bound("logs-1", ""), "b": bound("logs-1", "")}).observations == ("logs-1",)


def test_braces_in_what_was_observed_are_text() -> None:
    assert Claim("{a}", {"a": bound("logs-1", "{b} {0.__class__}")}).text == "{b} {0.__class__}"
