"""Log templates: the statements of a program behind its log lines, mined without any configuration."""

from __future__ import annotations

import hashlib
from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from andon.analysis.log_clusters import Form, cluster, common
from andon.analysis.tokens import WILDCARD, collapse, head, mask, render, split

__all__ = ["Template", "TemplateTable", "mine"]


@dataclass(frozen=True, slots=True)
class Template:
    id: str
    text: str
    delimiters: str
    words: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class TemplateTable:
    templates: tuple[Template, ...]
    codes: NDArray[np.int32]
    overflow: int = 0


CHUNK=20000
def mine(bodies: Sequence[str]) -> TemplateTable:
    known: dict[str, int] = {}
    forms: dict[Form, int] = {}
    out = []
    for start in range(0, len(bodies), CHUNK):
        for line in collapse([head(b) for b in bodies[start:start + CHUNK]]):
            code = known.get(line)
            if code is None:
                form = split(mask(line))
                code = known[line] = forms.setdefault(form, len(forms))
            out.append(code)
    order = list(forms)
    clusters = np.array(cluster(order), dtype=np.int32)
    members: defaultdict[int, list[Form]] = defaultdict(list)
    for form, c in zip(order, clusters.tolist()):
        members[c].append(form)
    templates = []
    for c in range(len(members)):
        fs = members[c]
        w = common(x for _, x in fs)
        templates.append(Template(hashlib.sha256(repr((fs[0][0], w)).encode()).hexdigest()[:12], render(fs[0][0], w), fs[0][0], w))
    return TemplateTable(tuple(templates), clusters[np.array(out, dtype=np.int64)])
