"""What makes a record provable: canonical bytes, chained events, checkpoints, and what is signed."""
