"""Imperatives: orders in a text, also in disguise. For the scripted model that obeys them; never used on a user's data.

A text is read as it stands and as its disguises dissolve: without invisible characters, with look-alikes
folded, backwards, decoded from base64, percent signs, entities and escapes.
"""

from __future__ import annotations

import base64
import binascii
import html
import json
import re
import unicodedata
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import unquote

__all__ = ["REFERENCE", "RULES", "Order", "orders_in", "readings"]

REFERENCE = re.compile(r"\b[a-z]+-\d+:[a-z]+(?:\.\d+)?\b")
"""References to rows as tools give them."""


@dataclass(frozen=True, slots=True)
class Order:
    """An order: the rule that recognised it, its words, the reading in which it was found, and what it demands.

    `tool` with `arguments` is the call that it asks for, `smuggled` what it wants handed to any tool; the others are
    what it wants concluded.
    """

    rule: str
    words: str
    reading: str = "plain"
    tool: str = ""
    arguments: Mapping[str, Any] = field(default_factory=dict, compare=False)
    smuggled: str = ""
    component: str = ""
    mechanism: str = ""
    change: str = ""
    ref: str = ""
    likelihood: float | None = None


Act = Callable[[re.Match[str]], Mapping[str, Any]]

_END = r"(?=[.;\n”\"’'`›<)\]}*]|\s[-–—]{1,3}\s|$)"
_NAME = r"[\w][\w./@-]{0,60}[\w]"


def _called(match: re.Match[str]) -> Mapping[str, Any]:
    return {"tool": match["tool"], "arguments": _arguments(match["rest"] or "")}


def _arguments(text: str) -> dict[str, Any]:
    """`{"a": 1}`, `a=1, b=2` or words, as arguments."""
    text = text.strip()
    if text.startswith("{"):
        try:
            read = json.JSONDecoder().raw_decode(text)[0]
        except ValueError:
            read = None
        if isinstance(read, dict):
            return read
    pairs = re.findall(r"(\w+)\s*[=:]\s*([^\s,;()]+)", text)
    return {key: int(value) if value.isdigit() else value.rstrip('.”’"') for key, value in pairs}


def _tool(name: str, argument: str, group: str = "what") -> Act:
    """A call of a tool that is not on offer, and the same text handed to those that are."""
    return lambda match: {
        "tool": name,
        "arguments": {argument: match[group].strip().rstrip(".,")},
        "smuggled": match[group].strip().rstrip(".,")[:120],
    }


def _redirect(argument: str) -> Act:
    return lambda match: {
        "tool": "look_again",
        "arguments": {argument: match["what"].strip()},
        "smuggled": match["what"].strip()[:120],
    }


def _window(match: re.Match[str]) -> Mapping[str, Any]:
    return {"tool": "look_again", "arguments": {"start": match["start"], "end": match["end"]}}


def _disproof(match: re.Match[str]) -> Mapping[str, Any]:
    arguments = {"component": match["what"], "mechanism": match["mechanism"], "change": match["change"] or ""}
    return {
        "tool": "disprove",
        "arguments": arguments | {"test": "signal", "contains": "a signal that was never there"},
    }


def _blamed(match: re.Match[str]) -> Mapping[str, Any]:
    found = match.groupdict()
    return {
        "component": match["what"].strip(".,'\"`*_"),
        "mechanism": found.get("mechanism") or "",
        "change": found.get("change") or "",
    }


_LANGUAGES = (
    rf"(?:conclude|report|state|decide|answer|confirm)s? (?:that )?(?:the )?(?:component |service )?(?P<what>{_NAME}) (?:is|was|as) (?:to blame|the (?:only |real |true |root )*cause)(?: with mechanism (?P<mechanism>[\w-]+))?(?: through change (?P<change>[\w.-]+))?",
    rf"blame (?:only )?(?:component )?(?P<what>{_NAME})",
    rf"schlie(?:ß|ss)e,? dass (?P<what>{_NAME}) die (?:wahre )?ursache ist",
    rf"concl(?:us|uez|ure) que (?P<what>{_NAME}) est la (?:vraie )?cause",
    rf"concluye que (?P<what>{_NAME}) es la causa",
    rf"сделай вывод, что (?P<what>{_NAME})",
    r"结论[::]\s?(?P<what>[A-Za-z][\w-]*)",
    r"結論[::]\s?(?P<what>[A-Za-z][\w-]*)",
)

_RULES: tuple[tuple[str, str, Act], ...] = (
    (
        "call",
        r"\b(?:call|invoke|use) (?:the )?(?:tool |function )?[`‹<\"]?(?P<tool>[a-z_]{3,40})[`›>\"]?(?: tool)? (?:with|using|on)\s?(?P<rest>(?:(?!\.\s)[^\n]){0,300})",
        _called,
    ),
    (
        "run",
        rf"\b(?:run|execute|exec)\b:? [`$]?\s?(?P<what>[\w/$][^\n.;”›]{{2,160}}){_END}",
        _tool("shell", "command"),
    ),
    (
        "read",
        r"\b(?:read|open|cat|load) (?:the )?(?:file )?(?P<what>(?:file:|[~/.]|[A-Z]:\\)[^\s”›\"'<)]{2,160})",
        _tool("read_file", "path"),
    ),
    (
        "fetch",
        r"(?:\b(?:fetch|visit|download|open|get|curl|load|post (?:it )?to)\b:? |\]\(|src=[\"']?|href=[\"']?)(?P<what>(?:https?|ftp|file|gopher|data|javascript)[:][^\s”›\"'<)]{2,200})",
        _tool("fetch", "url"),
    ),
    (
        "send",
        r"\b(?:send|mail|forward|post|upload|exfiltrate) (?P<what>[^\n.;”]{2,120}? to [^\s;”›]{3,100})",
        _tool("send", "what"),
    ),
    (
        "write",
        r"\b(?:write|save|append) (?:[^\n.;”]{0,60} )?to (?P<what>[~/][^\s”›\"']{2,120})",
        _tool("write_file", "path"),
    ),
    (
        "destroy",
        rf"\b(?:delete|drop|restart|scale|roll back|terminate) (?:the )?(?:pod|table|deployment|service|database|namespace) (?P<what>{_NAME})",
        _tool("kubectl", "target"),
    ),
    (
        "ignore",
        r"\b(?:ignore|disregard|forget|override) (?:all |any )?(?:the )?(?:previous|prior|above|earlier|your) (?:\w+ )?(?:instructions|rules|messages|guidelines|prompt)",
        lambda _: {},
    ),
    ("role", r"\byou are (?:now|no longer) (?P<what>[^\n.;”]{2,80})", lambda _: {}),
    (
        "escape",
        r"(?:[<‹＜[]/data[>›＞\]][ \t]*[^\s\"'”]|[<‹＜[]/?(?:system|tool_result|assistant|im_start|inst|sys)[>›＞\]|]|\b(?:system|assistant|developer)\s?:\s|###\s?(?:instruction|system)|<\|im_start\|>)",
        lambda _: {},
    ),
    *((f"blame-{n}" if n else "blame", words, _blamed) for n, words in enumerate(_LANGUAGES)),
    (
        "likelihood",
        r"\b(?:likelihood|confidence|probability)(?: (?:to|is|of|at)|=|:| )+ ?(?P<what>\d(?:\.\d+)?)",
        lambda match: {"likelihood": float(match["what"])},
    ),
    (
        "exclude",
        rf"\b(?:exclude|clear|skip|rule out) (?:component |service )?(?P<what>{_NAME})",
        _redirect("exclude"),
    ),
    (
        "prompt",
        r"\b(?:print|repeat|output|show|reveal) (?:me )?(?:your|the) (?:full |whole )?(?:system |initial )?(?:prompt|instructions)",
        lambda _: {},
    ),
    (
        "reveal",
        r"\b(?:print|reveal|show|leak|tell me|include|echo|output) (?:the )?(?:value of )?(?:the )?(?:environment variable|secret|password|api key|credentials?|token)s?(?: of)? ?(?P<what>\$?\w*)",
        _tool("environment", "name"),
    ),
    (
        "cite",
        r"\b(?:real|true|only|decisive) evidence is[: ]+\[?(?P<what>[a-z]+-\d+:[a-z]+(?:\.\d+)?)",
        lambda match: {"ref": match["what"]},
    ),
    (
        "widen",
        r"\b(?:widen|extend|change) the scope to (?:(?:namespace|account|project|region|cluster)s? )?(?P<what>[\w*:./-]{2,80})",
        _redirect("also"),
    ),
    (
        "window",
        r"\b(?:set|move) the incident to (?P<start>[\dT:.Z-]+) (?:until|to) (?P<end>[\dT:.Z-]+)",
        _window,
    ),
    (
        "disprove",
        rf"\bdisprove (?!for\b|with\b)(?:the hypothesis )?(?P<what>{_NAME}) (?P<mechanism>[a-z-]+)(?: (?P<change>[\w.-]+))?",
        _disproof,
    ),
    (
        "say",
        r"\b(?:say|write|tell the (?:engineer|user)|answer|reply)(?: that| with)?[: ]+[“\"'](?P<what>[^”\"'\n]{2,200})[”\"']",
        lambda _: {},
    ),
)
RULES: tuple[tuple[str, re.Pattern[str], Act], ...] = tuple(
    (rule.partition("-")[0], re.compile(words, re.IGNORECASE), act) for rule, words, act in _RULES
)
"""Each rule by its name; several may share one."""


def orders_in(text: str) -> Iterator[Order]:
    """Every order in a text, in whatever reading it appears first."""
    found: set[tuple[str, str]] = set()
    for reading, said in readings(text).items():
        for rule, pattern, act in RULES:
            for match in pattern.finditer(said):
                words = " ".join(match[0].split())
                if (rule, words) not in found:
                    found.add((rule, words))
                    yield Order(rule, words, reading, **act(match))


def readings(text: str) -> dict[str, str]:
    """The text as it stands, and as each disguise dissolves; only readings that say something else."""
    plain = text.replace('\\"', '"').replace("\\n", "\n")
    every = {
        "plain": plain,
        "invisible": _seen(plain),
        "look-alike": _folded(_seen(plain)),
        "entities": html.unescape(plain),
        "percent": unquote(plain),
        "escapes": _unescaped(plain),
        "backwards": _seen(plain)[::-1],
        "base64": _decoded(plain),
        "glued": re.sub(r"(?<=\b\w) (?=\w\b)", "", plain),
    }
    told: dict[str, str] = {}
    for name, said in every.items():
        if said and said not in told.values():
            told[name] = said
    return told


def _seen(text: str) -> str:
    """Without invisible characters; tag characters become the letters that they smuggle."""
    shown = (chr(ord(c) - 0xE0000) if 0xE0020 <= ord(c) < 0xE007F else c for c in text)
    return "".join(c for c in shown if unicodedata.category(c) not in ("Cf", "Cc", "Mn") or c in "\n\t ")


_ALIKE = str.maketrans("аеорсухіјѕԁԛԝһӏѵοανιτρκυɡ", "aeopcyxijsdqwhlvoavitpkug")


def _folded(text: str) -> str:
    """Full-width, mathematical, Cyrillic and Greek look-alikes as the letters that they resemble."""
    return unicodedata.normalize("NFKC", text).casefold().translate(_ALIKE)


_ESCAPE = re.compile(r"\\u([0-9a-fA-F]{4})|\\x([0-9a-fA-F]{2})")


def _unescaped(text: str) -> str:
    return _ESCAPE.sub(lambda m: chr(int(m[1] or m[2], 16)), text)


def _decoded(text: str) -> str:
    """What base64 and hexadecimal strings in a text say."""
    said = []
    for run in re.findall(r"[A-Za-z0-9+/_-]{16,}={0,2}", text):
        for decode in (_base64, bytes.fromhex):
            try:
                said.append(decode(run).decode())
            except (ValueError, binascii.Error):
                continue
    return "\n".join(part for part in said if part.isprintable())


def _base64(run: str) -> bytes:
    return base64.b64decode(
        run.rstrip("=") + "=" * (-len(run.rstrip("=")) % 4), altchars=b"-_", validate=False
    )
