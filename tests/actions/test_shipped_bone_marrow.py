"""The shipped processes of bone marrow are complete, and the closed kit shows blind entry and a bypass."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from labrecords.actions.bypassing import NOT_ALLOWED, bypass_stops
from labrecords.actions.door import Refused
from labrecords.actions.equipment import EquipmentFacts, register_equipment
from labrecords.actions.mixups import Stopped
from labrecords.domain.processes.process import PROCESSING
from labrecords.domain.results.results import results
from labrecords.domain.results.step_balance import step_balances
from labrecords.domain.review.release import release_blockers
from labrecords.domain.rules.findings import findings
from tests.support import story
from tests.support.lab import SHIPPED_KEY, Lab, refusal

KIT = "bone-marrow-one-spin"
WHY = "The marrow cannot be harvested again, and the service is on its way."


def play(lab: Lab, number: str, until: str = "area_after") -> None:
    """Record and confirm every required step of the processing up to and with this one."""
    for step in lab.record(number).process.phase(PROCESSING):
        lab.clock.tick(5)
        if step.required:
            lab.record_step(number, step.key)
            lab.confirm_all(number, step.key)
        else:
            lab.leave_out(number, step.key, "This laboratory works without it.")
        if step.key == until:
            return


@pytest.mark.req("GMP-188b1-13", "GMP-103")
@pytest.mark.parametrize("key", [SHIPPED_KEY, KIT])
def test_a_batch_of_bone_marrow_is_played_to_its_release(lab: Lab, key: str) -> None:
    number = lab.open_batch(process=lab.master(key).digest)
    play(lab, number)
    record = lab.record(number)
    kinds = [step.kind for step in record.process.phase(PROCESSING)]
    assert kinds.count("line_clearance") == 2
    assert {"anticoagulant_preparation", "final_container", "yield_reconciliation"} <= set(kinds)
    assert {finding.rule for finding in findings(record)} <= {"code in use", "not done"}
    assert all(item.closed for item in step_balances(record) if item.difference_ml is not None)
    assert results(record)["volume_reduction"].inputs[-1].value == "8.0"
    assert release_blockers(record, lab.clock()) == ()
    assert lab.decide(number).sha256


def test_the_yield_rests_on_what_is_in_the_final_container(lab: Lab) -> None:
    number = lab.open_batch()
    play(lab, number, "count_after")
    before = results(lab.record(number))["tnc_after"].value
    lab.correct_step(number, "final_container", volume_ml=Decimal("4.0"))
    assert results(lab.record(number))["tnc_after"].value == before / 2


@pytest.mark.req("GMP-103")
def test_what_a_kit_received_is_entered_twice_the_second_time_unseen(lab: Lab) -> None:
    number = lab.open_batch(process=lab.master(KIT).digest)
    play(lab, number, "handover_laboratory")
    lab.record_step(number, "receipt")
    assert refusal(lambda: lab.confirm(number, "receipt", "vic")) == ("blind",)
    assert lab.reenter(number, "receipt", "vic")
    (again,) = lab.record(number).reentries
    assert again.step_key == "receipt"


def overdue(lab: Lab) -> None:
    """The day until which the centrifuge is checked was yesterday."""
    facts = EquipmentFacts(story.CENTRIFUGE, "centrifuge", "Hettich Rotina 380")
    register_equipment(lab.by("quentin"), facts=replace(facts, next_check=date(2026, 11, 22)))


def bypassed(lab: Lab, number: str) -> str:
    """Vic authorises that Tess spins all the same."""
    lab.clock.tick(5)
    with pytest.raises(Stopped) as stop:
        lab.record_step(number, "spin_1")
    tess = lab.id("tess")
    return bypass_stops(
        lab.by("vic"),
        batch=lab.batch(number),
        step_key="spin_1",
        stops=stop.value.stops,
        reason=WHY,
        requested_by=tess,
        performed_by=tess,
        proof=lab.proof("vic"),
    )


@pytest.mark.req("GMP-68a")
def test_the_spin_of_a_kit_in_an_overdue_device_is_bypassed_and_stays_a_finding(lab: Lab) -> None:
    number = lab.open_batch(process=lab.master(KIT).digest)
    play(lab, number, "count_before")
    overdue(lab)
    bypassed(lab, number)
    lab.record_step(number, "spin_1")
    rules = {finding.rule: finding.sentence for finding in findings(lab.record(number))}
    assert WHY in rules["bypassed"]
    assert "equipment" not in rules


def test_the_process_of_the_tube_allows_no_bypass(lab: Lab) -> None:
    number = lab.play("count_before")
    overdue(lab)
    with pytest.raises(Refused) as refused:
        bypassed(lab, number)
    assert refused.value.blockers == (NOT_ALLOWED,)
