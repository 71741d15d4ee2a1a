"""Every room introduces itself, and says what it offers."""

from __future__ import annotations

import ast
import importlib
from collections.abc import Iterator
from pathlib import Path

from architecture.house import PACKAGE, dotted, expect_none, modules, parsed, place

LINES_OF_AN_INTRODUCTION = 10
ROOMS = [file for file in modules() if file.name == "__init__.py" and file.parent != PACKAGE]
PUBLIC = [file for file in modules() if not file.name.startswith("_")]


def test_every_folder_with_code_is_a_package():
    """Without `__init__.py` neither the linters nor the import contracts see what is inside."""
    folders = sorted({file.parent for file in modules()})
    expect_none(
        (place(folder) for folder in folders if not (folder / "__init__.py").exists()),
        "folders with code have an __init__.py",
    )


def test_rooms_introduce_themselves():
    expect_none(
        (f"{place(file)}: {why}" for file in ROOMS if (why := _introduction_lacks(file))),
        f"rooms have a docstring of one to {LINES_OF_AN_INTRODUCTION} lines, and __all__ if they export",
    )


def test_public_modules_say_what_is_public():
    expect_none(
        (place(file) for file in PUBLIC if _exported(file) is None),
        "public modules have __all__, a literal list of names",
    )


def test_public_modules_have_a_docstring():
    expect_none(
        (place(file) for file in PUBLIC if not ast.get_docstring(parsed(file))),
        "public modules have a docstring",
    )


def test_exported_names_exist():
    expect_none(
        (offender for file in modules() if file.name != "__main__.py" for offender in _missing_names(file)),
        "what __all__ lists can be imported",
    )


def test_exported_names_are_documented():
    """By a docstring of their own, or by the docstring of their module, as the tree of errors is."""
    expect_none(
        (offender for file in modules() for offender in _undocumented(file)),
        "public functions and classes are documented",
    )


def _introduction_lacks(file: Path) -> str:
    docstring = ast.get_docstring(parsed(file))
    if not docstring:
        return "no docstring"
    lines = len(docstring.splitlines())
    if lines > LINES_OF_AN_INTRODUCTION:
        return f"docstring of {lines} lines"
    imports = any(
        isinstance(node, ast.ImportFrom) and node.module != "__future__" for node in parsed(file).body
    )
    return "no __all__" if imports and _exported(file) is None else ""


def _exported(file: Path) -> list[str] | None:
    """What `__all__` lists, None where there is none."""
    for node in parsed(file).body:
        match node:
            case ast.Assign(targets=[ast.Name(id="__all__")], value=ast.List(elts=items)):
                return [item.value for item in items if isinstance(item, ast.Constant)]
            case ast.AnnAssign(target=ast.Name(id="__all__"), value=ast.List(elts=items)):
                return [item.value for item in items if isinstance(item, ast.Constant)]
    return None


def _missing_names(file: Path) -> Iterator[str]:
    try:
        module = importlib.import_module(dotted(file))
    except ImportError as error:
        yield f"{place(file)}: {error}"
        return
    for name in _exported(file) or ():
        if not hasattr(module, name):
            yield f"{place(file)}: {name}"


def _undocumented(file: Path) -> Iterator[str]:
    tree = parsed(file)
    exported = set(_exported(file) or ())
    introduced = set((ast.get_docstring(tree) or "").replace("`", " ").split())
    for node in tree.body:
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            documented = ast.get_docstring(node) or node.name in introduced
            if node.name in exported and not documented:
                yield f"{place(file, node.lineno)} {node.name}"
