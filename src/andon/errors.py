"""Every error that andon raises on purpose, in one tree.

    AndonError                 1   our bug, when raised bare
    ├── UsageError             2   the command line or a question cannot be understood
    ├── ConfigError            3   andon.yaml or incident.yaml is wrong
    ├── SourceError            4   a source cannot be read at all
    │   └── ParseError         4   a file is not what it says it is: file, line, what was expected
    ├── ModelError             5   a language model failed
    ├── StorageError           6   the store of runs cannot be read or written
    │   └── RunNotFound        6
    ├── MissingExtra           7   an optional library is not installed
    ├── AccessError            8   the source refuses us
    └── Inconclusive          10   nothing can be named, and the caller asked to be told by exit code

Each carries a message for the person who must act, a hint of what to do, the exit code of the
command line and the status of the HTTP API. Missing data is not an error: it is a `Result` with a
status (see `andon.telemetry.results`).
"""

from __future__ import annotations

__all__ = [
    "AccessError",
    "AndonError",
    "ConfigError",
    "Inconclusive",
    "MissingExtra",
    "ModelError",
    "ParseError",
    "RunNotFound",
    "SourceError",
    "StorageError",
    "UsageError",
]


class AndonError(Exception):
    """The root of the tree; `hint` says what the reader can do about it."""

    exit_code = 1
    http_status = 500

    def __init__(self, message: str, *, hint: str = "") -> None:
        super().__init__(message)
        self.message = message
        self.hint = hint


class UsageError(AndonError):
    exit_code = 2
    http_status = 400


class ConfigError(AndonError):
    exit_code = 3
    http_status = 422


class SourceError(AndonError):
    exit_code = 4
    http_status = 502


class ParseError(SourceError):
    """A file that cannot be read as what it should be; `line` counts from 1, 0 means the whole file."""

    def __init__(self, message: str, *, file: str, line: int = 0, expected: str = "", hint: str = "") -> None:
        place = f"{file}:{line}" if line else file
        tail = f"; expected {expected}" if expected else ""
        super().__init__(f"{place}: {message}{tail}", hint=hint)
        self.file = file
        self.line = line
        self.expected = expected


class ModelError(AndonError):
    exit_code = 5
    http_status = 502


class StorageError(AndonError):
    exit_code = 6


class RunNotFound(StorageError):
    http_status = 404


class MissingExtra(AndonError):
    exit_code = 7
    http_status = 501


class AccessError(AndonError):
    exit_code = 8
    http_status = 403


class Inconclusive(AndonError):
    exit_code = 10
    http_status = 200
