"""What the data say: pure functions on arrays and telemetry values, without I/O.

Deviation, onset, seasons, calls, accounting, log templates, code changes. This room knows numbers
and text; it knows nothing of sources, runs or reports.
"""
