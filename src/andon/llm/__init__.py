"""Language models: providers, budgets, redaction, transcripts; knows nothing of incidents.

Everything that is sent to a model goes through one wrapper (`guard.py`): it checks the budget, hides
secrets and personal data, writes the exchange down, and puts the real names back into the answer.
"""
