"""The face towards programs that push: OTLP over HTTP and gRPC, and a webhook for changes.

A request is acknowledged when it is in the file, and refused at once when too much waits already. What
the files look like, and how they are read, is the business of `andon.connectors.received`.
"""

from andon.intake.access import Access, Address, read_token
from andon.intake.serving import Listening, Service, serve

__all__ = ["Access", "Address", "Listening", "Service", "read_token", "serve"]
