from __future__ import annotations

from andon.connectors.unanswered import Unanswered, broken
from andon.errors import MissingExtra, SourceError
from andon.telemetry import Status


def test_it_is_an_error_of_the_source_with_a_status():
    gap = Unanswered("no", status=Status.DENIED, hint="do this")
    assert isinstance(gap, SourceError)
    assert (gap.message, gap.status, gap.hint) == ("no", Status.DENIED, "do this")
    assert Unanswered("no").status is Status.FAILED


def test_a_defect_is_told_with_its_place_and_without_secrets():
    try:
        {}["open sesame"]
    except KeyError as error:
        gap = broken(error, lambda text: text.replace("open sesame", "***"))
    assert gap.message.startswith("its connector broke at test_unanswered.py:")
    assert "KeyError: '***'" in gap.message and "sesame" not in gap.message
    assert len(broken(ValueError("x" * 10_000), str).message) < 300


def test_what_was_raised_on_purpose_says_itself_what_to_do():
    gap = broken(MissingExtra("not installed", hint="pip install it"), str)
    assert (gap.message, gap.hint, gap.status) == ("not installed", "pip install it", Status.FAILED)
