import gzip

import pytest

from andon.connectors.files.bundle import Bundle, Limits
from andon.connectors.files.problems import ProblemCounter
from andon.connectors.files.reader import FileReader, load_json
from andon.errors import ParseError


@pytest.fixture
def reader(folder):
    def make(content, name="file.jsonl", limits=None):
        return FileReader(name, Bundle(folder({name: content}), limits or Limits()), ProblemCounter())

    return make


def texts(file):
    return [str(problem) for problem in file.problems.problems()]


def lines(file, limit=1000):
    return [line for _, batch in file.line_batches(limit) for line in batch]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be"])
def test_byte_order_marks(reader, encoding):
    mark = {"utf-16-le": b"\xff\xfe", "utf-16-be": b"\xfe\xff"}.get(encoding, b"")
    file = reader(mark + '{"a": "Größe 漢字"}\n'.encode(encoding))
    assert [record for _, record in file.json_lines()] == [{"a": "Größe 漢字"}]
    assert not texts(file)


def test_invalid_utf8_is_replaced_and_counted(reader):
    file = reader(b'{"a": "x\xff"}\n{"a": "y\xff"}\n{"a": 1}\n')
    assert [r["a"] for _, r in file.json_lines()] == ["x\ufffd", "y\ufffd", 1]
    assert texts(file) == ["file.jsonl:1: invalid UTF-8 was replaced (2 times)"]


def test_half_a_line_is_counted_with_its_place(reader):
    file = reader('{"a": 1}\n{"a": 2}\n{"a": ')
    assert len(list(file.json_lines())) == 2
    assert texts(file) == ["file.jsonl:3: line is not valid JSON (half a line?)"]


def test_nan_in_json_is_read(reader):
    assert [r for _, r in reader('{"a": Infinity}\n').json_lines()] == [{"a": float("inf")}]


def test_values_that_are_no_objects_are_counted(reader):
    file = reader('1\n"x"\n{"a": 1}\n')
    assert len(list(file.json_lines())) == 1
    assert texts(file) == ["file.jsonl:1: line is not a JSON object (2 times)"]


def test_long_lines_are_cut_and_counted(reader):
    file = reader(b"short\n" + b"x" * 3_000_000 + b"\nafter\n" + b"y" * 2000)
    found = lines(file)
    assert [len(line) for line in found] == [5, 1000, 5, 1000]
    assert texts(file) == ["file.jsonl:2: line longer than 1,000 bytes was cut (2 times)"]


def test_line_numbers_run_over_chunks(reader):
    file = reader(b"x" * 999_999 + b"\n" + b"y" * 999_999 + b"\nlast")
    batches = list(file.line_batches(2_000_000))
    assert [(number, len(batch)) for number, batch in batches] == [(1, 1), (2, 1), (3, 1)]


def test_truncated_gzip_keeps_what_came_before(reader):
    packed = gzip.compress("".join(f'{{"a": {i}}}\n' for i in range(200_000)).encode())
    file = reader(packed[: len(packed) // 2], "file.jsonl.gz")
    assert len(list(file.json_lines())) > 1000
    assert any("breaks off" in text for text in texts(file))


def test_limits_truncate(reader):
    file = reader(gzip.compress(b"{}\n" * 2_000_000), "x.gz", Limits(ratio=10, ratio_floor=1000))
    list(file.json_lines())
    assert file.problems.truncated


def test_large_documents_are_refused_with_a_hint(reader):
    with pytest.raises(ParseError) as caught:
        reader("[" + "1," * 1000 + "1]", limits=Limits(document=100)).document()
    assert "JSON lines" in caught.value.hint


@pytest.mark.parametrize("content", ["[1, 2", '{"a": }', "\xff", "[" * 100_000])
def test_broken_documents(reader, content):
    with pytest.raises(ParseError, match="not valid JSON"):
        reader(content).document()


@pytest.mark.parametrize(
    "content",
    [
        '[{"a":1},{"a":2}]',
        '{"items":[{"a":1},{"a":2}]}',
        '{"a":1}\n{"a":2}\n',
        '\n\n{"a":1}\n{"a":2}',
        '[\n {"a":1},\n {"a":2}\n]',
    ],
)
def test_records_of_arrays_wrappers_and_lines(reader, content):
    assert [r for _, r in reader(content).records("items")] == [{"a": 1}, {"a": 2}]


def test_blank_files_have_no_records(reader):
    assert list(reader(" \n\n").records()) == []


@pytest.mark.parametrize("sign", [",", ";", "\t", "|"])
def test_csv_delimiters_and_quotes(reader, sign):
    file = reader(f'a{sign}b\r\n"x{sign}1"{sign}"two\nlines"\r\n\r\n')
    assert [row for _, row in file.csv_rows()] == [["a", "b"], [f"x{sign}1", "two\nlines"]]


def test_csv_with_nul_bytes(reader):
    assert [row for _, row in reader(b"a,b\n1\0,2\n").csv_rows()] == [["a", "b"], ["1", "2"]]


def test_lone_surrogates_can_be_written_again():
    assert load_json(r'{"a": "\ud800", "b": NaN}')["a"].encode("utf-8")
