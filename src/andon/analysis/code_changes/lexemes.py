"""What a line of code is made of, whatever the language: words, calls, texts, conditions.

A reading of the surface, not a parse: it serves Go, Python, JavaScript, TypeScript, Java, SQL,
YAML, Terraform and their like alike. Every pattern is bounded, so hostile lines cost little.
"""

from __future__ import annotations

import re
from collections import Counter

__all__ = [
    "calls",
    "condition",
    "definition",
    "identifiers",
    "is_import",
    "normal",
    "operators",
    "setting",
    "strings",
    "uncommented",
    "words",
]

_STRING = re.compile(r'"((?:[^"\\]|\\.)*)"|\'((?:[^\'\\]|\\.)*)\'|`([^`]*)`')
_IDENTIFIER = re.compile(r"[A-Za-z_$][\w$]*")
_WORD = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|\d+")
_CALL = re.compile(
    r"(?<![\w$.])([A-Za-z_$][\w$]{0,80}(?:(?:\?\.|\.|->|::)[A-Za-z_$][\w$]{0,80}){0,8})"
    r"!?(?:\[[^\[\]()]{0,60}\]|<[^<>()]{0,60}>)?\("
)
_CHAINED = re.compile(r"[)\]]\s?\??\.([A-Za-z_$][\w$]{0,80})(?:<[^<>()]{0,60}>)?\(")
_DECORATOR = re.compile(r"\s*@([A-Za-z_][\w.]{0,80})")
_DEFINITION = re.compile(
    r"\s*(?:export\s+|default\s+|public\s+|private\s+|protected\s+|static\s+|final\s+|async\s+|override\s+|pub\s+)*"
    r"(?:func|function\*?|def|fn|fun|sub)\s*(?:\([^()]{0,80}\)\s*)?([A-Za-z_$][\w$]{0,80})"
)
_CONDITION = re.compile(
    r"(?:^|[\s};])(?:\}?\s*else\s+if|elif|if|unless|guard|while|assert|require|when)\b\s*(.{1,300})"
)
_SETTING = re.compile(
    r"""\s*(?:-\s+)?(?:export\s+)?["']?([A-Za-z_$][\w.$/-]{0,100})["']?\s*(?:=>|:=|[:=])\s*(.{0,300})"""
)
_OPERATOR = re.compile(r"===|!==|==|!=|<=|>=|<<|>>|&&|\|\||\+\+|--|[-+*/%<>!]|\b(?:and|or|not|in|is)\b")
_PREPROCESSOR = ("#include", "#define", "#if", "#endif", "#else", "#pragma", "#undef", "#[", "#!")
_KEYWORDS = frozenset(
    "if for while switch return func function def fn fun catch elif else match when case unless until with in not and or "
    "await async new throw raise select go defer yield assert except lambda typeof sizeof import from print".split()
)
_NULLS = re.compile(r"\b(?:nil|null|None|undefined|nullptr)\b")


def uncommented(line: str) -> str:
    """The line without its comment; an all-comment line becomes empty."""
    stripped = line.strip()
    if stripped.startswith(("//", "/*", "*/", "* ", "<!--", "-- ", '"""', "'''")) or stripped in ("*", "--"):
        return ""
    if stripped.startswith("#") and not stripped.startswith(_PREPROCESSOR):
        return "" if stripped[1:2] in ("", " ", "#", "\t") or stripped[1:2].isupper() else line.rstrip()
    quote = ""
    for i, character in enumerate(line):
        if quote:
            if character == quote and line[i - 1] != "\\":
                quote = ""
        elif character in "\"'`":
            quote = character if line.find(character, i + 1) > 0 else ""
        elif (
            character == "/" and line[i + 1 : i + 2] in ("/", "*") and (i == 0 or line[i - 1] in " \t;,{})")
        ) or (character == "#" and i and line[i - 1] in " \t" and line[i + 1 : i + 2] in ("", " ")):
            return line[:i].rstrip()
    return line.rstrip()


def normal(code: str) -> str:
    """The code with white space reduced, so that re-indented lines compare equal."""
    return " ".join(code.split()).rstrip(";,")


def identifiers(code: str) -> list[str]:
    """Names outside string literals, in order, keywords left out."""
    return [name for name in _IDENTIFIER.findall(_STRING.sub('""', code)) if name not in _KEYWORDS]


def strings(code: str) -> list[str]:
    """Contents of the string literals, in order."""
    return [next((g for g in match.groups() if g is not None), "") for match in _STRING.finditer(code)]


def words(name: str) -> list[str]:
    """The lower-case words of a camelCase, snake_case or kebab-case name."""
    return [word.lower() for word in _WORD.findall(name)]


def calls(code: str) -> list[str]:
    """Dotted names of what the line calls or decorates with; definitions and keywords left out."""
    bare = _STRING.sub('""', code)
    defined = _DEFINITION.match(bare)
    start = defined.end() if defined else 0
    decorated = _DECORATOR.match(bare)
    names = [decorated.group(1)] if decorated else []
    called = (match.group(1) for match in _CALL.finditer(bare, start))
    names.extend(re.sub(r"\?\.|->|::", ".", name) for name in called if name not in _KEYWORDS)
    names.extend(f".{match.group(1)}" for match in _CHAINED.finditer(bare, start))
    return names


def definition(code: str) -> str:
    """The name of the function that the line defines, or empty."""
    match = _DEFINITION.match(code)
    return match.group(1) if match else ""


def condition(code: str) -> str:
    """The condition that the line tests, without an initial statement (`if err := f(); err != nil`), or empty."""
    match = _CONDITION.search(code)
    if not match:
        return ""
    text = match.group(1).split("{")[0].strip()
    text = text.rpartition(";")[2].strip() if ";" in text else text
    return normal(text.rstrip(":").removesuffix("then"))


def setting(code: str) -> tuple[str, str] | None:
    """Key and value of a line that assigns one (`key: value`, `key = value`), or None."""
    match = _SETTING.match(code)
    return (match.group(1), match.group(2).strip().rstrip(",;")) if match else None


def operators(code: str) -> Counter[str]:
    """The operators of a line of code, counted; text within quotes does not take part."""
    return Counter(_OPERATOR.findall(_NULLS.sub("null", _STRING.sub('""', code))))


def is_import(code: str) -> bool:
    """Whether the line only brings names into scope."""
    stripped = code.strip()
    if stripped.startswith(
        ("import ", "import(", "import{", "from ", "#include", "using ", "use ", "package ", "require ")
    ):
        return True
    quoted = stripped.rpartition(" ")[2]
    return (
        len(quoted) > 2
        and quoted[0] == quoted[-1] == '"'
        and bool(re.fullmatch(r'"[\w./@-]+"', quoted))
        and (stripped == quoted or re.fullmatch(r"[\w.]+", stripped[: -len(quoted)].strip()) is not None)
    )
