"""The label of the product, read by two people: release and dispensing wait for it, and a swap locks both."""

from __future__ import annotations

import pytest

from labrecords.actions.mixups import Stopped
from labrecords.actions.people import grant_role
from labrecords.domain.custody.product_checks import UNCHECKED
from labrecords.domain.entries import GIVEN
from labrecords.domain.permissions import Role
from labrecords.domain.review.decisions import RELEASED, standing_decision
from labrecords.domain.rules.findings import findings
from tests.support.lab import Lab, refusal

ASKED = ("minimum_cells = 100", 'minimum_cells = 100\nidentity_checks = ["release", "dispense"]')


def asked(lab: Lab, until: str, patient: str = "P-2048") -> str:
    return lab.play(until, lab.open_batch(process=lab.adopt(ASKED), patient=patient))


@pytest.mark.req("FACT-ID")
def test_release_and_dispensing_wait_for_two_people_who_read_the_label(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number = asked(lab, "area_after")
    assert refusal(lambda: lab.decide(number)) == (UNCHECKED,)
    lab.clock.tick(3)
    lab.record_step(number, "product_check-1")
    assert refusal(lambda: lab.decide(number)) == (UNCHECKED,)
    assert not lab.reenter(number, "product_check-1", "vic", container_code="SYR-8")
    assert refusal(lambda: lab.decide(number)) == (UNCHECKED,)
    assert lab.reenter(number, "product_check-1", "vic", why="The label was read under the lamp.")
    assert lab.decide(number).sha256
    lab.clock.tick(3)
    with pytest.raises(Stopped, match="Two people have not compared the label of SYR-7"):
        lab.record_step(number, "handover_theatre")
    lab.record_step(number, "product_check-2")
    assert lab.reenter(number, "product_check-2", "vic")
    lab.clock.tick(3)
    lab.record_step(number, "handover_theatre")
    record = lab.record(number)
    made = standing_decision(record)
    assert made is not None
    assert made.decision == RELEASED
    assert UNCHECKED not in {one.rule for one in findings(record)}
    lab.check()


@pytest.mark.req("FACT-ID")
@pytest.mark.parametrize("name", ["patient_code", "identity_code"])
def test_the_label_of_another_patient_locks_the_products_of_both(lab: Lab, name: str) -> None:
    number, other = lab.play("area_after"), lab.open_batch(patient="P-7777")
    wrong = getattr(lab.record(other).batch, name)
    lab.clock.tick(2)
    with pytest.raises(Stopped, match=wrong) as stopped:
        lab.record_step(number, "product_check-1", **{name: wrong})
    assert set(stopped.value.locked) == {number, other}
    assert [len(lab.record(one).locks) for one in (number, other)] == [1, 1]
    lab.check()


def test_a_record_number_on_a_label_is_compared_and_not_kept(lab: Lab) -> None:
    number = lab.play("area_after")
    lab.clock.tick(2)
    with pytest.raises(Stopped, match="what was given is known to nobody here") as stopped:
        lab.record_step(number, "product_check-1", patient_code="Piotr Zieliński 03.02.1944")
    assert stopped.value.locked == ()
    assert "Zieliński" not in str(stopped.value)


@pytest.mark.req("GMP-22")
def test_who_releases_may_read_the_label_before_and_keep_what_is_given_to_them(lab: Lab) -> None:
    number, other = asked(lab, "area_after"), asked(lab, "area_after", "P-9000")
    lab.clock.tick(3)
    grant_role(lab.by("ivan"), person_id=lab.id("quentin"), role=Role.SECOND_OPERATOR.value)
    lab.record_step(number, "product_check-1", by="quentin", performed_by="quentin")
    assert lab.reenter(number, "product_check-1", "vic")
    lab.record_step(other, "product_check-1")
    assert lab.reenter(other, "product_check-1", "quentin")
    given = {"container_code": "SYR-7", "giver": lab.id("tess"), "place_to": "Cupboard of QA"}
    lab.record_step(other, "handover-2", **given, by="quentin", performed_by="quentin")
    lab.confirm(other, "handover-2", "tess", GIVEN)
    for one in (number, other):
        assert lab.decide(one).sha256
        assert "released by a participant" not in {found.rule for found in findings(lab.record(one))}


@pytest.mark.req("GMP-22")
def test_who_gave_the_product_away_does_not_decide_on_it(lab: Lab) -> None:
    number = lab.play("area_after")
    lab.record_step(number, "offer-1", by="tess", performed_by="quentin", container_code="SYR-7")
    assert "took part" in refusal(lambda: lab.decide(number))
