"""The keys of the laboratory, and what they sign: documents and checkpoints."""
