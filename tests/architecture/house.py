"""The checkout as the architecture tests see it: its files, read and parsed once."""

from __future__ import annotations

import ast
import subprocess
from collections.abc import Iterable
from functools import cache
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
PACKAGE = ROOT / "src" / "andon"
TESTS = ROOT / "tests"


@cache
def modules() -> tuple[Path, ...]:
    """Every Python file of the product."""
    return tuple(sorted(PACKAGE.rglob("*.py")))


@cache
def parsed(file: Path) -> ast.Module:
    return ast.parse(file.read_text(encoding="utf-8"), filename=str(file))


def dotted(file: Path) -> str:
    """The name under which the file is imported."""
    parts = file.relative_to(PACKAGE.parent).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def place(file: Path, line: int = 0) -> str:
    """The file as one would type it from the root of the checkout, with the line where there is one."""
    name = file.relative_to(ROOT).as_posix()
    return f"{name}:{line}" if line else name


@cache
def checked_in() -> tuple[Path, ...]:
    """The files that git tracks or would add."""
    listing = subprocess.run(
        ["git", "-c", "safe.directory=*", "ls-files", "-z", "--cached", "--others", "--exclude-standard"],
        cwd=ROOT,
        check=True,
        capture_output=True,
        text=True,
    ).stdout
    files = (ROOT / name for name in sorted(set(listing.split("\0"))) if name)
    return tuple(file for file in files if file.is_file())


def expect_none(offenders: Iterable[str], rule: str) -> None:
    """Fails with the rule and one line for each offender."""
    found = list(offenders)
    if found:
        pytest.fail(f"{rule}; {len(found)} do not:\n  " + "\n  ".join(found), pytrace=False)
