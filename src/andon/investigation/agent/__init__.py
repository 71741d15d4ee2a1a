"""The agent: a language model leads the investigation with the tools of the engine, and cannot lie about it.

It reads rows of observations, each with a reference, and concludes with hypotheses that cite such references.
What it cites is turned into sentences by code; what it says in its own words is kept only where the cited rows
bear it out. Order and likelihood are settled by code: a model is one voter. Only `loop` and `conversation` know
the library that drives models.
"""
