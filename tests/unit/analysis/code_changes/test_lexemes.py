from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from andon.analysis.code_changes import lexemes
from andon.analysis.code_changes.quantities import Governs, governed, quantities, share_changed


@pytest.mark.parametrize(
    ("line", "code"),
    [
        ("\tx := 1 // why", "\tx := 1"),
        ("# a remark", ""),
        ("x = 1  # why", "x = 1"),
        ("#include <a.h>", "#include <a.h>"),
        ('url = "http://host/a"', 'url = "http://host/a"'),
        ("color: #fff;", "color: #fff;"),
        ("/* block */", ""),
        ("it's open // said", "it's open"),
    ],
)
def test_comments(line: str, code: str) -> None:
    assert lexemes.uncommented(line) == code


def test_calls() -> None:
    assert lexemes.calls("if err := json.NewDecoder(r.Body).Decode(&req); err != nil {") == [
        "json.NewDecoder",
        ".Decode",
    ]
    assert lexemes.calls("req, err := decode[Request](r)") == ["decode"]
    assert lexemes.calls("func (s *Store) List(ctx context.Context) error {") == []
    assert lexemes.calls("    @app.route('/x')") == ["app.route", "app.route"]


def test_conditions() -> None:
    assert lexemes.condition("if err := f(x); err != nil {") == "err != nil"
    assert lexemes.condition("    elif not rows:") == "not rows"
    assert lexemes.condition("x = 1") == ""


@pytest.mark.parametrize(
    ("code", "value", "unit"),
    [
        ("context.WithTimeout(ctx, 300*time.Millisecond)", 0.3, "time"),
        ("Duration.ofSeconds(5)", 5.0, "time"),
        ("timedelta(minutes=2)", 120.0, "time"),
        ("timeout_ms: 250", 0.25, "time"),
        ("ttl: 10m", 600.0, "time"),
        ("cpu: 250m", 0.25, "count"),
        ("memory: 512Mi", 512 * 2**20, "size"),
        ("-Xmx512m", 512e6, "size"),
        ("max_rows = 5_000", 5000.0, "count"),
    ],
)
def test_quantities(code: str, value: float, unit: str) -> None:
    found = quantities(code)[0]
    assert (found.value, found.unit) == (pytest.approx(value), unit)


def test_what_numbers_govern() -> None:
    assert governed(lexemes.words("maxRetryAttempts")) is Governs.RETRY
    assert governed(lexemes.words("connection_timeout_ms")) is Governs.TIMEOUT
    assert governed(lexemes.words("db.MaxConns")) is Governs.POOL
    assert governed(lexemes.words("colour")) is Governs.OTHER


@given(st.floats(1e-6, 1e6), st.floats(1e-6, 1e6))
def test_share_changed_is_symmetric_and_bounded(a: float, b: float) -> None:
    assert 0.0 <= share_changed(a, b) <= 1.0
    assert share_changed(a, b) == share_changed(b, a)
    assert share_changed(a, a) == 0.0


@given(st.text(max_size=200))
def test_any_text_can_be_read(text: str) -> None:
    code = lexemes.uncommented(text)
    (
        lexemes.calls(code),
        lexemes.strings(code),
        lexemes.condition(code),
        lexemes.setting(code),
        quantities(code),
    )
    assert lexemes.words(code) == [word.lower() for word in lexemes.words(code)]
