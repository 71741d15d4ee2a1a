"""Fakes that ship with the product, for our tests and for those who extend it.

Only tests import this room.
"""

from andon.testing.imitation import Asked, Fault, Imitation, Told, json_told
from andon.testing.memory_connector import MemoryConnector
from andon.testing.memory_source import MemorySource

__all__ = ["Asked", "Fault", "Imitation", "MemoryConnector", "MemorySource", "Told", "json_told"]
