"""Vocabulary: the words of reasoning, which tell of nothing that could have happened.

Whatever else a model says of rows must stand in them. So there is no word here for an event, a thing, a state, a
quantity, an amount or a direction: "all", "twice", "slow", "database", "crashed" have to be borne out.
"""

from __future__ import annotations

__all__ = ["ORDINARY", "stem"]

ORDINARY = frozenset(
    # Grammar.
    "a an and are as at be been being both but by can could did do does for from had has have hence here how i if in "
    "into is it its itself may might must of off on onto or our out shall should since so such than that the "
    "their them then there therefore these they this those though thus to us was we were what when where whereas "
    "which while who whom whose why will with within would yet also although another any because between "
    "during either else further furthermore just later moreover near next now other otherwise over rather "
    "same soon through together toward towards under upon very via well about around above below across along among "
    "beside besides beyond despite due given however instead "
    # Reasoning.
    "account accounts accounted answer appear appears argue argues assume cause caused causes causing conclude "
    "conclusion confirm confirmed confirms consequence consequences consistent correspond corresponds effect effects "
    "evidence exactly explain explained explains explanation fit fits follow followed following follows hypothesis "
    "implies indicate indicated indicates lead leading leads led likely likelihood match matched matches matching mean "
    "means origin originate originated originates plausible point pointing points possible possibly prove proves "
    "probable probably reason reasons result resulted resulting results root seem seems show showed showing shown "
    "shows speak speaks suggest suggested suggests support supported supports suspect suspects tell tells think true "
    "clear clearly directly certainly mainly mostly best first second third likeliest like candidate "
    # What every investigation is about.
    "began begin beginning begins change component components engine engineer incident investigation observation "
    "observations onset place question row rows service services signal signals start started starts symptom symptoms "
    "system systems telemetry time trace traces trouble window log logs metric metrics reads read say says "
    "says stands stand look looks looked see seen named names name".split()
)


def stem(word: str) -> str:
    """A word without its ending, so that failed and failing, or timeout and timeouts, are one; the rest has four letters."""
    for ending in ("ing", "ed", "es", "s", "e"):
        if word.endswith(ending) and len(word) - len(ending) >= 4:
            return word.removesuffix(ending)
    return word
