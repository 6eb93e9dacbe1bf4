"""What the laboratory has: equipment, lots, places, training, and when each runs out."""
