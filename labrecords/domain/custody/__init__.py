"""Who held the material where, and in which container."""
