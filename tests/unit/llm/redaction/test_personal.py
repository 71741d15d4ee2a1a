from __future__ import annotations

import pytest

from andon.llm.redaction.personal import find_addresses, find_cards, find_emails, find_phones, is_card


def found(find, text):
    return [text[span.start : span.end] for span in find(text)]


@pytest.mark.parametrize(
    "address", ["alice@example.com", "a.b+c@mail.example.co.uk", "bob@bücher.example", "x_y-z@1and1.example"]
)
def test_emails(address):
    assert found(find_emails, f"from <{address}>, 2 s") == [address]


@pytest.mark.parametrize(
    "text",
    [
        "getty@tty1.service",
        "fn@bundle.js:10:5",
        "git@github.com:acme/app.git",
        "https://u:p@example.com/",
        "lodash@4.17.21",
        "app@sha256:abc",
    ],
)
def test_at_signs_of_other_things(text):
    assert found(find_emails, text) == []


@pytest.mark.parametrize(
    "number",
    [
        "4111111111111111",
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "5555 5555 5555 4444",
        "378282246310005",
        "3782 822463 10005",
        "6011111111111117",
        "30569309025904",
        "2223003122003222",
    ],
)
def test_cards(number):
    assert found(find_cards, f"paid with {number}.") == [number]
    assert found(find_cards, f"1234 {number} 9") == [number]


@pytest.mark.parametrize(
    "text",
    [
        "4111111111111112",
        "1706704496789012",
        "blk_-4111111111111111",
        "0.4111111111111111",
        "41111111111111111111",
    ],
)
def test_other_long_numbers(text):
    assert found(find_cards, text) == []


def test_one_wrong_digit_is_no_card():
    right = "4111111111111111"
    for place in range(1, 16):
        assert not is_card(right[:place] + str((int(right[place]) + 1) % 10) + right[place + 1 :])


@pytest.mark.parametrize(
    "number",
    [
        "+491701234567",
        "+49 170 1234567",
        "+1 (415) 555-2671",
        "+44 20 7946 0958",
        "0049 170 1234567",
        "(415) 555-2671",
        "415-555-2671",
        "415.555.2671",
        "1-415-555-2671",
        "(030) 1234567",
        "0170/1234567",
        "0170 1234567",
        "020 7946 0958",
        "01 23 45 67 89",
    ],
)
def test_phones(number):
    assert found(find_phones, f"call {number}, please") == [number]
    assert found(find_phones, f'"{number}"') == [number]


def test_a_number_after_such_a_name_is_a_phone():
    assert found(find_phones, '"phone_number": "5552671123"') == ["5552671123"]


@pytest.mark.parametrize(
    "text",
    [
        "2024-01-31T12:34:56+02:00",
        "081110 001745 4905 INFO",
        "1706704496789",
        "offset +12345678",
        "1.22.333.4444",
        "00 1f 01 23 45 67 89 ab",
        "order 1234-5678-9012",
        "func+0x1234567890",
    ],
)
def test_numbers_of_operations(text):
    assert found(find_phones, text) == []


@pytest.mark.parametrize(
    "address", ["10.0.12.34", "255.255.255.255", "fe80::1", "2001:db8:0:0:0:0:2:1", "::1", "::ffff:10.0.0.1"]
)
def test_ip_addresses(address):
    assert found(find_addresses, f"from {address} to") == [address]


@pytest.mark.parametrize(
    "text", ["12:34:56", "00:1a:2b:3c:4d:5e", "std::vector", "300.1.1.1", "1.2.3.4.5", "be::add"]
)
def test_no_ip_addresses(text):
    assert found(find_addresses, text) == []
