"""One function for each thing a person can do: the only writers. See door.py for how every one of them runs."""
