"""Eight people who draw from a container and hand it over at the same time, round after round, on both databases."""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from random import Random

from labrecords.actions.door import Refused, Stale
from labrecords.actions.steps import record_step
from labrecords.domain.custody.batch_chain import chain_of
from tests.any_custody.acting import CARRIERS, SAMPLES
from tests.any_custody.driver import Driver, reading_of
from tests.any_custody.model import Act
from tests.support.lab import Lab
from tests.support.threads import at_once

WORKERS = 8
ROUNDS = max(2, int(os.environ.get("LABRECORDS_TEST_ACTS", "100")) // 50)
SEED = int(os.environ.get("LABRECORDS_TEST_SEED", "1"))
HELD, DRAWN = Decimal("3.0"), Decimal("1.0")


def test_eight_draw_and_hand_over_at_once(lab_on_both: Lab) -> None:
    """Of the hand-overs one is recorded. What is drawn is a fact: more than there was is named, and once."""
    driver = Driver(lab_on_both, SEED)
    for number in range(ROUNDS):
        draw = Random(SEED * 1000 + number)
        driver.open()
        code = _part(driver)
        drawing = draw.randint(1, WORKERS - 1)
        acts = [_sample(driver, code, key) for key in SAMPLES[:drawing]]
        acts += [
            replace(driver.hands.give(code), by=draw.choice(_others(driver, code)))
            for _ in range(WORKERS - drawing)
        ]
        outcomes = at_once([_acting(driver, act) for act in acts])
        recorded = [act for act, outcome in zip(acts, outcomes, strict=True) if outcome == "recorded"]
        given = [act for act in recorded if act.kind == "handover"]
        assert len(given) == 1, (SEED, number, outcomes)
        assert len(recorded) == 1 + drawing, (SEED, number, outcomes)
        # Within a minute the samples, which are steps of the process, are read before the hand-over beside it.
        driver.hands.acts += [act for act in recorded if act.kind == "sample"] + given
        driver.compare()
        over = [one.rule for one in chain_of(lab_on_both.record(driver.number)).breaks]
        assert over == (["over-draw"] if drawing * DRAWN > HELD else []), (SEED, number)
    lab_on_both.check()


def _part(driver: Driver) -> str:
    """A part of the harvest, of which it is known how much is in it. Returns its code."""
    _later(driver)
    act = driver.hands.divide()
    act = replace(act, parts=((act.parts[0][0], HELD), act.parts[1]))
    driver.record(replace(act, left=(Decimal(10),)))
    _later(driver)
    return act.parts[0][0]


def _later(driver: Driver) -> None:
    driver.lab.clock.tick(6)
    driver.hands.at += timedelta(minutes=6)


def _sample(driver: Driver, code: str, key: str) -> Act:
    return replace(driver.hands.sample(code), key=key, volume_ml=DRAWN)


def _others(driver: Driver, code: str) -> list[str]:
    return [name for name in CARRIERS if name != driver.hands.there()[code].holder]


def _acting(driver: Driver, act: Act) -> Callable[[], str]:
    """The act as somebody sends it who opened the form before anybody else had sent theirs."""
    lab, number = driver.lab, driver.number
    by, step, reading = lab.by(act.by), lab.step(number, act.key), reading_of(lab, number, act)

    def run() -> str:
        try:
            record_step(by, step=step, reading=reading)
        except (Refused, Stale) as told:
            return type(told).__name__
        return "recorded"

    return run
