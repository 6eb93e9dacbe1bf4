"""Figures: medians and ratios, measured in one run. `make bench` or `python -m benchmarks`."""
