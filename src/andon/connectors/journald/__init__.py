"""journald: the journal of this machine, or a folder of journal files, read by `journalctl`.

Knows the options of `journalctl` and the fields of a journal record. Starts the program with a list of arguments,
never a shell, within the deadline of the session.
"""

from andon.connectors.journald.config import JournaldConfig, JournaldScope
from andon.connectors.journald.connector import JournaldConnector

__all__ = ["JournaldConfig", "JournaldConnector", "JournaldScope"]
