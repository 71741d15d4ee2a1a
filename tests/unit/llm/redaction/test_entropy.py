from __future__ import annotations

import random
import string

import pytest

from andon.llm.redaction.entropy import find_random, is_random

ALNUM = string.ascii_letters + string.digits


def found(text):
    return [text[span.start : span.end] for span in find_random(text)]


@pytest.mark.parametrize(
    "piece",
    [
        "4bf92f3577b34da6a3ce929d0e0e4736",
        "9B0FC8E09AE1ABB0144CE57018FC1E13D23ABD10",
        "RetryUpToMaximumCountWithFixedSleep",
        "ConcurrentMessageListenerContainer2Adapter",
        "01ARZ3NDEKTSV4RRFFQ69G5FAV",
        "aws0applicationelb0target0response0time",
    ],
)
def test_identifiers_and_names_are_not_random(piece):
    assert not is_random(piece)


def test_drawn_strings_are_random():
    rng = random.Random(3)
    drawn = ["".join(rng.choices(ALNUM, k=40)) for _ in range(500)]
    assert sum(map(is_random, drawn)) >= 498


def test_the_whole_run_is_hidden():
    assert found("id aB3xY9kQ2mN7pL4sT6vRw8Zc1De5FgH0 end") == ["aB3xY9kQ2mN7pL4sT6vRw8Zc1De5FgH0"]


def test_paths_keep_their_other_parts():
    assert found("/srv/objects/aB3xY9kQ2mN7pL4sT6vRw8Zc1De5FgH0/meta") == ["aB3xY9kQ2mN7pL4sT6vRw8Zc1De5FgH0"]


@pytest.mark.parametrize(
    "before", ['"traceId":"', "request-id: ", "etag=", "SHA256:", "sha512-", "x-amz-id-2: "]
)
def test_what_is_announced_as_an_identifier_stays(before):
    assert found(before + "aB3xY9kQ2mN7pL4sT6vRw8Zc1De5FgH0") == []
