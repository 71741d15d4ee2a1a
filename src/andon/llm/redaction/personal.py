"""Personal data by their form: e-mail addresses, payment cards, phone numbers, IP addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator
from ipaddress import ip_address

from andon.llm.redaction.spans import CARD, EMAIL, IP, PHONE, Span

__all__ = ["find_addresses", "find_cards", "find_emails", "find_phones", "is_card"]

_EMAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]++@(?P<host>(?:[\w-]{1,63}\.){1,10}(?P<top>[^\W\d_]{2,24}|xn--[\w-]{2,59}))(?![\w-])"
)
NO_TOP_DOMAINS = frozenset(
    "service socket target timer mount automount slice scope path device swap js jsx ts tsx mjs cjs vue css map".split()
)
_USERINFO = re.compile(r"://[^\s/?#\"'<>]*\Z")

_SPACE = "[ \u00a0\u2007\u202f-]|[\u2010-\u2013]"
_CARD_WHOLE = re.compile(r"[2-6](?<![\w.-].)\d{12,18}(?!\w|[.-]\d)", re.DOTALL)
_CARD_GROUPED = re.compile(
    rf"(?<![\w.])(?=(?P<number>\d{{4}}(?:{_SPACE})(?:\d{{4}}(?:{_SPACE})\d{{4}}(?:{_SPACE})\d{{1,4}}|\d{{6}}(?:{_SPACE})\d{{4,5}}))"
    rf"(?!\d)(?P<more>(?:{_SPACE})\d{{1,3}}(?!\d))?)"
)
_LENGTHS = (
    (re.compile(r"4"), (13, 16, 19)),
    (re.compile(r"5[1-5]|222[1-9]|22[3-9]|2[3-6]|27[01]|2720"), (16,)),
    (re.compile(r"3[47]"), (15,)),
    (re.compile(r"3(?:0[0-5]|[689])"), (14,)),
    (re.compile(r"6011|64[4-9]|65"), (16, 19)),
    (re.compile(r"35(?:2[89]|[3-8])"), (16,)),
    (re.compile(r"62"), (16, 17, 18, 19)),
    (re.compile(r"50|5[6-9]|6[0137]"), (16,)),
)

_PHONE_FORMS = (
    # +491701234567
    r"(?<=\+)[1-9]\d{9,14}",
    # +49 170 1234567, +1 (415) 555-2671, +44 (0)20 7946 0958
    r"(?<=\+)[1-9]\d{0,2}[ .\-/]{0,2}(?:\(0?\)[ ]?)?\(?\d{1,4}\)?(?:[ .\-/]{1,2}\d{2,8}){1,4}",
    # 0049 170 1234567
    r"(?<=0)0[1-9]\d{0,2}[ .\-/]\(?\d{2,4}\)?(?:[ .\-/]{1,2}\d{2,8}){1,4}",
    # (415) 555-2671
    r"(?<=\()[2-9]\d{2}\) ?[2-9]\d{2}[ .-]\d{4}",
    # 415-555-2671, 415.555.2671, 1-415-555-2671
    r"(?:(?<=[2-9])|(?<=1)[ -]\(?[2-9])\d{2}(?:\) |(?P<dash>[.-]))[2-9]\d{2}[.-]\d{4}",
    # (030) 1234567
    r"(?<=\()0[1-9]\d{1,4}\) ?\d{3,8}(?:[ -]\d{2,5}){0,2}",
    # 0170/1234567, 020 7946 0958
    r"(?<=0)[1-9]\d{1,3}[/ -]\d{3,8}(?:[ -]\d{3,5}){0,2}",
    # 01 23 45 67 89
    r"(?<=0)(?<![0-9A-Fa-f] .)[1-9](?P<gap>[ .])\d{2}(?:(?P=gap)\d{2}){3}(?! ?\w)",
)
_PHONES = re.compile(rf"[+(0-9](?<![\w+.-].)(?:{'|'.join(_PHONE_FORMS)})(?!\w|[.:-]\d)", re.DOTALL)
_PHONE_NAMED = re.compile(
    r"(?i)(?:phone|mobile|telephone|tel|fax|msisdn|cell|whatsapp|caller)(?:[_ -]?(?:number|no|nr))?"
    r"\\{0,3}[\"']?[ \t]{0,4}[:=][ \t]{0,4}\\{0,3}[\"']?(?P<number>\+?\(?\d(?:[ .\-/()]{0,2}\d){5,14})(?!\w|[.-]\d)"
)
FEWEST_DIGITS = 8
MOST_DIGITS = 15

_IP = re.compile(
    r"(?<![\w.:])(?:\d{1,3}(?:\.\d{1,3}){3}(?![\w]|\.\d)|(?:[0-9A-Fa-f]{0,4}:){2,7}[0-9A-Fa-f.]{0,15}(?![\w:]))"
)


def find_emails(text: str) -> Iterator[Span]:
    """E-mail addresses; no systemd units, no places in scripts, no logins of URLs, no `git@host:path`."""
    if "@" not in text:
        return
    for found in _EMAIL.finditer(text):
        start, end = found.span()
        if found["top"].lower() in NO_TOP_DOMAINS:
            continue
        if _USERINFO.search(text, max(0, start - 200), start):
            continue
        if found[0].startswith("git@") and text[end : end + 1] == ":":
            continue
        yield Span(start, end, EMAIL)


def find_cards(text: str) -> Iterator[Span]:
    """Numbers of payment cards: a known prefix, its length, and a right check digit."""
    for found in _CARD_WHOLE.finditer(text):
        if is_card(found[0]):
            yield Span(*found.span(), CARD)
    for found in _CARD_GROUPED.finditer(text):
        start = found.start()
        for end in (found.end("more"), found.end("number")):
            if end > start and is_card(re.sub(r"\D", "", text[start:end])):
                yield Span(start, end, CARD)
                break


def is_card(digits: str) -> bool:
    """Whether these digits are a card's (ISO/IEC 7812-1: Luhn's check digit; prefixes and lengths of the makers)."""
    known = any(prefix.match(digits) and len(digits) in lengths for prefix, lengths in _LENGTHS)
    if not known or not digits.isascii():
        return False
    doubled = (int(digit) * 2 for digit in digits[-2::-2])
    total = sum(map(int, digits[-1::-2])) + sum(twice - 9 if twice > 9 else twice for twice in doubled)
    return total % 10 == 0


def find_phones(text: str) -> Iterator[Span]:
    """Phone numbers: international (ITU-T E.123, E.164), common national forms, and any form after such a name."""
    for found in _PHONES.finditer(text):
        if FEWEST_DIGITS <= sum(map(str.isdigit, found[0])) <= MOST_DIGITS:
            yield Span(*found.span(), PHONE)
    for found in _PHONE_NAMED.finditer(text):
        yield Span(*found.span("number"), PHONE)


def find_addresses(text: str) -> Iterator[Span]:
    """IPv4 and IPv6 addresses; times of day, MAC addresses and `std::` are none."""
    for found in _IP.finditer(text):
        written = found[0].rstrip(".")
        if not any(map(str.isdigit, written)) and written != "::1":
            continue
        try:
            ip_address(written)
        except ValueError:
            continue
        yield Span(found.start(), found.start() + len(written), IP)
