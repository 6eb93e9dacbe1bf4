"""What follows from a batch's record by calculation: yields, balances, tests, times."""
