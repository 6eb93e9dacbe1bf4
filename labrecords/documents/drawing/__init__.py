"""Ink on one page: typefaces, text, lines, signs and codes. It knows nothing of a record."""
