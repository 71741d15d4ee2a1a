"""Talking on: what an engineer says after a report, read by rules.

Words become redirections that code settles and that rank again, or questions that are answered with sentences
computed from rows. Knows no model: `agent/conversation.py` uses the same rules to hold one to them.
"""
