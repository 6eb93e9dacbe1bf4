"""What forms are made of: the entries, their text, and what a template has to know of them."""
