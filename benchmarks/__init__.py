"""Scripts that measure: how right, how fast, how large. `python -m benchmarks` runs them and writes RESULTS.md.

A module with a `BENCHMARK` is one benchmark, whose `measure` goes from options to figures. What cannot be measured here (no data,
no command, a library that is not installed) is left out and said, never guessed. In andon
nothing is tuned on these data but the calibration map, on the development part of a campaign.
"""
