"""What is not as it should be, found from the record: order, time limits, stops, findings."""
