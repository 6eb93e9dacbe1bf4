"""Files of instruments, read strictly: one file for each format, and nothing here knows a batch."""
