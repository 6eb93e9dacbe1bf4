"""What quality assurance and the second person decide, and what stands in their way."""
