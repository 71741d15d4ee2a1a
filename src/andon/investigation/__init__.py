"""Why it happened: question, plan, tools, observations, evidence, hypotheses, report.

Data walks through this room once, in that order. The tools turn what sources answer into
observations in the ledger; everything after them reads observations only, so a run replays without
its sources.
"""
