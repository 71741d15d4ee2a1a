"""To use what a run has besides its sources: documents that are searched, tools that others lend, verdicts of the past."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter

from andon.app.memories import memories
from andon.config import Knowledge, Settings
from andon.connectors.documents import list_documents
from andon.connectors.secrets import Vault
from andon.errors import ConfigError
from andon.investigation.agent.documents import consulting
from andon.investigation.agent.mind import Mind
from andon.investigation.engine import Journal
from andon.investigation.memory import Memory
from andon.investigation.toolbox import Toolbox
from andon.investigation.tools.knowledge import Library, few
from andon.storage import Index, Store, index_file
from andon.telemetry import Problem

if TYPE_CHECKING:
    from andon.app.lending import Borrowed

__all__ = ["AIDS", "Aids", "equipped", "open_aids", "recorded_aids"]

AIDS = "aids"
"""The event of the journal that says which documents and memories a run had."""

LENDERS = "lenders"
"""The event of the journal that says which tools were lent in a run, and which were not and why."""
_MEMORIES = TypeAdapter(tuple[Memory, ...])


@dataclass(frozen=True)
class Aids:
    """`documents` tells whether there are any to ask; `library` is None on a replay, where the ledger answers for it."""

    documents: bool = False
    library: Library | None = None
    borrowed: Borrowed | None = None
    memories: tuple[Memory, ...] = ()
    unread: tuple[Problem, ...] = ()
    """What of the documents could not be read."""

    @property
    def notes(self) -> tuple[str, ...]:
        """What a report says of what was not at hand."""
        lent = self.borrowed.notes if self.borrowed else ()
        return (*(f"Documents: {problem}" for problem in self.unread), *lent)


@contextmanager
def open_aids(settings: Settings, store: Store, vault: Vault, journal: Journal) -> Iterator[Aids]:
    """What the settings name, for one run; tools are borrowed only where a model can use them.

    Raises ConfigError for documents that are not there and for lenders that are stated wrongly.
    """
    with ExitStack() as stack:
        library = stack.enter_context(_library(settings.knowledge, settings)) if settings.knowledge else None
        borrowed = None
        if settings.model and settings.lenders:
            from andon.app.lending import borrow

            borrowed = stack.enter_context(borrow(settings, vault, journal))
        known = memories(store)
        unread = few(library.problems) if library is not None else ()
        if library is not None or known:
            told = {
                "documents": library is not None,
                "memories": _MEMORIES.dump_python(known, mode="json"),
                "unread": [asdict(problem) for problem in unread],
            }
            journal(AIDS, told)
        yield Aids(library is not None, library, borrowed, known, unread)


@contextmanager
def _library(stated: Knowledge, settings: Settings) -> Iterator[Library]:
    if not stated.folder.is_dir():
        raise ConfigError(f"knowledge: {stated.folder}: there is no such folder", hint="it holds runbooks")
    with ExitStack() as stack:
        embedder = None
        if stated.embeddings:
            from andon.llm.local.embedding import LocalEmbedder

            embedder = stack.enter_context(LocalEmbedder(Path(stated.embeddings)))
        index = Index(stated.folder.name, index_file(settings.home, stated.folder), embedder=embedder)
        stack.callback(index.close)
        listed = list_documents(stated.folder)
        index.refresh(listed)
        yield index


def recorded_aids(journal: Sequence[tuple[str, Mapping[str, Any]]]) -> Aids:
    """What a run that is replayed had, from its journal."""
    told = next((payload for type_, payload in reversed(journal) if type_ == AIDS), None)
    lent = next((payload for type_, payload in reversed(journal) if type_ == LENDERS), None)
    borrowed = None
    if lent is not None:
        from andon.app.lending import relent

        borrowed = relent(lent)
    return Aids(
        documents=bool(told and told["documents"]),
        borrowed=borrowed,
        memories=_MEMORIES.validate_python(told["memories"]) if told else (),
        unread=tuple(Problem(**one) for one in told.get("unread", ())) if told else (),
    )


def equipped(mind: Mind | None, aids: Aids, box: Toolbox) -> Mind | None:
    """The mind with what it may ask besides the sources."""
    if mind is None:
        return None
    consult = consulting(box, aids.library) if aids.documents else None
    if aids.borrowed is None:
        return replace(mind, consult=consult)
    from andon.app.lending import lend

    return replace(mind, consult=consult, lent=lend(aids.borrowed, box.ledger))
