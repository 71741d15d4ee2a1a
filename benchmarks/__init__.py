"""Scripts that measure: how right, how fast, how large. `python -m benchmarks` runs them and writes RESULTS.md.

Each module is one benchmark with one function `measure`, from options to figures. What cannot be measured here (no data,
no command, a library that is not installed) is left out and said, never guessed. Nothing in andon is tuned on these data.
"""
