"""Orders through the actions: a batch is opened from one, carries its codes and keeps what was ordered."""

from __future__ import annotations

import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from sqlalchemy import select

from labrecords.actions import batches, orders, patients
from labrecords.actions.door import Invalid, Refused
from labrecords.domain.registers.orders import OrderFacts
from labrecords.domain.registers.patients import Identity
from labrecords.domain.rules.findings import findings
from labrecords.domain.rules.order_match import RULE
from labrecords.models.batch_record import events_of
from labrecords.models.patients import find_patient
from labrecords.models.records import DocumentRow
from tests.support import story
from tests.support.lab import RELEASED, SHIPPED_KEY, Lab
from tests.support.printed import text_of


class Anything(dict[str, str]):
    """The order names neither people nor equipment by their ids."""

    def __missing__(self, name: str) -> str:
        return name


def a_patient(lab: Lab, number: str = "MRN 1") -> str:
    who = Identity("Maria Nowak", date(1968, 4, 30), number)
    return patients.register_patient(lab.by("tess"), keys=lab.installation.identity_keys, identity=who)


def facts(lab: Lab, **changes: Any) -> OrderFacts:
    """The order of which the story's order check is the copy."""
    stated = story.facts_of_step(
        "order", now=lab.clock(), patient="", identity="", people=Anything(), equipment=Anything()
    )
    good = OrderFacts(
        process_key=SHIPPED_KEY,
        indication=stated["indication"],
        indication_note=None,
        targets=stated["targets"],
        prescriber=lab.actor("paula").name,
        consent_version=stated["consent_version"],
        consent_date=stated["consent_date"],
    )
    return replace(good, **changes)


def ordered(lab: Lab, pseudonym: str, by: str = "paula", **changes: Any) -> str:
    return orders.write_order(lab.by(by), pseudonym=pseudonym, facts=facts(lab, **changes))


def opened(lab: Lab, code: str, process: str = "") -> str:
    digest = process or lab.master().digest
    return batches.open_ordered_batch(lab.by("tess"), process_digest=digest, order_code=code)


def test_a_batch_opened_from_an_order_carries_the_codes_of_the_patient_and_what_was_ordered(
    lab_on_both: Lab,
) -> None:
    lab = lab_on_both
    pseudonym = a_patient(lab)
    code = ordered(lab, pseudonym)
    record = lab.record(opened(lab, code))
    with lab.store.read() as session:
        patient = find_patient(session, pseudonym)
        events = [json.loads(payload) for payload in events_of(session, "patients")]
    assert patient is not None
    assert (record.batch.patient_code, record.batch.identity_code) == (pseudonym, patient.identity_code)
    (order,) = record.orders
    assert (order.code, order.targets, order.prescriber) == (code, facts(lab).targets, "Paula Pereira")
    assert [event["act"] for event in events] == ["patient.registered", "order.written", "batch.opened"]
    assert events[-1]["refs"] == {f"batch/{record.batch.id}": 1}


def test_an_order_has_one_batch_at_a_time(lab: Lab) -> None:
    code = ordered(lab, a_patient(lab))
    number = opened(lab, code)
    with pytest.raises(Refused, match=f"Batch {number} was opened from order {code} already"):
        opened(lab, code)
    with pytest.raises(Refused, match=number):
        orders.withdraw_order(lab.by("paula"), code=code, reason="The patient has changed his mind.")
    batches.void_batch(
        lab.by("tess"), batch=lab.batch(number), reason="Opened on the wrong day.", proof=lab.proof("tess")
    )
    assert opened(lab, code) != number


def test_no_batch_is_opened_from_an_order_that_was_withdrawn(lab: Lab) -> None:
    code = ordered(lab, a_patient(lab))
    with pytest.raises(Invalid):
        orders.withdraw_order(lab.by("paula"), code=code, reason="error")
    orders.withdraw_order(lab.by("paula"), code=code, reason="The patient has changed her mind.")
    with pytest.raises(Refused, match="was withdrawn"):
        opened(lab, code)
    with pytest.raises(Refused, match="was withdrawn"):
        orders.withdraw_order(lab.by("paula"), code=code, reason="Asked for a second time.")


def test_another_product_than_the_ordered_one_is_not_made(lab: Lab) -> None:
    code = ordered(lab, a_patient(lab))
    other = next(item for item in lab.masters() if item.key != SHIPPED_KEY)
    with pytest.raises(Invalid, match="of the product that is ordered"):
        opened(lab, code, other.digest)


def test_who_may_not_write_orders_and_for_whom(lab: Lab) -> None:
    pseudonym = a_patient(lab)
    for by in ("vic", "quentin", "ada", "ivan"):
        with pytest.raises(Refused):
            ordered(lab, pseudonym, by)
    with pytest.raises(Refused, match="Nobody with an identity has this pseudonym"):
        ordered(lab, "P000-0000")
    patients.erase_identity(
        lab.by("quentin"),
        keys=lab.installation.identity_keys,
        pseudonym=pseudonym,
        reason="Asked for in writing.",
    )
    with pytest.raises(Refused, match="Nobody with an identity has this pseudonym"):
        ordered(lab, pseudonym)


def test_codes_of_a_registered_patient_are_not_typed(lab: Lab) -> None:
    pseudonym = a_patient(lab)
    with pytest.raises(Invalid, match="open the batch from the order"):
        lab.open_batch(patient=pseudonym.lower().replace("-", ""))
    with lab.store.read() as session:
        patient = find_patient(session, pseudonym)
    assert patient is not None
    with pytest.raises(Invalid, match="belongs to another patient"):
        lab.open_batch(patient="P-77", identity_code=patient.identity_code)


def test_a_difference_blocks_until_corrected_and_the_document_prints_the_order(lab: Lab) -> None:
    pseudonym = a_patient(lab)
    code = ordered(lab, pseudonym)
    number = opened(lab, code)
    lab.clock.tick(5)
    lab.record_step(number, "order", order_code=code, indication="spinal stenosis")
    (found,) = [item for item in findings(lab.record(number)) if item.rule == RULE]
    assert "the indication is spinal stenosis" in found.sentence
    lab.clock.tick(1)
    lab.correct_step(number, "order", "The signed order says so.", indication="degenerative disc disease")
    assert [item for item in findings(lab.record(number)) if item.rule == RULE] == []
    lab.confirm_all(number, "order")
    lab.play(RELEASED, number)
    with lab.store.read() as session:
        pdf = session.execute(select(DocumentRow.__table__.c.pdf)).scalar_one()
    printed = " ".join(text_of(pdf).split())
    assert f"Order {code}" in printed
    order = printed.split(f"Order {code}")[1].split("Step 1.")[0]
    for part in (pseudonym, "degenerative disc disease", "Paula Pereira", "Consent BMC, version 3", "L5/S1"):
        assert part in order, part
    assert "Maria" not in printed
