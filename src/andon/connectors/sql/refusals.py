"""What an error of a database means, in words that help the reader; what was sent is not repeated."""

from __future__ import annotations

from andon.connectors.unanswered import Unanswered
from andon.telemetry import Status

__all__ = ["refusal"]

_QUOTED = 200
"""Characters of a database's own words that are quoted."""
_STATES = {
    "28": (Status.DENIED, "does not let us in", "check the user and `password`, and the server's pg_hba.conf"),
    "42501": (Status.DENIED, "does not allow this", "GRANT USAGE ON SCHEMA … and GRANT SELECT ON … to the user"),
    "57014": (Status.FAILED, "took too long and was stopped", "an index on the time column helps, or raise limits.timeout"),
    "42P01": (Status.FAILED, "has no such table", "check `table`, with its schema"),
    "3D000": (Status.FAILED, "has no such database", "check the end of `url`"),
    "53300": (Status.FAILED, "has no connection left for us", "lower limits.requests_at_once"),
    "57P": (Status.FAILED, "is starting or stopping", "try again"),
    "25006": (Status.FAILED, "refused to write", "a view that is read must not change anything"),
}  # fmt: skip
"""The beginning of an SQLSTATE (SQL:2011, and PostgreSQL's appendix A) to what it means; the first that fits counts."""
_WORDS = (
    (("password authentication failed", "no password supplied", "access denied", "authentication failed"), "28"),
    (("no encryption", "ssl off"), "hba"),
    (("no pg_hba.conf entry", 'role "'), "28"),
    (("permission denied", "not authorized", "command denied"), "42501"),
    (("does not exist", "unknown database"), "3D000"),
    (("certificate verify failed", "certificate", "does not support ssl", "ssl error"), "tls"),
    (("too many connections", "too many clients"), "53300"),
    (("starting up", "shutting down"), "57P"),
    (("interrupted", "max_execution_time", "statement timeout"), "57014"),
    (("timeout expired", "timed out", "could not connect", "connection refused", "could not translate", "name or service"), "reach"),
    (("unable to open database file",), "file"),
    (("not a database", "malformed"), "no-database"),
    (("database is locked",), "locked"),
)  # fmt: skip
"""What drivers write where they state no SQLSTATE, as they do while connecting, in lower case."""
_MORE = {
    "hba": (Status.DENIED, "wants an encrypted connection", "state `encrypted: true`, and its authority under tls.ca"),
    "tls": (Status.FAILED, "cannot be trusted over TLS", "name the authority that signed its certificate under tls.ca"),
    "reach": (Status.FAILED, "cannot be reached", "check `url`, and whether it is up"),
    "file": (Status.FAILED, "cannot be opened", "check the path in `url`, and that we may read it"),
    "no-database": (Status.FAILED, "is no database, or damaged", "check the path in `url`"),
    "locked": (Status.FAILED, "is locked by another program", "try again"),
}  # fmt: skip


def refusal(error: BaseException) -> Unanswered:
    """What the database's driver raised, as a gap with a status and a hint."""
    state = str(getattr(error, "sqlstate", None) or getattr(error, "pgcode", None) or "")
    said = _said(error)
    found = next((meaning for start, meaning in _STATES.items() if state and state.startswith(start)), None)
    if found is None:
        lowered = said.lower()
        kind = next((kind for words, kind in _WORDS if any(word in lowered for word in words)), "")
        found = _STATES.get(kind) or _MORE.get(kind)
    status, words, hint = found or (Status.FAILED, "could not answer", "")
    return Unanswered(f"the database {words}: {said}", status=status, hint=hint)


def _said(error: BaseException) -> str:
    """The driver's first line, without what comes after it: details repeat values of rows."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    text = " ".join((lines[0] if lines else type(error).__name__).split())
    return text[:_QUOTED] + ("…" if len(text) > _QUOTED else "")
