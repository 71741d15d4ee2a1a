"""The OTLP receiver of the estate: each export request becomes one line of a JSON-lines file.

What the metrics add up to can be scraped, as from a collector.
"""

from __future__ import annotations

import json
import threading
from pathlib import Path

from andon.demo.exposition import Exposition
from andon.demo.runtime import Runtime
from andon.demo.wire import JsonHandler, JsonServer

__all__ = ["SIGNALS", "ReceiverServer", "main"]

SIGNALS = ("metrics", "logs", "traces")


class ReceiverServer(JsonServer):
    """Appends `POST /v1/{signal}` to `{signal}.otlp.jsonl` in the folder; `POST /reset` empties the files; `GET /metrics` is for scrapers."""

    def __init__(self, port: int, folder: Path) -> None:
        self.lock = threading.Lock()
        self.exposition = Exposition()
        self.files = {signal: (folder / f"{signal}.otlp.jsonl").open("ab") for signal in SIGNALS}
        super().__init__(("127.0.0.1", port), _Handler)

    def append(self, signal: str, line: bytes) -> None:
        with self.lock:
            self.files[signal].write(line + b"\n")
            self.files[signal].flush()

    def reset(self) -> None:
        with self.lock:
            for file in self.files.values():
                file.truncate(0)

    def server_close(self) -> None:
        super().server_close()
        for file in self.files.values():
            file.close()


class _Handler(JsonHandler):
    server: ReceiverServer

    def respond(self) -> None:
        body = self.body()
        signal = self.path.rpartition("/")[2]
        if self.path == "/metrics":
            self._show()
            return
        if self.path == "/reset":
            self.server.reset()
        elif self.path == f"/v1/{signal}" and signal in SIGNALS and b"\n" not in body:
            self.server.append(signal, body)
            if signal == "metrics":
                self.server.exposition.add(json.loads(body))
        else:
            self.reply(400, {"message": "not an OTLP path, or not one line"})
            return
        self.reply(200, {})

    def _show(self) -> None:
        content = self.server.exposition.text().encode()
        self.send_response(200)
        self.send_header("Content-Type", "text/plain; version=0.0.4; charset=utf-8")
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)


def main(runtime: Runtime) -> None:
    """Runs the receiver until it is told to stop."""
    server = ReceiverServer(runtime.port("telemetry-receiver"), runtime.settings.telemetry)
    runtime.serve(server)
