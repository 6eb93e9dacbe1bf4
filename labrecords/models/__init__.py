"""Tables, the write guard, queries and migrations. Imports the domain only."""
