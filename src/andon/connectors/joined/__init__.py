"""Several systems as one source: asked at once, each as far as it is needed, put together.

Knows which signals are asked for together, what was fetched already and what an answer was drawn from. Knows
nothing of any one system.
"""

from andon.connectors.joined.source import Answered, JoinedSource, Part

__all__ = ["Answered", "JoinedSource", "Part"]
