"""Fakes that ship with the product, for our tests and for those who extend it.

Only tests import this room.
"""

from andon.testing.memory_source import MemorySource

__all__ = ["MemorySource"]
