import gzip
import io
import stat
import zipfile

import pytest

from andon.connectors.files.bundle import Bundle, LimitReached, Limits
from andon.errors import SourceError


def zipped(tmp_path, entries, method=zipfile.ZIP_DEFLATED):
    path = tmp_path / "bundle.zip"
    with zipfile.ZipFile(path, "w", method) as archive:
        for name, content in entries.items():
            archive.writestr(name, content)
    return path


def messages(bundle):
    return {problem.place: problem.message for problem in bundle.problems.problems()}


def test_folder_lists_files_without_hidden_ones(folder):
    bundle = Bundle(folder({"b/c.csv": "x", "a.csv": "x", ".DS_Store": "x", ".git/config": "x"}))
    assert bundle.paths == ("a.csv", "b/c.csv")


def test_links_out_of_the_folder_are_refused(folder, tmp_path):
    root = folder({"a.csv": "x"})
    (tmp_path / "secret").write_text("s")
    (root / "link.csv").symlink_to(tmp_path / "secret")
    (root / "inside.csv").symlink_to(root / "a.csv")
    bundle = Bundle(root)
    assert bundle.paths == ("a.csv", "inside.csv")
    assert "leads out" in messages(bundle)["link.csv"]


@pytest.mark.parametrize("name", ["../up.csv", "/abs.csv", "a/../../up.csv", "c:\\x.csv", "..\\x.csv"])
def test_climbing_entries_are_refused(tmp_path, name):
    bundle = Bundle(zipped(tmp_path, {name: "x", "good.csv": "y"}))
    assert bundle.paths == ("good.csv",)
    assert len(messages(bundle)) == 1
    assert "leads out of the bundle" in next(iter(messages(bundle).values()))


def test_links_and_archives_inside_a_zip_are_refused(tmp_path):
    link = zipfile.ZipInfo("link.csv")
    link.external_attr = (stat.S_IFLNK | 0o777) << 16
    path = zipped(tmp_path, {link: "/etc/passwd", "inner.zip": "x", "good.csv": "y"})
    bundle = Bundle(path)
    assert bundle.paths == ("good.csv",)
    assert set(messages(bundle)) == {"link.csv", "inner.zip"}


def test_other_packing_methods_are_refused(tmp_path):
    bundle = Bundle(zipped(tmp_path, {"a.csv": "x" * 100}, zipfile.ZIP_LZMA))
    assert bundle.paths == ()
    assert "deflate" in messages(bundle)["a.csv"]


def test_total_size_is_counted_while_unpacking(tmp_path):
    path = zipped(tmp_path, {"a.csv": b"x" * 3_000_000, "b.csv": b"y" * 3_000_000})
    bundle = Bundle(path, Limits(total=5_000_000))
    assert sum(map(len, bundle.chunks("a.csv"))) == 3_000_000
    assert sum(map(len, bundle.chunks("a.csv"))) == 3_000_000, "reading twice counts once"
    with pytest.raises(LimitReached, match="more than"):
        list(bundle.chunks("b.csv"))


@pytest.mark.parametrize("name", ["a.csv", "a.csv.gz"])
def test_ratio_is_limited(tmp_path, folder, name):
    content = b"\0" * 8_000_000
    path = (
        folder({name: gzip.compress(content)}) if name.endswith("gz") else zipped(tmp_path, {name: content})
    )
    with pytest.raises(LimitReached, match="times its size"):
        list(Bundle(path, Limits(ratio=100, ratio_floor=1_000_000)).chunks(name))


def test_headers_that_lie_about_the_size_are_not_believed(tmp_path):
    path = zipped(tmp_path, {"a.csv": b"x" * 3_000_000})
    raw = path.read_bytes().replace((3_000_000).to_bytes(4, "little"), (10).to_bytes(4, "little"))
    path.write_bytes(raw)
    with pytest.raises(zipfile.BadZipFile):
        list(Bundle(path).chunks("a.csv"))


def test_number_of_files_is_limited(folder):
    bundle = Bundle(folder({f"{i}.csv": "x" for i in range(5)}), Limits(entries=3))
    assert len(bundle.paths) == 3
    assert bundle.problems.truncated


def test_gzip_is_unpacked(folder):
    assert b"".join(Bundle(folder({"a.gz": gzip.compress(b"hello")})).chunks("a.gz")) == b"hello"


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 no zip", b"plain text"])
def test_neither_folder_nor_zip(tmp_path, content):
    (tmp_path / "x.zip").write_bytes(content)
    with pytest.raises(SourceError) as caught:
        Bundle(tmp_path / "x.zip")
    assert caught.value.hint


def test_nothing_there(tmp_path):
    with pytest.raises(SourceError, match="no such folder"):
        Bundle(tmp_path / "absent")


def test_real_files_of_a_zip_are_copies_that_vanish(tmp_path):
    inner = io.BytesIO()
    inner.write(b"data")
    bundle = Bundle(zipped(tmp_path, {"x/a.parquet": inner.getvalue()}))
    with bundle.real_file("x/a.parquet") as path:
        assert path.read_bytes() == b"data"
    assert not path.exists()
