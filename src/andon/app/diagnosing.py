"""To look at the whole set-up: what is installed, where runs are kept, and whether every source works."""

from __future__ import annotations

import os
import platform
import re
import shutil
import sqlite3
import sys
from contextlib import closing
from importlib.metadata import PackageNotFoundError, requires, version
from typing import TYPE_CHECKING

from andon import __version__
from andon.app.runs import open_store
from andon.app.source_entries import kinds
from andon.app.sources import SourceChecks, check_sources
from andon.config import FILES, Settings
from andon.connectors import Check, CheckState
from andon.connectors.documents import list_documents
from andon.connectors.secrets import Vault
from andon.errors import AndonError
from andon.storage import Index, index_file

if TYPE_CHECKING:
    from andon.connectors.lent import Lender

__all__ = ["diagnose"]

_ELSEWHERE = "set ANDON_HOME to another folder"
_PACKAGE, _EXTRA = re.compile(r"[\w.-]+"), re.compile(r"extra == ['\"]([\w-]+)")
_GAPS = 3
"""Problems of documents that are told before the rest is counted."""
_LITTLE_ROOM = 1 << 30
"""Bytes free below which long runs and pushed telemetry are at risk."""


def diagnose(settings: Settings) -> tuple[SourceChecks, ...]:
    """Everything that a set-up needs, tried: andon itself, its store, what is optional, each source."""
    own = (
        _python(),
        _store(settings),
        _room(settings),
        _configuration(settings),
        _model(settings),
        *_documents(settings),
        *_lenders(settings),
        *_missing(settings),
    )
    return (SourceChecks("andon", __version__, own), *check_sources(settings))


def _python() -> Check:
    found = f"Python {platform.python_version()} on {platform.system()} {platform.machine()}, {os.cpu_count()} cores"
    return Check("python", CheckState.OK, found)


def _store(settings: Settings) -> Check:
    try:
        with open_store(settings) as store:
            return Check("store", CheckState.OK, f"{len(store.runs())} runs in {settings.home}")
    except AndonError as error:
        return Check("store", CheckState.FAILED, error.message, error.hint or _ELSEWHERE)
    except sqlite3.Error as error:
        return Check(
            "store", CheckState.FAILED, f"{settings.home} holds no usable store: {error}", _ELSEWHERE
        )


def _room(settings: Settings) -> Check:
    place = settings.home
    try:
        while not place.exists() and place != place.parent:
            place = place.parent
        free = shutil.disk_usage(place).free
    except OSError as error:
        return Check("room", CheckState.FAILED, f"{place}: {error.strerror}", _ELSEWHERE)
    state = CheckState.OK if free >= _LITTLE_ROOM else CheckState.WARNING
    return Check(
        "room",
        state,
        f"{free / 1e9:.1f} GB free where runs are kept",
        "" if state is CheckState.OK else "make room, or set ANDON_HOME",
    )


def _configuration(settings: Settings) -> Check:
    if not settings.file.is_file():
        hint = "`andon sources add` writes one; without it, name folders with --source"
        return Check("andon.yaml", CheckState.WARNING, f"there is no {settings.file}", hint)
    count = len(settings.sources)
    found = f"{settings.file.resolve()} names {count or 'no'} source{'' if count == 1 else 's'}"
    if not count:
        return Check("andon.yaml", CheckState.WARNING, found, "`andon sources add` adds one")
    return Check("andon.yaml", CheckState.OK, found)


def _model(settings: Settings) -> Check:
    """Whether the model can be opened; nothing is sent to it, for that would cost."""
    from andon.app.minds import choice_of
    from andon.llm.providers import open_model

    if settings.model is None:
        return Check(
            "model", CheckState.OK, "none: the engine alone", "docs/how-to/model.md says how to add one"
        )
    try:
        choice = choice_of(settings.model, Vault())
        model = open_model(choice)
    except AndonError as error:
        return Check("model", CheckState.FAILED, error.message, error.hint)
    close = getattr(model, "close", None)
    if close is not None:
        close()
    where = f" at {choice.url or model.base_url}" if choice.url or model.base_url else ""
    prices = (
        ""
        if choice.prices or choice.provider == "local"
        else "; no prices are stated, so no dollars are told"
    )
    return Check("model", CheckState.OK, f"{choice}{where} can be opened (nothing was sent){prices}")


def _documents(settings: Settings) -> list[Check]:
    if settings.knowledge is None:
        return []
    folder = settings.knowledge.folder
    if not folder.is_dir():
        return [
            Check("knowledge", CheckState.FAILED, f"{folder}: there is no such folder", "it holds runbooks")
        ]
    listed = list_documents(folder)
    try:
        with closing(Index(folder.name, index_file(settings.home, folder))) as index:
            index.refresh(listed)
            problems = (*index.problems, *index.remarks)
    except AndonError as error:
        return [Check("knowledge", CheckState.FAILED, error.message, error.hint)]
    state = CheckState.WARNING if problems or not listed.value else CheckState.OK
    more = f"; and {len(problems) - _GAPS} more" if len(problems) > _GAPS else ""
    gaps = "; ".join(map(str, problems[:_GAPS])) + more
    hint = next((problem.hint for problem in problems if problem.hint), "")
    return [
        Check(
            "knowledge", state, f"{len(listed.value)} documents in {folder}{': ' if gaps else ''}{gaps}", hint
        )
    ]


def _lenders(settings: Settings) -> list[Check]:
    """Each server that lends tools, connected as for a run and let go; those stated wrongly are not started."""
    from andon.connectors.lent import lent_config, open_lenders

    folder, origin, vault = settings.file.parent.resolve(), f"{settings.file}: mcp", Vault()
    checks: dict[str, Check] = {}
    for name, entry in settings.lenders.items():
        try:
            lent_config(name, entry, folder=folder, origin=origin)
        except AndonError as error:
            checks[name] = Check(f"mcp {name}", CheckState.FAILED, error.message, error.hint)
    right = {name: entry for name, entry in settings.lenders.items() if name not in checks}
    try:
        with open_lenders(right, vault, folder=folder, origin=origin) as lenders:
            checks |= {lender.name: _lender(lender) for lender in lenders}
    except AndonError as error:
        checks |= {name: Check(f"mcp {name}", CheckState.FAILED, error.message, error.hint) for name in right}
    return [checks[name] for name in settings.lenders]


def _lender(lender: Lender) -> Check:
    from andon.app.lending import refusals

    what, why = f"mcp {lender.name}", refusals(lender.problems, lender.name)
    if any(problem.place == lender.name for problem in lender.problems) and not lender.tools:
        hint = "start it, or mend its entry under `mcp:`; a run goes on without it"
        return Check(what, CheckState.FAILED, why, hint)
    lent = f"lends {', '.join(tool.tool for tool in lender.tools) or 'no tool'}"
    asked = set(lender.config.tools or ()) <= {tool.tool for tool in lender.tools}
    state = CheckState.OK if lender.tools and asked else CheckState.WARNING
    hint = "" if state is CheckState.OK else "name under `tools` those of its tools that only read"
    return Check(what, state, lent + (f"; not lent: {why}" if why else ""), hint)


def _missing(settings: Settings) -> list[Check]:
    """Kinds that are configured and whose libraries are not installed; else what may be added, in one line."""
    used = {named.kind for named in settings.sources.values()} - {FILES}
    lacking = {kind.kind: kind.missing for kind in kinds() if kind.missing}
    broken = [Check(f"kind {k}", CheckState.FAILED, m) for k, m in sorted(lacking.items()) if k in used]
    extras = sorted(extra for extra in _extras() if not _installed(extra))
    told = f"not installed: {', '.join(extras)}" if extras else "all installed"
    return [
        *broken,
        Check("extras", CheckState.OK, told, f"{_pip()} install 'andon[{extras[0]}]'" if extras else ""),
    ]


def _extras() -> dict[str, list[str]]:
    """The names of the packages that each extra brings."""
    found: dict[str, list[str]] = {}
    for line in _required():
        extra, package = _EXTRA.search(line), _PACKAGE.match(line)
        if extra and package:
            found.setdefault(extra[1], []).append(package[0])
    return found


def _required() -> list[str]:
    try:
        return requires("andon") or []
    except PackageNotFoundError:  # Run from a source tree that was never installed.
        return []


def _installed(extra: str) -> bool:
    for package in _extras()[extra]:
        try:
            version(package)
        except PackageNotFoundError:
            return False
    return True


def _pip() -> str:
    return f"{sys.executable} -m pip"
