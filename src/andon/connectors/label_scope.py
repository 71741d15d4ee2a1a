"""Which label values of a source may be read."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from pydantic import BaseModel, ConfigDict, Field, field_validator

from andon.connectors.service_labels import service_of

__all__ = ["LabelScope"]


class LabelScope(BaseModel):
    """Only what has one of these values under each of these labels is asked for, and let in."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    match: dict[str, tuple[str, ...]] = Field(
        default_factory=dict, description="label name to the values that may be read"
    )

    @field_validator("match")
    @classmethod
    def _stated(cls, match: dict[str, tuple[str, ...]]) -> dict[str, tuple[str, ...]]:
        for name, values in match.items():
            if not name or name == "__name__":
                raise ValueError(f"{name!r} is not the name of a label")
            if not values:
                raise ValueError(f"{name}: at least one value")
        return match

    def admits(self, labels: Mapping[str, str]) -> bool:
        return all(labels.get(name, "") in values for name, values in self.match.items())

    def outside(self, services: Sequence[str], service_labels: Sequence[str]) -> tuple[str, ...]:
        """Those of the services that no entry for a service label lets in."""
        named = [
            {service_of({label: value}, (label,)) for value in values}
            for label, values in self.match.items()
            if label in service_labels
        ]
        return tuple(s for s in services if named and not any(s in admitted for admitted in named))
