"""The site on the laboratory's own network: its certificate, and how a tablet comes to trust it."""
