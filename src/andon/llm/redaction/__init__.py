"""Redaction: the one choke point for every text on its way to a language model or a webhook.

Secrets and personal data become pseudonyms; personal data can be put back for the reader of a report, secrets
cannot. Knows spellings, shapes and names; knows nothing of models, prompts or incidents.
"""

from andon.llm.redaction.redactor import Redactor

__all__ = ["Redactor"]
