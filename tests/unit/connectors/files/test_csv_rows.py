import csv
import io
import math

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from andon.connectors.files.bundle import Bundle, Limits
from andon.connectors.files.csv_rows import CsvRows, NumberBlock
from andon.connectors.files.metrics_csv import parse_wide
from andon.connectors.files.problems import ProblemCounter
from andon.connectors.files.reader import FileReader

T = 1_781_864_700


def rows_of(folder, text):
    bundle = Bundle(folder({"m.csv": text}), Limits())
    return FileReader("m.csv", bundle, ProblemCounter()).csv_rows()


def test_numbers_are_read_as_a_block(folder):
    rows = rows_of(folder, "t;a;b;c\n1;2;;-3e2\n2;4.5;6;\n")
    assert next(rows) == (1, ["t", "a", "b", "c"])
    (block,) = rows.blocks(4)
    assert isinstance(block, NumberBlock)
    assert (block.first, block.heads) == (2, ["1", "2"])
    assert [[None if x != x else x for x in row] for row in block.numbers.tolist()] == [
        [2, None, -300],
        [4.5, 6, None],
    ]


def test_other_lines_are_read_as_rows_with_their_numbers(folder):
    rows = rows_of(folder, 't,a\n1,"2"\n\n3,"x\ny"\n5,6\n')
    assert isinstance(rows, CsvRows)
    next(rows)
    assert list(rows.blocks(2)) == [(2, ["1", "2"]), (5, ["3", "x\ny"]), (6, ["5", "6"])]


CELLS = st.sampled_from(
    [
        "",
        "1",
        "-2.5",
        "3e4",
        "+7",
        "007",
        ".5",
        "1.",
        "nan",
        "NULL",
        "true",
        "x",
        " 8 ",
        "1e400",
        '"9"',
        '"1,5"',
        "null",
    ]
)


@given(st.lists(st.lists(CELLS, min_size=1, max_size=4), min_size=1, max_size=12))
@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=150)
def test_blocks_give_what_single_rows_give(parse, rows):
    lines = [",".join([str(T + i), *cells]) for i, cells in enumerate(rows)]
    text = "time,a,b,c\n" + f"{T - 9},1,2,3\n" * 60 + "\n".join(lines) + "\n"
    parsed = parse(parse_wide, text)
    found = {name.strip(): series for name, series in parsed.metrics.items()}
    cells = {row[0]: row[1:] for row in csv.reader(io.StringIO("\n".join(lines)))}
    for name, place in (("a", 0), ("b", 1), ("c", 2)):
        series = found[name]
        got = dict(zip(series.times.tolist(), series.values.tolist(), strict=True))
        for time, row in cells.items():
            assert _same(got[float(time)], _expected(row[place] if place < len(row) else ""))


def _expected(cell):
    try:
        value = float(cell)
    except ValueError:
        try:
            value = float(cell.replace(",", "."))
        except ValueError:
            return math.nan
    return value if abs(value) < 1e150 else math.nan


def _same(a, b):
    return a == b or (a != a and b != b)
