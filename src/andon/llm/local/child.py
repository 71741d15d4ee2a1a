"""The engine's own process: this file is run as a script, and imports nothing of andon, so it starts at once.

The first line of stdin says in JSON what to load; one line of JSON on stdout says at which loopback address
it is served, or why not. Then it serves until stdin ends, which happens however the parent ends.
"""

from __future__ import annotations

import importlib
import json
import os
import select
import sys
import threading
from typing import Any

__all__ = ["main"]

CHECK_SECONDS = 1.0
"""Besides the end of stdin the parent's id is looked at, for a forked relative may hold the pipe open."""
BATCH_TOKENS = 512
"""A request that is given up ends with the batch that is being computed; 512 is also what the CPU kernels take at once."""


def main() -> None:
    """Loads the weights, says where they are served, and waits for the end of the parent."""
    told = os.fdopen(os.dup(1), "w", encoding="utf-8")
    os.dup2(2, 1)
    wanted = json.loads(sys.stdin.readline())
    threading.Thread(target=_end_with, args=(wanted["parent"],), daemon=True).start()
    try:
        server = _served(wanted)
        answer = {"address": server.listening_address}
    except Exception as error:
        answer = {"error": str(error)}
    told.write(json.dumps(answer) + "\n")
    told.flush()
    if "address" in answer:
        threading.Event().wait()


def _served(wanted: dict[str, Any]) -> Any:
    xllamacpp = importlib.import_module("xllamacpp")
    params = xllamacpp.CommonParams()
    params.model.path = wanted["weights"]
    params.n_ctx = wanted["context"]
    params.n_parallel = 1
    params.n_batch = params.n_ubatch = BATCH_TOKENS
    for cpu in (params.cpuparams, params.cpuparams_batch):
        cpu.n_threads = wanted["threads"]
        cpu.poll = 0
    params.hostnames = ["127.0.0.1"]
    params.port = 0
    params.api_keys = [wanted["key"]]
    params.n_threads_http = 2
    params.cache_ram_mib = 0
    params.offline = True
    params.ui = False
    params.endpoint_slots = False
    params.verbosity = 1
    return xllamacpp.Server(params)


def _end_with(parent: int) -> None:
    while True:
        readable, _, _ = select.select([0], [], [], CHECK_SECONDS)
        if (readable and not os.read(0, 4096)) or os.getppid() != parent:
            os._exit(0)


if __name__ == "__main__":
    main()
