"""The laboratory's own process: master records, their text, what they ask for, and how two versions differ."""
