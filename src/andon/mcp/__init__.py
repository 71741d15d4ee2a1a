"""The face towards other models: andon's questions, runs and reports over the Model Context Protocol.

It only reads, looks at no other sources than those it was started with, and lets nothing out that the redactor
has not seen. It knows stdio and streamable HTTP; how an investigation is conducted is the business of `andon.app`.
"""

from andon.errors import MissingExtra

try:
    from andon.mcp.face import Face, build
    from andon.mcp.scope import Scope
    from andon.mcp.secrets import known_secrets
    from andon.mcp.serving import Listener, serve_http, serve_stdio, token_of
except ImportError as error:
    raise MissingExtra(
        f"the Model Context Protocol needs the package mcp: {error}", hint="pip install --upgrade andon"
    ) from error

__all__ = ["Face", "Listener", "Scope", "build", "known_secrets", "serve_http", "serve_stdio", "token_of"]
