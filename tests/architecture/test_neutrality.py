"""The repository speaks of itself alone: no machine, no registry, nothing left for later."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path

from architecture.house import TESTS, checked_in, expect_none, parsed, place

HOME_OF_A_MACHINE = r"(?<![\w.}])/(?:work|root|home/\w+|Users/\w+|tmp/bash_jobs)/"
HOST_OF_A_REGISTRY = r"pypi\.org|pythonhosted\.org|npmjs\.(?:org|com)|deb\.debian\.org"
LEFT_FOR_LATER = r"\b(?:TO" + r"DO|FIX" + r"ME)\b"


def test_no_paths_of_a_machine():
    expect_none(_matches(HOME_OF_A_MACHINE), "files name no place of the machine they were written on")


def test_no_hosts_of_registries():
    expect_none(_matches(HOST_OF_A_REGISTRY), "files name no registry: each machine sets its own")


def test_nothing_is_left_for_later():
    expect_none(_matches(LEFT_FOR_LATER), "what is committed is finished")


def test_skips_give_a_reason():
    files = sorted(TESTS.rglob("*.py"))
    expect_none((skip for file in files for skip in _silent_skips(file)), "skipped tests say why")


def _matches(pattern: str) -> Iterator[str]:
    for file in checked_in():
        try:
            lines = file.read_text(encoding="utf-8").splitlines()
        except UnicodeDecodeError:
            continue
        for number, line in enumerate(lines, start=1):
            if found := re.search(pattern, line):
                yield f"{place(file, number)} {found[0]}"


def _silent_skips(file: Path) -> Iterator[str]:
    """Skips and expected failures, as calls without a reason or as bare decorators."""
    for node in ast.walk(parsed(file)):
        if isinstance(node, ast.Call) and _name(node.func).startswith("pytest."):
            name = _name(node.func)
            needs = {"pytest.skip": 1, "pytest.mark.skip": 1, "pytest.mark.skipif": 2, "pytest.mark.xfail": 2}
            given = len(node.args) + sum(word.arg in ("reason", "msg") for word in node.keywords)
            if given < needs.get(name, 0):
                yield f"{place(file, node.lineno)} {name}"
        elif isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef | ast.ClassDef):
            for decorator in node.decorator_list:
                if _name(decorator) in ("pytest.mark.skip", "pytest.mark.xfail"):
                    yield f"{place(file, node.lineno)} {_name(decorator)}"


def _name(node: ast.expr) -> str:
    match node:
        case ast.Name(id=name):
            return name
        case ast.Attribute(value=value, attr=attribute):
            return f"{_name(value)}.{attribute}"
    return ""
