"""HTTP towards a system: one client for all connectors that speak it.

Knows addresses, TLS, sign-in, retries, rate limits, budgets and how an answer that is none is told. Knows
nothing of what is asked. The only place of the connectors that sends HTTP requests.
"""

from andon.connectors.wire.config import Auth, HttpConfig, Tls
from andon.connectors.wire.connector import HttpConnector
from andon.connectors.wire.http import Reply, Wire

__all__ = ["Auth", "HttpConfig", "HttpConnector", "Reply", "Tls", "Wire"]
