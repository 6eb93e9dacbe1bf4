"""Values as people type, read and judge them: numbers, times, text, codes, limits, and the controlled words."""
