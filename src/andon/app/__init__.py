"""Use cases: one module a user action; all that the faces may call.

Knows how a run is made, kept, shown, checked and moved. Knows nothing of terminals or pages.
"""
