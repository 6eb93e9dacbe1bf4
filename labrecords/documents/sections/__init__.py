"""The sections of the printed record, each in a file named after its subject."""
