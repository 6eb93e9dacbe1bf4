"""What is refused, or locks by itself, after a mix-up, whichever way it comes."""

from __future__ import annotations

import pytest

from labrecords.actions.door import BatchRef
from labrecords.actions.investigating import investigate
from labrecords.actions.labels import account_for_labels, give_container_id, print_labels
from labrecords.actions.mixups import Stopped, lock_products
from labrecords.actions.readings import Reading
from labrecords.actions.timers import start_timer, timer_ref
from labrecords.domain.custody.container_ids import new_code, shown
from labrecords.domain.custody.mixups import LOCKED, MIXED_UP, foreign_codes
from labrecords.domain.kinds import KINDS
from labrecords.domain.review.investigation import may_be_investigated, name_of
from labrecords.domain.rules.findings import findings
from tests.support.lab import Lab, refusal


def batch(lab: Lab, number: str) -> BatchRef:
    return BatchRef(lab.record(number).batch.id)


def lock(lab: Lab, number: str) -> None:
    lab.clock.tick()
    lock_products(
        lab.by("tess"), batch=batch(lab, number), other=None, step_key="identity_harvest", found="P-7777"
    )
    lab.clock.tick()


def lift(lab: Lab, number: str) -> None:
    (name,) = [
        name_of(one)
        for one in findings(lab.record(number))
        if one.rule == MIXED_UP and may_be_investigated(one)
    ]
    investigate(
        lab.by("quentin"),
        batch=batch(lab, number),
        finding=name,
        reason="Wristband and bag were compared again by two people.",
        proof=lab.proof("quentin"),
    )
    lab.clock.tick()


def spin(lab: Lab, number: str) -> str:
    reading = Reading(kind=KINDS["centrifugation"], facts={}, performed_by="")
    about = timer_ref(lab.record(number).batch.id, "spin_1")
    return start_timer(
        lab.by("tess"), about=about, step_key="spin_1", reading=reading, label="Spin", seconds=60
    )


def test_no_spin_begins_with_a_locked_product(lab: Lab) -> None:
    number = lab.play("count_before")
    lock(lab, number)
    assert refusal(lambda: spin(lab, number)) == (LOCKED,)
    lift(lab, number)
    assert spin(lab, number)


def test_a_locked_product_gets_no_id_and_no_label_and_copies_are_accounted_for(lab: Lab) -> None:
    number = lab.play("identity_harvest")
    code = give_container_id(lab.by("tess"), batch=batch(lab, number))

    def printed() -> str:
        return print_labels(
            lab.by("tess"),
            batch=batch(lab, number),
            code=code,
            kind="harvest",
            stock="50x25",
            copies=1,
            storage="15 to 25 °C",
            reason="The first one tore when it was put on.",
        )

    label = printed()
    lock(lab, number)
    assert refusal(printed) == (LOCKED,)
    assert refusal(lambda: give_container_id(lab.by("tess"), batch=batch(lab, number))) == (LOCKED,)
    account_for_labels(
        lab.by("tess"), batch=batch(lab, number), print_id=label, fates={1: "destroyed"}, note=""
    )
    lift(lab, number)
    assert printed()


def test_the_id_of_another_batch_on_a_bag_is_a_mix_up_and_no_reason_makes_it_right(lab: Lab) -> None:
    number, other = lab.play("identity_harvest"), lab.open_batch(patient="P-7777")
    code = give_container_id(lab.by("tess"), batch=batch(lab, other))
    sure = {"container_code": "Compared twice, it is this bag all the same."}
    with pytest.raises(Stopped) as stopped:
        lab.record_step(number, "harvest", container_code=shown(code), confirmed=sure)
    assert foreign_codes(stopped.value.stops) == (shown(code),)
    lab.record_step(
        number,
        "harvest",
        container_code=code,
        confirmed=sure,
        happened_reason="The marrow was in the bag when the label was read.",
    )
    grave = [one.sentence for one in findings(lab.record(number)) if one.severity.name == "CRITICAL"]
    assert any(shown(code) in sentence for sentence in grave)
    # No page was there: what is kept locks by itself, in both batches.
    assert [len(lab.record(one).locks) for one in (number, other)] == [1, 1]
    assert refusal(lambda: give_container_id(lab.by("tess"), batch=batch(lab, other))) == (LOCKED,)
    lab.check()


def test_an_id_that_a_record_carries_already_is_given_out_to_nobody(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number, other = lab.play("identity_harvest"), lab.open_batch(patient="P-7777")
    never, after = new_code("KRK", 2026, 1), new_code("KRK", 2026, 2)
    with pytest.raises(Stopped) as stopped:
        lab.record_step(number, "harvest", container_code=never)
    assert foreign_codes(stopped.value.stops) == (never,)
    happened = "The bag was filled with this label on it."
    lab.record_step(number, "harvest", container_code=never.lower(), happened_reason=happened)
    assert give_container_id(lab.by("tess"), batch=batch(lab, other)) == after
    assert give_container_id(lab.by("tess"), batch=batch(lab, number)) == new_code("KRK", 2026, 3)


def test_a_locked_product_is_handed_to_nobody_but_quality_assurance(lab: Lab) -> None:
    number = lab.play("harvest")
    lock(lab, number)
    for key in ("handover_laboratory", "offer-1"):
        with pytest.raises(Stopped) as stopped:
            lab.record_step(number, key)
        assert LOCKED in {stop.rule for stop in stopped.value.stops}
    lift(lab, number)
    lab.record_step(number, "handover_laboratory")
    lock(lab, number)
    lab.record_step(number, "offer-1", receiver=lab.id("quentin"))
