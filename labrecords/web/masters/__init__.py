"""Master records: read, compared, written as a text or on pages, approved."""
