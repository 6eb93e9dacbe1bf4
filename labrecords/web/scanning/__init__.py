"""Scanning on every page: whose a code is, what the page in hand does with it, and the sheet to set a scanner up."""
