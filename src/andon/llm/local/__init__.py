"""A small model on this machine's processor, for `model: local:…`: no account, no network, no other server.

The engine (llama.cpp, through xllamacpp) runs in a process of its own, so that its crash is not ours, and
ends with us. Every answer is one JSON object that the engine holds to a schema while it is written; a tool call
or an output is made of it by code. `LocalModel` is in `andon.llm.local.model`, which loads pydantic_ai.
"""

from __future__ import annotations

from andon.llm.local.weights import CONTEXT, find_weights, open_local

__all__ = ["CONTEXT", "find_weights", "open_local"]
