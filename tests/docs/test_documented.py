"""Mechanisms, faults and settings that the code knows are in the reference."""

from __future__ import annotations

import re
from dataclasses import fields
from pathlib import Path

from andon.demo import FAULTS
from andon.investigation.mechanisms import Mechanism, load_mechanisms
from andon.telemetry import ChangeKind

ROOT = Path(__file__).resolve().parents[2]
REFERENCE = ROOT / "docs" / "reference"


def quoted(page: str) -> set[str]:
    """Everything that a page of the reference sets in code."""
    return set(re.findall(r"`([^`\n]+)`", (REFERENCE / page).read_text(encoding="utf-8")))


def test_every_mechanism_its_fields_and_its_signs_are_documented() -> None:
    told = quoted("mechanisms.md")
    known = {mechanism.slug for mechanism in load_mechanisms()} | {field.name for field in fields(Mechanism)}
    known |= {sign.sign for mechanism in load_mechanisms() for sign in mechanism.signs} | set(ChangeKind)
    assert known - told - {"realm"} == set()


def test_no_mechanism_is_documented_that_is_gone() -> None:
    rows = re.findall(r"^\| (?:software|plant) \| `([^`]+)` \| (.+?) \| (.+?) \|$", text(), re.MULTILINE)
    assert rows == [(each.slug, each.title, each.statement) for each in load_mechanisms()]


def test_every_fault_is_documented() -> None:
    assert set(FAULTS) - quoted("demo.md") == set()


def test_every_variable_of_the_environment_is_documented() -> None:
    sources = (ROOT / "src" / "andon").rglob("*.py")
    known = {name for file in sources for name in re.findall(r"\bANDON_[A-Z]+\b", file.read_text("utf-8"))}
    assert known and known - quoted("settings.md") == set()


def test_links_between_pages_lead_somewhere() -> None:
    pages = [*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md"), ROOT / "examples" / "README.md"]
    broken = [
        f"{page.relative_to(ROOT)}: {link}"
        for page in pages
        for link in re.findall(r"\]\((?!https?:)([^)#]+)(?:#[^)]*)?\)", page.read_text(encoding="utf-8"))
        if not (page.parent / link).exists()
    ]
    assert broken == []


def test_campaigns_that_are_shown_record_every_fault_alike() -> None:
    pages = [ROOT / "README.md", *(ROOT / "docs").rglob("*.md")]
    asked = [int(n) for page in pages for n in re.findall(r"campaign --cases (\d+)", page.read_text("utf-8"))]
    assert asked and [n for n in asked if n % len(FAULTS)] == []


def text() -> str:
    return (REFERENCE / "mechanisms.md").read_text(encoding="utf-8")
