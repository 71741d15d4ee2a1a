"""Lent tools: MCP servers named in andon.yaml lend their read-only tools.

A server is hostile until shown otherwise: what it offers is bounded and cleaned, what it answers becomes plain
lines, and nothing that it does ends a run. This room knows nothing of models, ledgers and references.
"""

from andon.connectors.lent.answers import LentAnswer
from andon.connectors.lent.config import LentConfig, lent_config
from andon.connectors.lent.lender import Lender, open_lenders
from andon.connectors.lent.offers import LentTool

__all__ = ["Lender", "LentAnswer", "LentConfig", "LentTool", "lent_config", "open_lenders"]
