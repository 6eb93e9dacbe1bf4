"""Labels: what stands on each kind, for which reason, what became of every copy, and what that means for the batch."""
