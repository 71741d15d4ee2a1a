import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from andon.connectors.structurizr import parse_dsl
from andon.errors import ParseError

PAGES = {
    "/part.dsl": b'person "Remote"',
    "/parent.dsl": b'workspace "Far" {\n model {\n  p = person "P"\n }\n}',
    "/parent.json": b'{"name": "J", "model": {"people": [{"id": "1", "name": "P"}]}}',
    "/local.dsl": b"!include secret.dsl",
    "/binary.dsl": b"\xff\xfe\x00",
}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/away":
            self.send_response(302)
            self.send_header("Location", "ftp://127.0.0.1/x")
            self.end_headers()
            return
        body = PAGES.get(self.path)
        if self.path.startswith("/loop"):
            body = f"workspace extends http://{self.headers['Host']}/loop {{\n}}".encode()
        self.send_response(200 if body is not None else 404)
        self.end_headers()
        self.wfile.write(body or b"")

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002
        pass


@pytest.fixture(scope="module")
def site() -> Iterator[str]:
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def including(url: str, **arguments):
    return parse_dsl(
        f"workspace {{\n model {{\n  !include {url}\n }}\n}}", file="w.dsl", allow_urls=True, **arguments
    )


def test_urls_are_read_where_they_are_allowed(site: str) -> None:
    assert [element.name for element in including(f"{site}/part.dsl").topology.elements] == ["Remote"]
    for parent, name in [("parent.dsl", "Far"), ("parent.json", "J")]:
        loaded = parse_dsl(f"workspace extends {site}/{parent} {{\n}}", file="w.dsl", allow_urls=True)
        assert (loaded.topology.name, len(loaded.topology.elements)) == (name, 1)


@pytest.mark.parametrize("page", ["/none", "/away", "/binary.dsl"])
def test_what_cannot_be_fetched_is_a_parse_error(site: str, page: str) -> None:
    with pytest.raises(ParseError):
        including(site + page)


def test_a_remote_text_reads_no_local_file(site: str, tmp_path) -> None:
    (tmp_path / "secret.dsl").write_text("person Secret")
    with pytest.raises(ParseError, match="without a folder"):
        including(f"{site}/local.dsl", root=tmp_path)


def test_parents_without_end_are_refused(site: str) -> None:
    with pytest.raises(ParseError, match="deep"):
        parse_dsl(f"workspace extends {site}/loop {{\n}}", file="w.dsl", allow_urls=True)


def test_a_large_answer_is_refused(site: str, monkeypatch) -> None:
    monkeypatch.setattr("andon.connectors.structurizr.include.MAX_BYTES", 5)
    with pytest.raises(ParseError, match="too much"):
        including(f"{site}/part.dsl")
