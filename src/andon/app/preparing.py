"""To prepare a folder: look at its files, say what they seem to be, write the manifest."""

from __future__ import annotations

from pathlib import Path

from andon.connectors.files import Guess, guess, write_manifest

__all__ = ["MANIFEST", "look", "write"]

MANIFEST = "incident.yaml"


def look(folder: Path) -> Guess:
    """What the files of a folder seem to be. Raises SourceError when it holds none."""
    return guess(folder)


def write(found: Guess, folder: Path) -> Path:
    """Writes the manifest into the folder. Raises ConfigError when there is one already."""
    path = folder / MANIFEST
    write_manifest(found, path)
    return path
