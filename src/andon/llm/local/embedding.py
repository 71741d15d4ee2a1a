"""Vectors of texts from a GGUF model on this machine's processor, as `andon.storage.Index` takes them.

The engine (llama.cpp, through xllamacpp) runs in a process of its own, so that its crash is not ours; it is started when
it is first needed and ends with us. Texts go to it through its stdin, never over the network.
"""

from __future__ import annotations

import base64
import contextlib
import hashlib
import importlib
import importlib.util
import json
import os
import secrets
import select
import subprocess
import sys
import threading
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from andon.errors import ConfigError, MissingExtra, ModelError
from andon.llm.local.threads import thread_count

__all__ = ["LocalEmbedder", "serve"]

TOKENS = 512
"""What most embedding models were trained on; a longer text counts by its beginning."""
CHARACTERS = 4 * TOKENS
SHORTEST = 16
SECONDS = 300.0
"""For one batch of texts, or to load the model."""
HEADER_BYTES = 1 << 16
METADATA_BYTES = 32 << 20
"""Where the metadata of a GGUF file stand, with room for a large vocabulary."""

_SERVE = """
import os
try:
    from andon.llm.local.embedding import serve
    serve()
finally:
    os._exit(0)  # The engine may hang when it is taken down in good order.
"""
_POOLING_KEY = b".pooling_type"
_OWN_POOLING = "LLAMA_POOLING_TYPE_UNSPECIFIED"
_MEAN = "LLAMA_POOLING_TYPE_MEAN"
"""A file that was made for embedding says how its tokens are pooled; of one that writes their mean is taken."""


class LocalEmbedder:
    """Embeds texts with the model in a GGUF file; a file that was made for it is far better than one that writes.

    Raises ConfigError when there is no such file and MissingExtra without xllamacpp; a call raises ModelError when the
    engine cannot load the file, dies, or takes longer than `seconds` for a batch. The next call starts it anew.
    """

    def __init__(self, file: Path, *, threads: int | None = None, seconds: float = SECONDS) -> None:
        if not file.is_file():
            raise ConfigError(f"there is no model at {file}", hint="name a GGUF file of an embedding model")
        if importlib.util.find_spec("xllamacpp") is None:
            raise MissingExtra("the local model needs xllamacpp", hint="pip install 'andon[local]'")
        self._file = file
        self._threads = thread_count(threads)
        self._seconds = seconds
        self._lock = threading.Lock()
        self._process: subprocess.Popen[bytes] | None = None
        with file.open("rb") as opened:
            header = hashlib.sha256(opened.read(HEADER_BYTES)).hexdigest()[:12]
        self._name = f"{file.name}:{file.stat().st_size}:{header}"

    @property
    def name(self) -> str:
        """File name, size and a hash of the header: vectors of another model are never mixed with these."""
        return self._name

    def __call__(self, texts: Sequence[str]) -> NDArray[np.float32]:
        """One vector for each of n texts, float32 (n, d); only the first CHARACTERS of a text take part."""
        if not texts:
            return np.zeros((0, 0), np.float32)
        with self._lock:
            process = self._process or self._start()
            answer = self._ask(process, {"texts": [_head(text) for text in texts]})
        vectors = [np.frombuffer(base64.b64decode(packed), "<f4") for packed in answer["vectors"]]
        return np.array(vectors, np.float32)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Ends the engine's process; a later call starts another."""
        process, self._process = self._process, None
        if process is None:
            return
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()

    def _start(self) -> subprocess.Popen[bytes]:
        search = dict.fromkeys([str(Path(__file__).parents[3]), *filter(None, sys.path)])
        self._process = subprocess.Popen(  # noqa: S603
            [sys.executable, "-c", _SERVE],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={**os.environ, "PYTHONPATH": os.pathsep.join(search)},
            start_new_session=True,
        )
        self._ask(self._process, {"file": str(self._file), "threads": self._threads})
        return self._process

    def _ask(self, process: subprocess.Popen[bytes], question: dict[str, Any]) -> dict[str, Any]:
        """What the engine answers; whatever goes wrong ends it."""
        try:
            answer = self._exchange(process, question)
        except (OSError, ValueError) as error:
            self.close()
            raise ModelError(f"the engine of {self._file.name} ended before it answered") from error
        except BaseException:
            self.close()
            raise
        if "error" in answer:
            self.close()
            raise ModelError(f"{self._file.name} gave no vectors: {answer['error']}")
        return answer

    def _exchange(self, process: subprocess.Popen[bytes], question: dict[str, Any]) -> dict[str, Any]:
        if process.stdin is None or process.stdout is None:
            raise OSError("no pipes")
        process.stdin.write(json.dumps(question).encode() + b"\n")
        process.stdin.flush()
        if not select.select([process.stdout], [], [], self._seconds)[0]:
            raise ModelError(f"{self._file.name} gave no vectors within {self._seconds:g} s")
        answer: dict[str, Any] = json.loads(process.stdout.readline())
        return answer


def _head(text: str) -> str:
    return text[:CHARACTERS].encode("utf-8", "replace").decode()


def serve() -> None:
    """The life of the engine's process: loads what the first line of stdin says, then answers line by line."""
    answers = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    engine: _Engine | None = None
    answer: dict[str, Any]
    for line in sys.stdin:
        asked = json.loads(line)
        try:
            if engine is None:
                engine, answer = _Engine(asked["file"], asked["threads"]), {}
            else:
                answer = {"vectors": [engine.vector(text) for text in asked["texts"]]}
        except Exception as error:
            answer = {"error": f"{type(error).__name__}: {error}"[:500]}
        answers.write(json.dumps(answer) + "\n")
        answers.flush()


class _Engine:
    """xllamacpp's server, asked without its HTTP side, which it opens on loopback and a key closes."""

    def __init__(self, file: str, threads: int) -> None:
        with open(file, "rb") as opened:
            pools = _POOLING_KEY in opened.read(METADATA_BYTES)
        self._server = self._served(file, threads, _OWN_POOLING if pools else _MEAN)

    def _served(self, file: str, threads: int, pooling: str) -> Any:
        xllamacpp = importlib.import_module("xllamacpp")
        params = xllamacpp.CommonParams()
        params.model.path = file
        params.embedding = True
        params.pooling_type = getattr(xllamacpp.llama_pooling_type, pooling)
        params.n_ctx = params.n_batch = params.n_ubatch = TOKENS
        params.n_parallel = 1
        for cpu in (params.cpuparams, params.cpuparams_batch):
            cpu.n_threads = threads
            cpu.poll = 0
        params.hostnames = ["127.0.0.1"]
        params.port = 0
        params.api_keys = [secrets.token_urlsafe(24)]
        params.cache_ram_mib = 0
        params.offline = True
        params.ui = False
        params.endpoint_slots = False
        params.verbosity = 1
        return xllamacpp.Server(params)

    def vector(self, text: str) -> str:
        """Base64 of float32 numbers; a text with more tokens than the model takes is halved until it fits."""
        while True:
            told = self._ask(text or " ")
            if "error" not in told:
                numbers = np.array(told["data"][0]["embedding"], "<f4")
                return base64.b64encode(numbers.tobytes()).decode()
            message = str(told["error"].get("message", "no reason given"))
            if "too large" not in message or len(text) < SHORTEST:
                raise ValueError(message)
            text = text[: len(text) // 2]

    def _ask(self, text: str) -> dict[str, Any]:
        told: dict[str, Any] = self._server.handle_embeddings({"input": [text]})
        return told
