"""An engine without weights, run as a script: the real one's paths, key, context and limits, with prepared answers.

Its "weights" are a JSON file: `answers`, each a text, "die" or "hang", given in turn also over restarts. What was
asked is appended to `<weights>.asked`, a prompt as text again. A token is up to four characters; control
tokens exist only where they are allowed to be read as such.
"""

from __future__ import annotations

import importlib.util
import json
import os
import re
import sys
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from types import SimpleNamespace
from typing import Any

CONTROL = r"<\|im_start\|>|<\|im_end\|>"


def text_of(token: int) -> str:
    """A control token stands out, as it does to a model."""
    kind, *text = token.to_bytes((token.bit_length() + 7) // 8)
    return f"\N{SYMBOL FOR ESCAPE}{bytes(text).decode()}" if kind == 2 else bytes(text).decode()


class FakeEngine:
    def __init__(self, wanted: dict[str, Any]) -> None:
        self.weights = Path(wanted["weights"])
        self.key = wanted["key"]
        self.context = wanted["context"]
        self.script = json.loads(self.weights.read_text())

    def ids(self, text: str, special: bool) -> list[int]:
        """The same in every process: the bytes of a piece, after 2 for control tokens and 1 for all others."""
        found = []
        for at, part in enumerate(re.split(f"({CONTROL})", text) if special else [text]):
            pieces = [part] if at % 2 else re.findall(r"(?s).{1,4}", part)
            found += [int.from_bytes(bytes([1 + at % 2]) + piece.encode()) for piece in pieces]
        return found

    def answer(self, path: str, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        if path == "/apply-template":
            turns = (f"<|im_start|>{m['role']}\n{m['content']}<|im_end|>\n" for m in body["messages"])
            return 200, {"prompt": "".join(turns) + "<|im_start|>assistant\n"}
        if path == "/tokenize":
            return 200, {"tokens": self.ids(body["content"], body["parse_special"])}
        return self.complete(body)

    def complete(self, body: dict[str, Any]) -> tuple[int, dict[str, Any]]:
        prompt = body["prompt"]
        asked = {**body, "prompt": [text_of(each) for each in prompt]}
        journal = self.weights.with_suffix(".asked")
        with journal.open("a") as file:
            file.write(json.dumps(asked) + "\n")
        if len(prompt) > self.context:
            return 400, {
                "error": {"message": f"request ({len(prompt)} tokens) exceeds the available context size"}
            }
        answers = self.script["answers"]
        answer = answers[min(len(journal.read_text().splitlines()), len(answers)) - 1]
        if answer == "die":
            os._exit(9)
        if answer == "hang":
            time.sleep(600)
        pieces = re.findall(r"(?s).{1,4}", answer)
        cut = len(pieces) > body["n_predict"]
        written = pieces[: body["n_predict"]]
        return 200, {
            "content": "".join(written),
            "tokens_evaluated": len(prompt),
            "tokens_predicted": len(written),
            "stop_type": "limit" if cut else "eos",
        }


def served(wanted: dict[str, Any]) -> SimpleNamespace:
    engine = FakeEngine(wanted)
    if engine.script.get("refuse"):
        sys.stderr.write("load_model: error: no such tensor\n")
        raise RuntimeError(engine.script["refuse"])
    time.sleep(engine.script.get("load_seconds", 0))

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            allowed = self.headers["Authorization"] == f"Bearer {engine.key}"
            status, told = engine.answer(self.path, body) if allowed else (401, {"error": "Invalid API Key"})
            data = json.dumps(told).encode()
            self.send_response(status)
            self.send_header("Content-Length", str(len(data)))
            self.end_headers()
            self.wfile.write(data)

        def log_message(self, *_: object) -> None:
            """Says nothing."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    return SimpleNamespace(listening_address=f"http://127.0.0.1:{server.server_address[1]}")


if __name__ == "__main__":
    spec = importlib.util.spec_from_file_location("child", sys.argv[1])
    assert spec is not None and spec.loader is not None
    child = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(child)
    child._served = served
    child.main()
