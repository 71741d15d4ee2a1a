"""What the data say: pure functions on arrays and telemetry values, without I/O.

Deviation, onset, seasons, anomalies, calls, accounting, courses of invocations, log templates,
instruments, code changes. This room knows numbers and text; it knows nothing of sources, runs or reports.
"""
