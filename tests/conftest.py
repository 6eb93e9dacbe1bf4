"""Fixtures that every test may ask for, and how property tests run."""

from __future__ import annotations

from hypothesis import settings

pytest_plugins = ["tests.support.postgres", "tests.support.chromium", "tests.support.installations"]

# A loaded machine is no fault of the product: speed is measured in benchmarks/, and never judged by a test.
settings.register_profile("unhurried", deadline=None)
settings.load_profile("unhurried")
