"""What the control plane does inside the subscription database, as its administrator."""

from __future__ import annotations

import secrets

from andon.demo.database import ADMIN
from andon.demo.database_client import Session
from andon.demo.settings import EstateSettings

__all__ = ["DatabaseOperations"]


class DatabaseOperations:
    """Statements and transactions; one that nobody commits stays open and keeps what it has locked."""

    def __init__(self, settings: EstateSettings) -> None:
        self._settings = settings
        self._open: Session | None = None

    def session(self) -> Session:
        """A new session of the administrator. Raises DatabaseError."""
        return Session(self._settings.ports["subscription-db"], ADMIN, self._settings.db_admin_password)

    def begin(self) -> str:
        """Opens a transaction, in place of one that is open; its id. Raises DatabaseError."""
        if self._open is not None:
            self._open.close()
        self._open = self.session()
        return secrets.token_urlsafe(48)

    def execute(self, statement: str, *, in_transaction: bool = False) -> int:
        """Executes in the open transaction, or in one of its own; the number of rows. Raises DatabaseError."""
        if in_transaction and self._open is not None:
            return len(self._open.query(statement))
        session = self.session()
        try:
            return len(session.query(statement))
        finally:
            session.close()
