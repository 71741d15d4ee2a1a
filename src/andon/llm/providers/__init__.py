"""From a choice in words to a model that can talk to one address only.

Each provider's own client library speaks its wire format; the network under all of them is ours: it refuses every
other address, follows no redirect, retries, keeps the time, and is the only one to know the key.
"""

from andon.llm.providers.opening import open_model

__all__ = ["open_model"]
