from __future__ import annotations

from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.connectors.historian.keys import fits, folder_of, is_hidden, is_path


@pytest.mark.parametrize("key", ["a.csv", "a b/ü+(1)=@,.csv", "dt=2026-06-19/part-0.parquet", "a/..b/c"])
def test_keys_that_are_paths(key: str):
    assert is_path(key)


@pytest.mark.parametrize(
    "key",
    [
        "",
        "/etc/passwd",
        "..",
        "../x",
        "a/../x",
        "a/./x",
        "a//x",
        "a/",
        "a\\..\\x",
        "C:x",
        "a\nb",
        "a\0b",
        "a*",
        "a?",
        "[a]",
        "x" * 201,
        "é" * 101,
        "a/" * 600 + "x",
        "\ud800",
    ],
)
def test_keys_that_never_become_paths(key: str):
    assert not is_path(key)


@given(st.text())
def test_a_path_stays_below_its_folder(key: str):
    if is_path(key):
        path = PurePosixPath("/drops") / key
        assert path.is_relative_to("/drops") and ".." not in path.parts and str(path) == f"/drops/{key}"


@pytest.mark.parametrize(
    ("path", "pattern", "fit"),
    [
        ("a.csv", "**/*", True),
        ("x/y/a.csv", "**/*", True),
        ("x/y/a.csv", "**/*.csv", True),
        ("x/y/a.csv", "*.csv", False),
        ("x/a.csv", "x/**/*.csv", True),
        ("x/y/z/a.csv", "x/**/*.csv", True),
        ("y/a.csv", "x/**/*.csv", False),
        ("x/y/a.csv", "x/**", True),
        ("A.csv", "a.csv", False),
        ("a1.csv", "a[0-3].csv", True),
        ("2026-06-19/a.parquet", "2026-*/*.parquet", True),
    ],
)
def test_patterns(path: str, pattern: str, fit: bool):
    assert fits(path, pattern) is fit


def test_where_all_that_fits_lies():
    assert folder_of("orders/*.csv") == "orders/"
    assert folder_of("a/b/**/*.csv") == "a/b/"
    assert folder_of("a?/b/x.csv") == folder_of("*.csv") == folder_of("x.csv") == ""


def test_hidden_ones():
    assert is_hidden(".x") and is_hidden("a/.x/b") and not is_hidden("a.b/c")
