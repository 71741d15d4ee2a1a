"""To use a language model: opened as the settings say, behind the guard that meters, hides and keeps."""

from __future__ import annotations

import secrets
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from pydantic import TypeAdapter, ValidationError

from andon.config import ModelEntry, Settings
from andon.connectors import Connector
from andon.connectors.joined import Part
from andon.connectors.secrets import Secret, Vault
from andon.errors import ConfigError
from andon.investigation.agent.mind import Mind
from andon.investigation.engine import Journal
from andon.llm.checks import require as usable
from andon.llm.choice import ModelChoice, parse_choice
from andon.llm.meter import Allowance, Meter
from andon.llm.prices import Prices, cost
from andon.llm.redaction import Redactor
from andon.llm.transcript import Transcript

if TYPE_CHECKING:
    from andon.llm.guard import Recorded

__all__ = ["MIND", "MODEL", "allowance_of", "choice_of", "open_mind", "recorded_mind", "require"]

MIND, MODEL = "mind", "model"
"""Events of the journal: how a model was used in a run, and each exchange with it."""


@dataclass
class _Known:
    """The secrets of a run's sources, as far as they were read."""

    parts: Sequence[Part] = ()
    vault: Vault = field(default_factory=Vault)

    def __call__(self) -> frozenset[str]:
        vaults = [part.session.vault for part in self.parts if isinstance(part, Connector)]
        return frozenset().union(self.vault.known(), *(vault.known() for vault in vaults))


@contextmanager
def open_mind(
    settings: Settings,
    journal: Journal,
    *,
    parts: Sequence[Part] = (),
    vault: Vault | None = None,
    key: bytes = b"",
) -> Iterator[Mind | None]:
    """The model that the settings name, ready for one run, and closed afterwards; None where they name none.

    `vault` holds secrets that others read for the run, so that they are hidden, too.
    `key` makes the pseudonyms (new where none is given: who goes on with a run gives that run's). Raises ConfigError
    or MissingExtra where the model cannot be opened.
    """
    if settings.model is None:
        yield None
        return
    from andon.llm.failures import as_model_error
    from andon.llm.guard import Access
    from andon.llm.providers import open_model

    entry, known = settings.model, _Known(parts, vault or Vault())
    choice = choice_of(entry, known.vault)
    model = open_model(choice)
    key = key or secrets.token_bytes(16)
    told = {
        "model": str(choice),
        "samples": entry.samples,
        "temperature": entry.temperature,
        "key": key.hex(),
        "addresses": settings.hide_addresses,
        "allowance": dict(entry.budget),
    }
    journal(MIND, told)
    access = Access(
        model,
        Meter(allowance_of(entry)),
        Redactor(key, known=known, addresses=settings.hide_addresses),
        Transcript(lambda exchange: journal(MODEL, exchange)),
        price=lambda usage: cost(usage, choice.prices),
        explain=lambda error: as_model_error(error, choice),
        label=str(choice),
    )
    try:
        yield Mind(access, entry.samples, entry.temperature)
    finally:
        close = getattr(model, "close", None)
        if close is not None:
            close()


def require(settings: Settings) -> None:
    """Whether the model that the settings name can be used, as far as that costs nothing: before anything is begun.

    Raises ConfigError, MissingExtra or ModelError; nothing is sent.
    """
    if settings.model is not None:
        usable(choice_of(settings.model, Vault()))


def recorded_mind(
    told: Mapping[str, Any], exchanges: Sequence[Mapping[str, Any]], journal: Journal
) -> tuple[Mind, Recorded]:
    """The mind of a run that is replayed: the recording answers, nothing is sent, and no clock counts."""
    from andon.llm.guard import Access, Recorded, Silent

    recorded = Recorded(Transcript.unpacked(exchanges))
    allowance = Allowance(**{**_plain(told["allowance"]), "seconds": float("inf")})
    access = Access(
        Silent(told["model"]),
        Meter(allowance),
        Redactor(bytes.fromhex(told["key"]), addresses=bool(told["addresses"])),
        Transcript(lambda exchange: journal(MODEL, exchange)),
        recorded,
        label=told["model"],
    )
    return Mind(access, int(told["samples"]), told["temperature"]), recorded


def choice_of(entry: ModelEntry, vault: Vault) -> ModelChoice:
    """The model that an entry of andon.yaml means, its key revealed. Raises ConfigError."""
    provider, name = parse_choice(entry.name)
    prices = Prices(**entry.prices) if entry.prices else None
    key = vault.reveal(_secret(entry)) if entry.key else ""
    return ModelChoice(
        provider, name, entry.url, key, entry.region, entry.profile, entry.temperature, entry.timeout, prices
    )


def _secret(entry: ModelEntry) -> str:
    """The reference of the key, with the path of a file taken from the folder of andon.yaml."""
    try:
        found: str = TypeAdapter(Secret).validate_python(entry.key, context={"folder": str(entry.folder)})
    except ValidationError as error:
        raise ConfigError(f"{entry.origin}.key: {error.errors()[0]['msg']}") from None
    return found


def allowance_of(entry: ModelEntry) -> Allowance:
    """What a run may spend, with the defaults where the entry says nothing."""
    return Allowance(**_plain(entry.budget))


def _plain(budget: Mapping[str, float]) -> dict[str, Any]:
    whole = ("requests", "calls", "tokens", "bytes")
    return {key: int(value) if key in whole else float(value) for key, value in budget.items()}
