"""Accounts and sessions in any order: who is in, what they may do, and which token is dead is what the model says.

`make test-long` tries ten times as many. The same run tries the same; a failure prints the fewest acts that led
to it.
"""

from __future__ import annotations

import os

from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.any_session.machine import PeopleAtBrowsers
from tests.support.installations import cheap_passwords
from tests.support.lab import Lab

ACTS = int(os.environ.get("LABRECORDS_TEST_ACTS", "500"))
ACTS_IN_A_ROW = 50


def test_whatever_people_do_at_their_browsers_comes_to_what_the_model_says(lab_on_both: Lab) -> None:
    class AtTheirBrowsers(PeopleAtBrowsers):
        lab = lab_on_both

    tried = settings(
        max_examples=ACTS // ACTS_IN_A_ROW,
        stateful_step_count=ACTS_IN_A_ROW,
        derandomize=True,
        database=None,
        deadline=None,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )
    with cheap_passwords():
        run_state_machine_as_test(AtTheirBrowsers, settings=tried)
