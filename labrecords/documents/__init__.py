"""From a frozen record to signed bytes, and from bytes to a verdict. Knows no database and no web."""
