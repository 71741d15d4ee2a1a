"""A unit test lies where one looks for it: tests/unit/x/test_y.py tests src/andon/x/y.py."""

from __future__ import annotations

from pathlib import Path

from architecture.house import PACKAGE, TESTS, expect_none, place

UNIT = TESTS / "unit"


def test_unit_tests_mirror_the_source():
    expect_none(
        (
            f"{place(file)}: there is no {place(_tested(file))}"
            for file in sorted(UNIT.rglob("test_*.py"))
            if not _exists(_tested(file))
        ),
        "unit tests mirror a module or a room, others belong into tests/contract or tests/scenarios",
    )


def test_helpers_of_unit_tests_lie_beside_them():
    folders = sorted({file.parent for file in UNIT.rglob("*.py")})
    expect_none(
        (place(folder) for folder in folders if not (PACKAGE / folder.relative_to(UNIT)).is_dir()),
        "folders of unit tests mirror a room",
    )


def test_tests_are_no_packages():
    """With import mode importlib a package among them would change how the others are found."""
    expect_none((place(file) for file in sorted(TESTS.rglob("__init__.py"))), "tests have no __init__.py")


def _tested(test: Path) -> Path:
    return PACKAGE / test.relative_to(UNIT).with_name(test.name.removeprefix("test_"))


def _exists(module: Path) -> bool:
    return module.exists() or module.with_suffix("").is_dir()
