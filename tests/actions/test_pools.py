"""Containers poured together: what the register of recalls, the search and the locks make of it, on both databases."""

from __future__ import annotations

from decimal import Decimal

import pytest

from labrecords.actions.door import Invalid
from labrecords.actions.mixups import Stopped
from labrecords.actions.recalls import RecallFacts, mark_batches, recall
from labrecords.actions.steps import record_step
from labrecords.domain.custody.batch_chain import breaks
from labrecords.domain.custody.mixups import LOCKED, MIXED_UP
from labrecords.domain.custody.recalls import RECALLED
from labrecords.domain.custody.traces import CONTAINER
from labrecords.domain.results.contents import held
from labrecords.domain.rules.finding import Severity
from labrecords.domain.rules.findings import findings
from labrecords.domain.steps.pool import Poured
from labrecords.models.codes import batches_with
from tests.support.lab import Lab, refusal

TOGETHER = (
    Poured(container_code="SYR-7B", volume_ml=Decimal("25.0"), left_ml=Decimal(0)),
    Poured(container_code="BAG-7", volume_ml=Decimal("10.0"), left_ml=Decimal("5.0")),
)


def divided(lab: Lab) -> str:
    number = lab.play("receipt")
    lab.record_step(number, "division-1")
    lab.clock.tick(5)
    return number


def test_a_pool_is_recorded_corrected_and_found_by_its_code(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number = divided(lab)
    lab.record_step(number, "pool-2")
    with lab.store.read() as session:
        assert batches_with(session, "BAG8") == [number]
    assert [item.rule for item in breaks(lab.record(number))] == []
    lab.clock.tick(5)
    more = (TOGETHER[0], Poured(container_code="BAG-7", volume_ml=Decimal("12.0"), left_ml=Decimal("3.0")))
    lab.correct_step(number, "pool-2", poured=more, total_ml=Decimal("37.0"))
    assert str(held(lab.record(number))["BAG8"].volume_ml) == "37.0"
    lab.check()


def test_what_cannot_be_is_asked_back(lab: Lab) -> None:
    number = divided(lab)
    with pytest.raises(Invalid) as found:
        lab.record_step(number, "pool-2", poured=TOGETHER[:1])
    assert found.value.problems == {"poured": "A pool comes out of two containers or more."}


def test_two_people_do_not_pour_the_same_millilitres(lab_on_both: Lab) -> None:
    """Both opened their form at once, with another number each: the second one is told how much is in it by now."""
    lab = lab_on_both
    number = divided(lab)
    late = lab.reading(number, "pool-2", container_code="BAG-9", performed_by="tess")
    lab.record_step(number, "pool-2")
    stale = lab.step(number, "pool-3")
    with pytest.raises(Stopped) as stopped:
        record_step(lab.by("tess"), step=stale, reading=late)
    said = [stop.sentence for stop in stopped.value.stops]
    assert any("SYR-7B was given" in sentence for sentence in said)
    assert "10.0 mL are more than the 5.0 mL in BAG-7." in said


@pytest.mark.req("HCT-220")
def test_pouring_in_what_is_another_patients_is_stopped_and_locks_both(lab_on_both: Lab) -> None:
    lab = lab_on_both
    other = lab.play("receipt", lab.open_batch(patient="P-7777"))
    lab.record_step(other, "storage-1")
    lab.correct_step(other, "harvest", container_code="BAG-OTHER")
    number = divided(lab)
    foreign = (TOGETHER[0], Poured(container_code="BAG-OTHER", volume_ml=Decimal(10), left_ml=Decimal(50)))
    with pytest.raises(Stopped) as stopped:
        lab.record_step(number, "pool-2", poured=foreign)
    assert stopped.value.locked == (number, other)
    assert refusal(lambda: lab.record_step(number, "pool-2")) == (LOCKED,)
    lab.record_step(
        number,
        "pool-2",
        poured=foreign,
        happened_reason="The syringe was emptied into it before it was read.",
    )
    for one in (number, other):
        grave = [item for item in findings(lab.record(one)) if item.severity is Severity.CRITICAL]
        assert MIXED_UP in {item.rule for item in grave}, one
    told = [item.sentence for item in findings(lab.record(number)) if item.rule == "identity"]
    assert "BAG-OTHER was given" in told[0]
    lab.check()


def test_a_container_of_the_same_patient_in_another_batch_is_no_part_of_it_either(lab: Lab) -> None:
    other = lab.play("receipt")
    lab.correct_step(other, "harvest", container_code="BAG-OTHER")
    number = lab.play("receipt", lab.open_batch())
    lab.record_step(number, "division-1")
    lab.clock.tick(5)
    foreign = (TOGETHER[0], Poured(container_code="BAG-OTHER", volume_ml=Decimal(10), left_ml=Decimal(50)))
    with pytest.raises(Stopped) as stopped:
        lab.record_step(number, "pool-2", poured=foreign)
    assert [stop.critical for stop in stopped.value.stops] == [True]
    assert stopped.value.locked == ()


def test_a_recalled_container_taints_what_it_was_poured_into(lab_on_both: Lab) -> None:
    lab = lab_on_both
    later, number = divided(lab), divided(lab)
    lab.record_step(number, "pool-2")
    lab.clock.tick()
    facts = RecallFacts(
        subject=CONTAINER, key="SYR7B", typed="SYR-7B", since=None, until=None, reason="The syringes leak at the tip."
    )  # fmt: skip
    one = recall(lab.by("quentin"), facts=facts, proof=lab.proof("quentin"))
    assert mark_batches(lab.by("quentin"), one) == 2
    assert [item.rule for item in findings(lab.record(number)) if item.rule == RECALLED] == [RECALLED]
    with pytest.raises(Stopped) as stopped:
        lab.record_step(later, "pool-2")
    assert RECALLED in [stop.rule for stop in stopped.value.stops]
