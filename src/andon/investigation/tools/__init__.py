"""The tools: typed, read-only functions from a question to observations.

`architecture`, `logs`, `metrics`, `instruments`, `infrastructure`, `traces`, `alerts`: each module holds the dataclasses of
its answers and the functions that ask for them. Engine, agent and other clients call the same ones.
They fetch and summarise; they do not judge.
"""
