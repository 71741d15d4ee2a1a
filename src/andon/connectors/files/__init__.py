"""Telemetry in files: a folder or zip file that somebody brings, and the incident.yaml that describes it.

Knows the formats that tools export (see `FORMATS`), reads them within limits, and counts what it
cannot read. Guesses what nobody stated and says what it guessed. Writes nothing but the manifest.
"""

from andon.connectors.files.bundle import Limits
from andon.connectors.files.guess import Guess, Guessed, guess, write_manifest
from andon.connectors.files.manifest import FileEntry, Manifest, Period, load_manifest
from andon.connectors.files.registry import FORMATS, Format, format_table
from andon.connectors.files.source import FilesSource
from andon.connectors.files.verdict import Question

__all__ = [
    "FORMATS",
    "FileEntry",
    "FilesSource",
    "Format",
    "Guess",
    "Guessed",
    "Limits",
    "Manifest",
    "Period",
    "Question",
    "format_table",
    "guess",
    "load_manifest",
    "write_manifest",
]
