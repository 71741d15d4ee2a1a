"""Phrases: the ways in which people say what is meant by a redirection, in English.

Each pattern must match a clause from end to end: what says something else besides is not read at all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from andon.investigation.talking.clocktime import TIME

__all__ = [
    "PHRASES",
    "Phrase",
    "clauses",
    "is_question",
    "is_supposed",
    "sentences",
    "stated_fact",
    "stripped",
    "unfilled",
]

_TROUBLE = (
    r"(?:it|this|that|everything|all of it|the (?:whole )?(?:trouble|problem|incident|outage|symptom|issue|failure|errors?|failures|"
    r"disruption|slowness|mess|thing))"
)
_ADVERB = r"(?:definitely |certainly |surely |really |actually |clearly |probably |just |simply |already |all |only |first |in fact |most likely )*"
_BE = r"(?:(?<=it)'s|(?<=that)'s|(?<=this)'s| is| was| are| were)"
_NOT = rf"(?:{_BE} {_ADVERB}not| isn't| wasn't| aren't| weren't| can't be| cannot be| can not be| couldn't be| could not be)"
_WHOLLY = r"(?!only |just |simply |necessarily |entirely |always |merely )"
_GUILT = r"(?:it|the (?:root )?(?:cause|problem|culprit|reason|issue|fault|trigger|source)(?: of (?:it|this|that|the \w+))?|to blame|involved|guilty|at fault|responsible|related|relevant)"
_WELL = r"(?:fine|ok|okay|healthy|innocent|harmless|good|alright|all right|unrelated|irrelevant|benign|safe|without effect|not affected|unaffected|a red herring)"
_BACK = r"(?:rolled|turned|switched|changed|put|reverted|backed|undid|undone|restored)"
_X = r"(?P<x>[^,]+?)"
_AT = r"(?:at|around|about|by|from|since|after|as of)"


@dataclass(frozen=True, slots=True)
class Phrase:
    """What a clause means, and its pattern: group `x` is who or what, `s` and `e` are when."""

    kind: str
    pattern: re.Pattern[str]


def _phrases(kind: str, *patterns: str) -> list[Phrase]:
    return [Phrase(kind, re.compile(pattern, re.IGNORECASE)) for pattern in patterns]


PHRASES: tuple[Phrase, ...] = (
    *_phrases(
        "window",
        rf"{_TROUBLE} (?:has |had )?{_ADVERB}(?:began|begun|started|begins|starts|broke|went wrong|happened|occurred|set in)(?: only)?(?: {_AT})* (?P<s>{TIME})",
        rf"(?:it|everything|all|all of it) (?:was|worked|ran|had been) {_ADVERB}(?:fine|ok|okay|well|good|normal|as usual) (?:until|till|before|up to) (?P<s>{TIME})",
        rf"{_TROUBLE} has (?:only )?(?:been (?:going on|like this|broken|there)|lasted) (?:only )?since (?P<s>{TIME})",
        rf"(?:only |just )?(?:since|after) (?P<s>{TIME})(?: only)?",
        rf"(?:only )?from (?P<s>{TIME}) (?:on|onwards?)",
        rf"(?:the )?(?:onset|start|beginning)(?: of (?:it|the \w+))? (?:is|was) (?:at |around |about )?(?P<s>{TIME})",
        rf"{_TROUBLE} (?:has )?{_ADVERB}(?:ended|stopped|was over|was gone|recovered|went away|finished)(?: {_AT})* (?P<e>{TIME})",
        rf"(?:only )?(?:until|till|up to) (?P<e>{TIME})(?: only)?",
        rf"(?:{_TROUBLE} (?:was|is|lasted|happened|ran) |(?:look|focus|concentrate) (?:only )?(?:at |on )?(?:the time )?|only )?"
        rf"(?:between |from )?(?P<s>{TIME}) ?(?:and|to|until|till|-|–) ?(?P<e>{TIME})(?: only)?",
    ),
    *_phrases(
        "untimed",
        rf"{_TROUBLE} (?:has |had )?{_ADVERB}(?:began|begun|started|ended|stopped|recovered)(?: only)? (?:at|around|about|since) (?P<s>[^,]+)",
    ),
    *_phrases(
        "undone",
        rf"(?:i|we|they|he|she|someone|somebody|ops|the team|[\w' ]{{2,30}}?) (?:have |has |had )?(?:just |already )?{_BACK} {_X}(?: back)?(?: again)? (?:at|around|about) (?P<s>{TIME})",
        rf"(?:i|we|they|he|she|someone|somebody|ops|the team) (?:have |has |had )?(?:just |already )?(?:rolled|turned|switched) back {_X} (?:at|around|about) (?P<s>{TIME})",
        rf"{_X} (?:was|is|has been|were|got) (?:already )?(?:rolled back|reverted|undone|restored|backed out|switched back) (?:at|around|about|since) (?P<s>{TIME})",
    ),
    *_phrases(
        "effectless",
        r"(?:it|that|this) (?:has |had )?(?:made no difference|changed nothing|did not help|didn't help|had no effect|did nothing)",
        r"nothing (?:has )?(?:changed|improved|got better)(?: (?:since|after that|afterwards))?",
        r"(?:it|the (?:trouble|problem|errors?)) (?:went|goes|kept|keeps) (?:on|going)(?: (?:after that|afterwards|anyway|regardless))?",
    ),
    *_phrases(
        "neither",
        rf"(?:it{_BE} )?neither (?P<x>.+?) nor (?P<y>.+?)",
    ),
    *_phrases(
        "innocent",
        rf"(?:it|that|this){_NOT} {_WHOLLY}{_ADVERB}(?:due to |because of |caused by |about )?{_X}(?: that (?:did|caused|does|causes) (?:it|this|that))?",
        rf"(?:it|that|this) {_ADVERB}has nothing to do with {_X}",
        rf"not {_WHOLLY}{_X}",
        rf"(?:do not|don't|never|stop) (?:look(?:ing)? at|consider(?:ing)?|blam(?:e|ing)|nam(?:e|ing)|suspect(?:ing)?|bother with|include|check) {_X}(?: any ?more| any longer)?",
        rf"(?:exclude|ignore|leave out|rule out|forget(?: about)?|skip|disregard|discard) {_X}",
        rf"(?:leave|rule) {_X} out",
        rf"(?:continue |go on |try )?without {_X}",
        rf"{_X}{_BE} {_ADVERB}{_WELL}",
        rf"{_X}(?:{_BE} {_ADVERB}not| isn't| wasn't| aren't| weren't| can't be| cannot be) {_ADVERB}{_GUILT}",
        rf"{_X} has nothing to do with (?:it|this|that|the \w+)",
        rf"{_X} (?:works|is working|runs|is running|behaves) (?:fine|ok|okay|well|normally|as usual|perfectly|as expected)",
        rf"{_X} (?:did not|didn't|does not|doesn't|cannot have|can't have|could not have) (?:caused?|do|done|trigger(?:ed)?) (?:it|this|that|any(?:thing| of this)|any harm|harm|the \w+)",
        rf"{_X} (?:did|does|do) (?:no harm|nothing)",
    ),
    *_phrases(
        "guilty",
        rf"{_X}{_NOT} {_WHOLLY}{_ADVERB}{_WELL}",
        rf"{_X}{_BE} {_ADVERB}(?:harmful|suspicious|guilty|(?:the )?(?:culprit|(?:root )?cause|reason)|to blame|at fault|responsible)",
        rf"{_X} {_ADVERB}(?:did|caused|broke) (?:it|this|that)",
        rf"it(?:'s| is| was| must be| must have been| has to be) {_ADVERB}{_X}",
        rf"(?:i|we) (?:strongly |rather |still |do )?(?:suspect|blame) {_X}",
    ),
    *_phrases(
        "acquitted",
        rf"(?:clear|acquit|dismiss|drop) {_X}",
    ),
    *_phrases(
        "also",
        rf"{_X} (?:is|are) (?:also |too )(?:affected|broken|failing|down|slow|hit|unavailable)",
        rf"{_X} (?:is|are) (?:affected|broken|failing|down|slow|hit|unavailable)(?:,)? (?:too|as well|also)",
        rf"{_X} (?:also (?:fails|suffers|breaks|feels it)|(?:fails|suffers|breaks|feels it)(?:,)? (?:too|as well|also))",
        rf"(?:it|the (?:symptom|trouble|problem)){_BE} also (?:felt|seen|visible) (?:at|in|on) {_X}",
        rf"(?:it|the (?:symptom|trouble|problem)){_BE} (?:felt|seen|visible) (?:at|in|on) {_X} (?:too|as well|also)",
    ),
    *_phrases(
        "symptom",
        rf"the (?:symptom|trouble|problem|outage|failure|issue){_BE} {_ADVERB}(?:felt |seen |visible )?(?:at|in|on|with) {_X}",
        rf"(?:it|that|this){_BE} {_ADVERB}(?:felt|seen|visible) (?:at|in|on) {_X}",
        rf"it{_BE} {_ADVERB}{_X} that (?:fails|is slow|is down|is broken|is unavailable|feels it)",
    ),
    *_phrases(
        "pin",
        rf"(?:look|dig|drill|check|focus|concentrate|go) (?:also |more closely |closely |deeper |again |first )?(?:at|into|on|in|inside) {_X}",
        rf"have (?:a|another|a closer) look (?:at|into) {_X}",
        rf"take (?:a|another|a closer) look (?:at|into) {_X}",
        rf"(?:investigate|examine|inspect|check(?: out)?|consider|include|pin|suspect|prefer) {_X}",
        rf"(?:start|begin) with {_X}",
        rf"(?:i|we) (?:strongly |rather |still |do )?(?:suspect|blame) {_X}",
        rf"my (?:guess|bet|money|suspicion|hunch) is (?:on )?{_X}",
        rf"it(?:'s| is| must be| has to be) {_ADVERB}{_X}",
        rf"{_X} (?:is|looks|seems) {_ADVERB}(?:suspicious|guilty|the culprit|the (?:root )?cause|to blame|at fault|responsible)",
        rf"{_X} (?:did|caused) (?:it|this|that)",
    ),
)

_FILLERS = re.compile(
    r"^(?:no|nope|ok|okay|well|actually|hm+|also|please|and|but|so|now|then|sorry|right|still|besides|again|as far as i know|for sure|btw|by the way|"
    r"i (?:think|believe|know|guess|am sure|mean)(?: that)?|i'm (?:sure|certain)(?: that)?|it (?:turns|turned) out(?: that)?|we (?:know|are sure|now know)(?: that)?|"
    r"you (?:should|can|could|may|must|need to)|let's|let us|we (?:should|must|need to)|(?:i want|i would like|i'd like) you to|try to|because|since then)[,:]?\s+",
    re.IGNORECASE,
)
_AFTERTHOUGHTS = re.compile(
    r"[,]?\s+(?:please|too|as well|also|again|instead|now|at all|i think|i believe|i guess|for sure|definitely|this time|first|more closely|either|though|thanks|thank you|anyway)$",
    re.IGNORECASE,
)
_POLITE = re.compile(r"^(?:can|could|would|will) you (?:please |also |maybe )*(?=\w)", re.IGNORECASE)
_ASKING = re.compile(
    r"^(?:why|what|when|who|whom|whose|which|where|how|is|was|are|were|did|does|has|have (?:you|we|they)|had|can|could|should|would|will|shall|may|might|am|do (?!not\b))\b",
    re.IGNORECASE,
)
_SUPPOSED = re.compile(
    r"\b(?:if|unless|whether|suppose|supposing|assuming|imagine|would have|might|maybe|perhaps|possibly|may be|may not|not sure|unsure|no idea|wonder|doubt)\b|\bi (?:don't|do not) (?:think|believe|know)\b",
    re.IGNORECASE,
)
_SENTENCE = re.compile(r"(?<=[.!?])\s+|\s*[;\n]+\s*")
_FACT = re.compile(
    r"^(?:fact|note|fyi|for the record|please note|note that|remember|you should know)(?: that)?\s*[:,]?\s+(?P<x>.{8,})",
    re.I | re.S,
)
_DEED = re.compile(
    r"\b(?:i|we|they|someone|somebody|ops|our \w+|the team|a colleague|the vendor|the provider)\s+(?:(?:have|has|had|just|already|also|manually)\s+)*"
    r"(?:scaled|changed|restarted|rebooted|deployed|rolled|reverted|switched|moved|migrated|updated|upgraded|downgraded|patched|replaced|removed|deleted|added|"
    r"disabled|enabled|turned|increased|decreased|raised|lowered|reduced|resized|cleared|flushed|purged|ran|started|stopped|paused|blocked|unblocked|renewed|"
    r"rotated|unplugged|drained|failed over|cut over|opened|closed|imported|loaded|shut|halved|doubled|swapped|installed|bought|lost|had)\b",
    re.IGNORECASE,
)


def sentences(text: str) -> list[str]:
    """The sentences of what was said, without their full stops."""
    return [part.strip().rstrip(".! ") for part in _SENTENCE.split(text.strip()) if part.strip(" .!")]


def is_question(sentence: str) -> bool:
    """Whether a sentence asks; a polite request does not."""
    if _POLITE.match(sentence):
        return False
    return sentence.rstrip().endswith("?") or bool(_ASKING.match(unfilled(sentence)))


def is_supposed(sentence: str) -> bool:
    """Whether a sentence only supposes, or doubts, what it says."""
    return bool(_SUPPOSED.search(sentence))


def stripped(clause: str) -> str:
    """A clause without what politeness and hesitation put around it."""
    found = _POLITE.sub("", clause.strip().rstrip("?.! "))
    found = unfilled(found)
    while (shorter := _AFTERTHOUGHTS.sub("", found)) != found:
        found = shorter
    return found.strip()


def unfilled(clause: str) -> str:
    """A clause without the words with which people begin."""
    found = clause
    while (shorter := _FILLERS.sub("", found)) != found:
        found = shorter
    return found


def clauses(sentence: str) -> tuple[list[str], list[str]]:
    """The parts of a sentence between commas, and the finer ones between conjunctions."""
    rough = [part for part in re.split(r"\s*,\s+|\s+[–—-]\s+", sentence) if part.strip()]
    fine = [
        part
        for one in rough
        for part in re.split(r"\s+(?:(?:and|because|so)\s+|(?=but\s))", one)
        if part.strip()
    ]
    return rough, fine


def stated_fact(sentence: str) -> str:
    """What a sentence states as a fact of what people did; empty where it states none."""
    told = _FACT.match(sentence)
    if told is not None:
        return told["x"].strip()
    return sentence.strip() if _DEED.search(sentence) else ""
