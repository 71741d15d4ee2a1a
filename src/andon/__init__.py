"""andon: describe what is wrong, get ranked root-cause hypotheses with checked evidence.

This module knows the version and nothing else; importing it loads no heavy library.
"""

__all__ = ["__version__"]

__version__ = "0.1.0"
