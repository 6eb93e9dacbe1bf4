"""What happens at a bench: back and send again, a nervous double click, two at one step, another person's session."""

from __future__ import annotations

import re

import pytest

from tests.story.desk import Desk
from tests.story.run import Run

SAMPLE = {"Drawn from": "C-1", "Sample": "Q-1", "Volume drawn": "1.0"}


@pytest.fixture
def number(run: Run) -> str:
    """A batch of its own, just opened, in which the second operator may record a sample."""
    run.until("equipped")
    return run.open_batch(run.desk("tess"), "P-2093-M")


def leave_out_until(run: Run, number: str, key: str, before: tuple[str, ...]) -> None:
    """Note the steps before as not done, so that this one is next."""
    tess = run.desk("tess")
    for earlier in before:
        tess.open(run.step(earlier, number))
        tess.answer({"Why it was not done": "Training batch without a patient."})
        tess.press("Note: not done")
    tess.open(run.step(key, number))


def acts(desk: Desk, number: str, act: str) -> int:
    """How often an act stands in the trail of a batch."""
    chain = desk.context.request.get(f"/batches/{number}/trail.json").text()
    return len(re.findall(rf'\\"act\\":\\"{re.escape(act)}\\"', chain))
