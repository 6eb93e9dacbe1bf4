"""Quality assurance: what a reviewer reads, and the signed acts on a whole batch."""
