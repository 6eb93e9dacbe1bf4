"""Formulas, each with its version and a worked example. Nothing here knows a batch."""
