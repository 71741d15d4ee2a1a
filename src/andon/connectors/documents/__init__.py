"""Documents: runbooks, manuals and past incidents in a folder, as passages that can be quoted.

Knows Markdown, plain text and PDF, and the limits within which it reads them. Documents are hostile
input: nothing in them is followed or run. Knows nothing of what is looked for (`andon.storage.Index`)
and nothing of incidents.
"""

from andon.connectors.documents.document import Document
from andon.connectors.documents.folder import list_documents, read_documents
from andon.telemetry import Passage

__all__ = ["Document", "Passage", "list_documents", "read_documents"]
