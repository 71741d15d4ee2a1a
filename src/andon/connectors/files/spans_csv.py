"""Spans in CSV with named columns."""

from __future__ import annotations

from andon.connectors.files.columns import Collected
from andon.connectors.files.reader import FileReader
from andon.connectors.files.spans_records import SpanFields

__all__ = ["parse_csv_spans"]


def parse_csv_spans(file: FileReader, into: Collected) -> None:
    """One row a span; raises ParseError when a column that is needed is missing."""
    rows = file.csv_rows()
    _, header = next(rows, (0, []))
    header = [cell.strip() for cell in header]
    fields = SpanFields(file, header)
    for line, row in rows:
        if len(row) != len(header):
            file.problem(f"row has {len(row)} cells where the header has {len(header)}", line=line)
        fields.add(dict(zip(header, row, strict=False)), line, into.spans)
