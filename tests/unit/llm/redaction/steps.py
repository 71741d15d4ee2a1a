"""How much work hiding a text is, counted and read off the patterns; no clock."""

from __future__ import annotations

import re
import sys
from importlib import import_module
from pkgutil import iter_modules
from re import _constants as op
from re import _parser as parser

import andon.llm.redaction

HOSTILE = (
    *(
        "a",
        "4111 ",
        "password=",
        'password="',
        "\\",
        "%41",
        "-eyJ",
        "://a:",
        "a@",
        "a.",
        "+1 ",
        "012 ",
        "[[email-12345678]]",
    ),
    *(
        "bearer+",
        "cookie:a=",
        "SG.xSG.a",
        "-sk-",
        "f:",
        "a/",
        "\u200b",
        "&#64;",
        '="',
        "password,value:",
        "-u a:b ",
    ),
    *("AbCd12", "-----BEGIN PRIVATE KEY-----#", "aGk6aHVudGVyMiF4L3k "),
)


def steps(redactor, text):
    """Calls made while hiding the text, those of C functions among them."""
    count = 0

    def counted(frame, event, argument):
        nonlocal count
        count += event in ("call", "c_call")

    sys.setprofile(counted)
    try:
        redactor.hide(text)
    finally:
        sys.setprofile(None)
    return count


def parsed(pattern):
    return parser.parse(pattern.pattern, pattern.flags)


def unbounded(tree):
    for code, argument in tree:
        if code in (op.MAX_REPEAT, op.MIN_REPEAT) and argument[1] == op.MAXREPEAT:
            yield argument[2]
        elif code in (op.MAX_REPEAT, op.MIN_REPEAT):
            yield from unbounded(argument[2])
        elif code is op.SUBPATTERN:
            yield from unbounded(argument[3])
        elif code is op.BRANCH:
            for branch in argument[1]:
                yield from unbounded(branch)


def patterns():
    for module in iter_modules(andon.llm.redaction.__path__):
        for value in vars(import_module(f"andon.llm.redaction.{module.name}")).values():
            candidates = value.values() if isinstance(value, dict) else [value]
            yield from (each for each in candidates if isinstance(each, re.Pattern))
