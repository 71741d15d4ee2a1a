"""Optional libraries of the estate."""

from __future__ import annotations

import importlib
from typing import Any

from andon.errors import MissingExtra

__all__ = ["require"]


def require(module: str) -> Any:
    """The module of a library in the `demo` extra. Raises MissingExtra when it is not installed."""
    try:
        return importlib.import_module(module)
    except ImportError as error:
        raise MissingExtra(
            f"the demo estate needs {module.partition('.')[0]}", hint="pip install 'andon[demo]'"
        ) from error
