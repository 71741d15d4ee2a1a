"""Settings: `andon.yaml` and the environment, read once, each value with where it came from.

Knows names, paths and numbers; secrets stand in it only by name, and no system is opened here.
"""

from andon.config.models import Knowledge, ModelEntry, Tracing
from andon.config.settings import (
    FILES,
    NamedSource,
    Settings,
    Spending,
    budget_in,
    is_offline,
    load_settings,
    sources_in,
)

__all__ = [
    "FILES",
    "Knowledge",
    "ModelEntry",
    "NamedSource",
    "Settings",
    "Spending",
    "Tracing",
    "budget_in",
    "is_offline",
    "load_settings",
    "sources_in",
]
