"""Which names announce a secret: `DB_PASSWORD` and `apiKey` do, `password_policy` and `tokenCount` do not."""

from __future__ import annotations

import re
from functools import lru_cache
from itertools import pairwise
from typing import Final

__all__ = ["is_placeholder", "is_sensitive"]

WORDS: Final = frozenset(
    "password passwords passwd passphrase passcode pwd pass pw secret secrets token credential credentials creds"
    " cvv cvv2 cvc cvc2 authorization cookie jsessionid phpsessid mfa".split()
)
GLUED: Final = (
    "password",
    "passwd",
    "passphrase",
    "pwd",
    "userpass",
    "dbpass",
    "sshpass",
    "keypass",
    "storepass",
    "secret",
    "token",
    "apikey",
    "secretkey",
    "accesskey",
    "privatekey",
    "accountkey",
    "authkey",
    "licensekey",
)
KEYS: Final = frozenset(
    "api access account private secret signing encryption master shared auth license storage app application"
    " integration service deploy ssh function session subscription security consumer".split()
)
DESCRIPTIVE: Final = frozenset(
    "name names id ids type types count counts counter ttl expiry expires expire expiration expired length len size"
    " policy policies file files filename path paths dir url urls uri endpoint arn ref refs version at age limit limits"
    " min max provider manager store service class bucket rotation rotated reset changed change updated created time"
    " timeout date method format field fields source status state error errors failure failures required enabled"
    " disabled valid invalid request requests requested usage used budget total per rate index prompt server issuer"
    " audience scope scopes algorithm strength hint attempt attempts retries hits misses duration seconds ms bytes"
    " controller handler filter factory exception review reviews refresh authentication encoder validator generator"
    " resolver client cache repository interceptor listener util utils helper config configuration properties module"
    " plugin job task worker in ready kind namespace selector label labels annotation annotations mount mounts volume"
    " volumes owner bundle verification provisioner rotator syncer operator driver reader writer range ring metadata"
    " throttle throttled window limiter parser stream lexer position line column".split()
)

LONGEST_PLACEHOLDER = 100

_PARTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_PLACEHOLDER = re.compile(
    r"(?:null|nil|none|undefined|true|false|yes|no|on|off|n/?a|empty|unset|missing|required|optional|invalid|expired"
    r"|valid|incorrect|wrong|unknown|default|redacted|hidden|masked|removed|filtered|str|string|bytes|int|any|object"
    r"|is|in|not|was|has|for|of|the|an?|and|or|failed|failure|error|denied|rejected|revoked|changed|reset|rotated"
    r"|token|password|secret|key|authentication|accepted|provided|supplied|found|eof|identifier|expected|unexpected|end|prompt|publickey"
    r"|[*x•.\-#_?]+|<[\w *.:/-]*>|\[[A-Z _-]+\]|\$\{[^}]*\}?|\$\([^)]*\)?|\{\{[^}]*\}{0,2}|\{\w*\}|%\(?\w*\)?[sdvq]"
    r"|\$(?-i:[A-Z_][A-Z0-9_]*)|\w+\(\)?|(?-i:[A-Z]\w+\{[0-9a-f]{5,16}\}?|(?:[a-z]\w*\.){2,8}[A-Z]\w*@[0-9a-f]{4,8}))",
    re.IGNORECASE,
)


@lru_cache(maxsize=4096)
def is_sensitive(name: str) -> bool:
    """Whether what is called so is a secret; reads snake_case, camelCase, kebab-case, dotted names and words."""
    parts = [part.lower() for part in _PARTS.findall(name[-80:])]
    while parts and parts[-1].isdigit():
        parts.pop()
    if not parts or parts[-1] in DESCRIPTIVE:
        return False
    announced = any(part in WORDS or part.endswith(GLUED) for part in parts)
    return announced or any(a in KEYS and b in ("key", "keys") for a, b in pairwise(parts))


def is_placeholder(value: str) -> bool:
    """Whether the value says that there is none (`null`, `****`, `<*>`, `${PASSWORD}`) or is a word of prose."""
    if not any(map(str.isalnum, value)):
        return True
    return len(value) <= LONGEST_PLACEHOLDER and _PLACEHOLDER.fullmatch(value) is not None
