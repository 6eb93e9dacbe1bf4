"""A code of another patient in the browser: the red page, both products locked, and each lock lifted by signature."""

from __future__ import annotations

import json
import re

import pytest
from werkzeug.test import TestResponse

from labrecords.actions.mixups import Stopped
from labrecords.domain.custody.mixups import LOCKED, MIXED_UP
from labrecords.domain.rules.findings import findings
from labrecords.models.batch_record import events_of
from tests.actions.test_patients import register
from tests.support.lab import Lab
from tests.support.pages import PageClient
from tests.support.reading import words
from tests.support.typed import typed

STEP = "identity_harvest"


def mixed_up(lab: Lab) -> tuple[str, str]:
    """Two batches; in the first the wristband of the second one's patient is scanned. Returns their numbers."""
    first = lab.play("anticoagulant")
    other = lab.open_batch(patient="P-7777")
    lab.clock.tick()
    answer = give(lab, first, patient_code="p 7777")
    assert answer.status_code == 403
    page = words(answer)
    assert 'class="stop"' in answer.text
    assert f"The products of batches {first} and {other} are locked now." in page
    return first, other


def give(lab: Lab, number: str, client: PageClient | None = None, **changes: str) -> TestResponse:
    """Send the identity check as the story has it, with changes."""
    sent = typed(lab, number, STEP, **changes)
    return (client or lab.client("paula")).submit(
        f"/batches/{number}/steps/{STEP}", sent, having="patient_code"
    )


@pytest.mark.req("FACT-ID")
def test_the_code_of_another_patient_locks_both_products_each_in_its_own_chain(lab_on_both: Lab) -> None:
    lab = lab_on_both
    both = mixed_up(lab)
    for number, other in (both, both[::-1]):
        record = lab.record(number)
        (lock,) = record.locks
        assert (lock.happened_in, lock.belongs_to) == both
        (finding,) = [item for item in findings(record) if item.rule == MIXED_UP]
        assert finding.severity.name == "CRITICAL"
        with lab.store.read() as session:
            event = json.loads(events_of(session, record.head.chain)[-1])
        assert event["act"] == "material.locked"
        assert [(row["table"], row["values"]["batch_id"]) for row in event["rows"]] == [
            ("mixup_lock", record.batch.id)
        ]
        page = words(lab.client("ada").get(f"/batches/{number}"))
        assert "Mix-up" in page
        assert other in page
    lab.check()


def test_nothing_more_is_done_with_either_product_until_it_is_lifted(lab: Lab) -> None:
    first, other = mixed_up(lab)
    lab.clock.tick()
    lab.record_step(first, STEP)
    lab.confirm_all(first, STEP)
    lab.clock.tick(5)
    for number in (first, other):
        with pytest.raises(Stopped) as stopped:
            lab.record_step(number, "harvest")
        assert LOCKED in {stop.rule for stop in stopped.value.stops}
    lift(lab, first)
    lab.record_step(first, "harvest")
    with pytest.raises(Stopped):
        lab.record_step(other, "harvest")
    assert [item.severity.name for item in findings(lab.record(first)) if item.rule == MIXED_UP] == [
        "EXCEPTION"
    ]


def lift(lab: Lab, number: str) -> None:
    """Quality assurance signs what was found about the one lock of this batch that stands."""
    client = lab.client("quentin")
    review = client.get(f"/batches/{number}/review").text
    (name,) = re.findall(r"/findings/([0-9a-f]{16})/investigate", review)
    signed = client.submit(
        f"/batches/{number}/findings/{name}/investigate",
        {
            "username": "quentin",
            "password": lab.cast["quentin"].password,
            "reason": "Wristbands and bags of both patients were compared again by two people.",
        },
        having="password",
    )
    assert signed.status_code == 303, words(signed)


def test_the_same_mistake_after_the_lock_was_lifted_locks_again(lab: Lab) -> None:
    first, other = mixed_up(lab)
    lift(lab, first)
    lab.clock.tick()
    for _ in range(2):
        assert give(lab, first, patient_code="P-7777").status_code == 403
    # The other batch was never lifted: it has one lock, not two for one mix-up.
    assert [len(lab.record(number).locks) for number in (first, other)] == [2, 1]
    lab.record_step(first, STEP)
    lab.confirm_all(first, STEP)
    for number in (first, other):
        with pytest.raises(Stopped) as stopped:
            lab.record_step(number, "harvest")
        assert LOCKED in {stop.rule for stop in stopped.value.stops}
    lift(lab, first)
    lab.record_step(first, "harvest")
    lab.check()


def test_the_same_mistake_again_locks_no_second_time(lab: Lab) -> None:
    first, other = mixed_up(lab)
    assert give(lab, first, patient_code="P-7777").status_code == 403
    assert [len(lab.record(number).locks) for number in (first, other)] == [1, 1]


@pytest.mark.parametrize("code", ["P-9999", "P-2O48"])
def test_a_code_that_nobody_has_stops_and_locks_nothing(lab: Lab, code: str) -> None:
    first = lab.play("anticoagulant")
    lab.clock.tick()
    answer = give(lab, first, patient_code=code)
    assert answer.status_code == 403
    assert "locked now" not in words(answer)
    assert lab.record(first).locks == ()


def test_another_batch_of_the_same_patient_is_no_mix_up(lab: Lab) -> None:
    first = lab.play("anticoagulant")
    other = lab.record(lab.open_batch())
    lab.clock.tick()
    assert give(lab, first, identity_code=other.batch.identity_code).status_code == 403
    assert lab.record(first).locks == other.locks == ()


def test_what_was_recorded_as_having_happened_locks_too(lab: Lab) -> None:
    first = lab.play("anticoagulant")
    other = lab.open_batch(patient="P-7777")
    lab.clock.tick()
    client = lab.client("paula")
    stop = give(lab, first, client, patient_code="P-7777")
    answer = client.submit(
        "",
        {"happened_reason": "The wristbands were exchanged in the ward."},
        having="happened_reason",
        response=stop,
    )
    assert answer.status_code == 303, words(answer)
    rules = [item.rule for item in findings(lab.record(first)) if item.severity.name == "CRITICAL"]
    assert sorted(rules) == ["identity", MIXED_UP]
    assert [len(lab.record(number).locks) for number in (first, other)] == [1, 1]


def test_one_product_that_is_locked_alone_is_spoken_of_as_one(lab: Lab) -> None:
    first = lab.play("anticoagulant")
    someone = register(lab)
    lab.clock.tick()
    page = words(give(lab, first, patient_code=someone))
    assert (
        f"The product of batch {first} is locked now. Do nothing more with it. Put the product aside:" in page
    )
    assert "both" not in page.lower()
    (found,) = [item for item in findings(lab.record(first)) if item.rule == MIXED_UP]
    assert "both" not in f"{found.sentence} {found.way_out}".lower()
