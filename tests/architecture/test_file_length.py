"""A file fits on a few screens, a function on one."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from architecture.house import expect_none, modules, parsed, place

LINES_OF_A_FILE = 400
LINES_OF_A_FUNCTION = 49


def test_files_are_short():
    lengths = ((file, len(file.read_text(encoding="utf-8").splitlines())) for file in modules())
    expect_none(
        (f"{place(file)}: {length} lines" for file, length in lengths if length > LINES_OF_A_FILE),
        f"files have at most {LINES_OF_A_FILE} lines",
    )


def test_functions_are_short():
    expect_none(
        (offender for file in modules() for offender in _long_functions(file)),
        f"functions have at most {LINES_OF_A_FUNCTION} lines",
    )


def _long_functions(file: Path) -> Iterator[str]:
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            length = (node.end_lineno or node.lineno) - node.lineno + 1
            if length > LINES_OF_A_FUNCTION:
                yield f"{place(file, node.lineno)} {node.name}: {length} lines"
