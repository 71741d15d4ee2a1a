"""The engine that runs the weights: text to tokens, and tokens to an answer that keeps to a schema.

It is reached over HTTP on loopback with a key that is made for each process. HTTP and not a pipe, for the
engine serves it itself: chat template, tokens and completion in one place, and a closed connection ends the work.
A request has one turn at a time: there is one set of computed states, and time is counted from its own beginning.
"""

from __future__ import annotations

import asyncio
import threading
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any

from andon.llm.local.process import EngineFailed, EngineProcess, EngineSlow

if TYPE_CHECKING:
    import httpx2

__all__ = ["Completion", "Engine", "Turn"]

WAIT_SECONDS = 0.02
_ENDED = "the engine of the local model ended twice while it was asked"


@dataclass(frozen=True, slots=True)
class Completion:
    """What was written, the tokens read and written, and whether it came to its own end or was cut off."""

    text: str
    input_tokens: int
    output_tokens: int
    finished: bool


class Engine:
    """Runs one file of weights in a process of its own, from the first request until `close`; may be used from any thread."""

    def __init__(self, weights: Path, *, context: int, threads: int, command: Sequence[str] = ()) -> None:
        self.weights = weights
        self.context = context
        self.threads = threads
        self._command = command
        self._process: EngineProcess | None = None
        self._starting = threading.Lock()
        self._taken = threading.Lock()

    @property
    def pid(self) -> int | None:
        """The process id of the engine, None when it does not run."""
        process = self._process
        return process.pid if process and process.alive else None

    def running(self) -> EngineProcess:
        """The process, started if there is none. Raises EngineFailed when it does not start."""
        with self._starting:
            if self._process is not None and not self._process.alive:
                self._process.end()
                self._process = None
            if self._process is None:
                self._process = EngineProcess(
                    self.weights, context=self.context, threads=self.threads, command=self._command
                )
            return self._process

    def close(self) -> None:
        """Ends the process; a later request starts another."""
        with self._starting:
            process, self._process = self._process, None
        if process is not None:
            process.end()

    def __enter__(self) -> Engine:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @asynccontextmanager
    async def turn(self, seconds: float) -> AsyncIterator[Turn]:
        """One request's use of the engine, in which everything after its start together may take so many seconds.

        Raises EngineSlow after that, and ends the process, since it may hang; EngineFailed when it died twice.
        """
        import httpx2

        while not self._taken.acquire(blocking=False):
            await asyncio.sleep(WAIT_SECONDS)
        try:
            await asyncio.to_thread(self.running)
            async with (
                asyncio.timeout(seconds) as deadline,
                httpx2.AsyncClient(trust_env=False, timeout=None) as client,
            ):
                yield Turn(self, client)
        except TimeoutError as error:
            if not deadline.expired():
                raise
            await asyncio.to_thread(self.close)
            raise EngineSlow(f"the local model had not answered after {seconds:g} s") from error
        finally:
            self._taken.release()


class Turn:
    """What a request may ask of the engine while it has its turn."""

    def __init__(self, engine: Engine, client: httpx2.AsyncClient) -> None:
        self.context = engine.context
        self._engine = engine
        self._client = client
        self._known: dict[tuple[str, bool, bool], list[int]] = {}

    async def render(self, messages: Sequence[Mapping[str, str]]) -> str:
        """The messages as the chat template of the weights writes them."""
        asked = {"messages": list(messages), "chat_template_kwargs": {"enable_thinking": False}}
        return str((await self._ask("/apply-template", asked))["prompt"])

    async def tokens(self, text: str, *, special: bool = False, first: bool = False) -> list[int]:
        """The text in the tokens of the weights; only with `special` may it form control tokens."""
        if (text, special, first) not in self._known:
            asked = {"content": text, "parse_special": special, "add_special": first}
            self._known[text, special, first] = (await self._ask("/tokenize", asked))["tokens"]
        return self._known[text, special, first]

    async def complete(
        self,
        prompt: Sequence[int],
        *,
        most: int,
        sampling: Mapping[str, Any],
        schema: Mapping[str, Any] | None,
    ) -> Completion:
        """Writes on from the prompt, at most so many tokens, by the engine's own names for sampling.

        The engine leaves out a schema that it does not know without a word, so the caller checks the answer.
        """
        asked: dict[str, Any] = {
            "prompt": list(prompt),
            "n_predict": most,
            "cache_prompt": True,
            "stream": False,
            **sampling,
        }
        if schema is not None:
            asked["json_schema"] = schema
        told = await self._ask("/completion", asked)
        return Completion(
            text=str(told["content"]),
            input_tokens=int(told["tokens_evaluated"]),
            output_tokens=int(told["tokens_predicted"]),
            finished=told["stop_type"] != "limit",
        )

    async def _ask(self, path: str, body: Mapping[str, Any]) -> dict[str, Any]:
        """Asks once more when the process died, for nothing but its own state is lost."""
        import httpx2

        for _ in range(2):
            process = await asyncio.to_thread(self._engine.running)
            try:
                response = await self._client.post(
                    process.address + path, json=body, headers={"Authorization": f"Bearer {process.key}"}
                )
            except httpx2.TransportError as error:
                process.end()
                died = error
                continue
            if response.status_code != httpx2.codes.OK:
                raise EngineFailed(f"the engine of the local model refused {path}: {response.text[:300]}")
            told: dict[str, Any] = response.json()
            return told
        raise EngineFailed(_ENDED) from died
