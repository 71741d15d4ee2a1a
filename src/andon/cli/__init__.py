"""The command line: words in, a report on stdout, progress on stderr.

Commands are thin: they read options, call one use case of `andon.app`, and print. Heavy rooms are
imported when a command runs, so that help answers at once.
"""

from andon.cli.main import main

__all__ = ["main"]
