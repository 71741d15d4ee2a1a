"""Modesty: what may be said without a row to show for it: what was done, what is not known, and questions back."""

from __future__ import annotations

import re

from andon.investigation.agent.desk import Desk
from andon.investigation.talking.naming import all_names

__all__ = ["immodest"]

_WORD = re.compile(r"[^\W\d_]+")
_PARTICULAR = re.compile(r"[“”\"`«»]|\w[-_./@:#=\\]+\w")
"""Quotes, and words written as names are that people give to things."""
_DOING = frozenset(
    """
    i you we it that this these those they them there here the a an and or but so nor not no nothing none anything
    something either neither any all some every other another more further only also yet still now then before after
    again later first of in on at to for from by with without about into as than up out over across between within
    what which when where who whom how why whether if because
    is are was were be been being do does did done have has had can could cannot may might must should would will shall
    am looked look looking checked check checking asked ask asking searched search searching read reading compared
    compare comparing found find finding see saw seen know known say said says tell told answer answers answered
    answering question questions mean means meant show shows shown need needs help understand understood confirm
    want wanted like please try tried cite cites cited bear bears borne support supports
    log logs metric metrics trace traces change changes alert alerts series document documents runbook runbooks
    telemetry data row rows evidence signal signals tool tools report ledger run incident baseline window windows time
    times period component components service services one ones thing things part parts place places word words
    engineer enough clear unclear sure certain able unable available sorry yes thanks
    me my your our its their which
    """.split()
)
"""Words that claim nothing about the incident."""
_ASKING = frozenset(
    "deploy deployment deploys rollout release commit flag config configuration rule id ids name names mechanism cause symptom "
    "began begin begun start started end ended felt harmless undone exclude excluded instead rather both harmful rolled back".split()
)
"""Words that a question back may use besides."""


def immodest(sentence: str, desk: Desk, *, asking: bool = False) -> list[str]:
    """Why a sentence without references says too much; none where it may be said.

    With `asking` it is a question back, which may name components that there are.
    """
    names = all_names(desk.case.findings.model)
    plain = sentence.casefold()
    if asking:
        if not plain.rstrip().endswith("?"):
            return ["what is asked back ends with a question mark"]
        for name in sorted(names, key=len, reverse=True):
            plain = re.sub(rf"(?<![\w.-]){re.escape(name)}(?![\w-])", " ", plain)
    if any(c.isnumeric() for c in plain) or _PARTICULAR.search(plain):
        return ["without a reference it may hold no number, time, quote or id"]
    allowed = _DOING | _ASKING if asking else _DOING
    strange = [word for word in dict.fromkeys(_WORD.findall(plain)) if word not in allowed]
    return (
        [f"without a reference it may only say what was done, not {', '.join(strange[:4])}"]
        if strange
        else []
    )
