"""The step kinds: one file each, one frozen dataclass of facts each. The list is in kinds.py."""
