"""What a model has to hand in: hypotheses that cite rows. Nothing in it is believed; see `gate`."""

from __future__ import annotations

from pydantic import BaseModel, ConfigDict, Field

__all__ = ["CitedRow", "Conclusion", "Proposal"]


class CitedRow(BaseModel):
    """One row that speaks for or against a hypothesis."""

    model_config = ConfigDict(extra="ignore")

    ref: str = Field(max_length=80, description="reference as a tool gave it, such as metrics-1:series.4")
    supports: bool = Field(default=True, description="false when the row speaks against it")
    says: str = Field(
        default="", max_length=300, description="what the row shows; numbers as they stand in it"
    )


class Proposal(BaseModel):
    """One possible root cause."""

    model_config = ConfigDict(extra="ignore")

    component: str = Field(max_length=120, description="id or name of the component where it began")
    mechanism: str = Field(max_length=60, description="one of the mechanisms, or other")
    change: str = Field(
        default="", max_length=200, description="id of the change that did it; empty when none did"
    )
    likelihood: float = Field(ge=0, le=1)
    evidence: list[CitedRow] = Field(max_length=8)
    why: str = Field(default="", max_length=700, description="two sentences for the engineer")


class Conclusion(BaseModel):
    """The end of an investigation."""

    model_config = ConfigDict(extra="ignore")

    hypotheses: list[Proposal] = Field(
        max_length=5, description="likeliest first; empty when nothing is wrong"
    )
    nothing: str = Field(default="", max_length=300, description="why nothing is named, when nothing is")
