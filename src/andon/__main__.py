"""`python -m andon` is the command `andon`."""

from __future__ import annotations

from andon.cli import main

if __name__ == "__main__":
    main()
