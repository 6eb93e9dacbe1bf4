"""What the laboratory has and whom it treats: equipment, lots, training, patients and orders."""
