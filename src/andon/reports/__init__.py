"""How it is shown: a report as terminal text, Markdown, HTML and JSON.

Every renderer is a function from a `Report` to text; none of them decides anything. Telemetry in a
report is hostile text: all of it passes `text_safety` before the escaping of its format. This room
knows nothing of how a report came about, and fetches nothing.
"""

from andon.reports.html import to_html
from andon.reports.json_form import from_json, json_schema, to_json, write_schema
from andon.reports.markdown import to_markdown
from andon.reports.terminal import print_report, terminal_svg

__all__ = [
    "from_json",
    "json_schema",
    "print_report",
    "terminal_svg",
    "to_html",
    "to_json",
    "to_markdown",
    "write_schema",
]
