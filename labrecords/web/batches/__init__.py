"""Batches: the list, the page of one with everything that stands on it, its trail and its documents."""
