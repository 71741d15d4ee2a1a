from __future__ import annotations

import random

import pytest

from andon.llm.redaction.shapes import SHAPES, find_private_keys, find_shapes
from unit.llm.redaction.planted import tokens

TOKENS = tokens(random.Random(1))
UNSHAPED = {"random", "random base64", "card", "user:pass"}
BODY = "\n".join("MIIEvQIBADANBgkqhkiG9w0BAQEFAASCBKcwggSjAgEAAoIBAQC7VJTUt9Us8cKj"[:64] for _ in range(5))
PEM = f"-----BEGIN RSA {'PRIVATE'} KEY-----\n{BODY}\n-----END RSA {'PRIVATE'} KEY-----"


def found(text, find=find_shapes):
    return [text[span.start : span.end] for span in find(text)]


@pytest.mark.parametrize("kind", sorted(set(TOKENS) - UNSHAPED))
def test_tokens_are_found_whole(kind):
    secret = TOKENS[kind].removeprefix("https://")
    assert secret in found(f'see "{secret}", please')


@pytest.mark.parametrize(
    "text",
    [
        "task-proj-management-of-teams",
        "risk-1234567890",
        "myAKIAIOSFODNN7EXAMPLE0",
        "glossary-of-terms-and-conditions",
    ],
)
def test_pieces_of_words_are_no_tokens(text):
    assert found(text) == []


def test_private_keys_span_lines():
    assert found(f"key:\n{PEM}\nnext", find_private_keys) == [PEM]


def test_private_keys_with_prefixed_lines():
    logged = "\n".join(f"12:00:0{i} app | {line}" for i, line in enumerate(PEM.split("\n")))
    (key,) = found(logged + "\nnext line", find_private_keys)
    assert key.startswith("-----BEGIN") and key.endswith("KEY-----") and BODY[:64] in key


def test_cut_off_private_keys_are_found_to_their_end():
    (key,) = found(PEM[:200], find_private_keys)
    assert key == PEM[:200]


def test_public_keys_and_certificates_are_no_secrets():
    assert found(PEM.replace("RSA PRIVATE", "PUBLIC"), find_private_keys) == []


def test_each_shape_has_its_anchor():
    assert len(SHAPES) > 50 and all(SHAPES.values())
