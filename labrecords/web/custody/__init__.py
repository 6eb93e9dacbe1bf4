"""Containers on their way: offers, labels, and the trace from anything to every batch."""
