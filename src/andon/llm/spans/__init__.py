"""Spans of andon's own work: a run, its samples, each request to a model, each call of a tool; on request only.

Names and attributes are those of the GenAI semantic conventions of OpenTelemetry. The spans are a small model of our
own and not the SDK's: its exporters bring three more packages, read their addresses from the environment and keep
a run waiting for ten seconds; here one address is known, and two seconds. Knows nothing of incidents.
"""

from andon.llm.spans.recording import PATIENCE, TRACED, recorded
from andon.llm.spans.span import Kind, Span, Trace, annotate, span

__all__ = ["PATIENCE", "TRACED", "Kind", "Span", "Trace", "annotate", "recorded", "span"]
