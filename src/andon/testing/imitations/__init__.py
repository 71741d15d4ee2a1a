"""Servers that stand in for systems which cannot be installed for tests: one file a system.

Each speaks its system's wire format, executes the queries that andon sends, and enforces the limits and failures
that the system's public documentation states. What they do not imitate stands at the top of each file.
"""

__all__: list[str] = []
