"""Steps in any order, legal or not: the system does what the model says, and the record stays whole.

`make test-long` tries 5,000 acts on each database; a failure names its seed and the acts that led to it. Another seed,
in LABRECORDS_TEST_SEED, tries others; the same gives the same again.
"""

from __future__ import annotations

import os

from tests.any_order.driver import Driver, second_account
from tests.support.lab import Lab

ACTS = int(os.environ.get("LABRECORDS_TEST_ACTS", "100"))
SEED = int(os.environ.get("LABRECORDS_TEST_SEED", "1"))
MANY = 5000
"""From so many acts on, every kind of them has been accepted, and every rule has refused one."""
RULES = {
    "permission", "recorded", "corrected", "not done", "not repeatable", "form", "voided", "performed",
    "order of steps", "order of times", "identity", "identity check", "equipment", "rotor speed", "label",
    "appearance", "release", "bedside check", "volume", "no bypass", "same person", "another person", "confirmed",
    "blind", "missing step", "not verified", "not attested", "took part", "decided", "not decided", "rejected",
    "recorded after all", "closed", "took no part",
}  # fmt: skip


def test_acts_in_any_order_do_what_the_model_says(lab_on_both: Lab) -> None:
    with second_account(lab_on_both):
        driver = Driver(lab_on_both, SEED)
        driver.run(ACTS)
    assert driver.outcomes.total() == ACTS
    assert driver.outcomes["accepted"] > ACTS / 4
    assert set(driver.refusals) <= RULES
    if ACTS >= MANY:
        assert set(driver.refusals) == RULES
