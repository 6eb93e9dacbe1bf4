"""Whose is this code? One query finds everything that a code stands for, by indexes, on both databases."""

from __future__ import annotations

from typing import Any

from labrecords.actions.labels import give_container_id
from labrecords.models import whose as finding
from labrecords.models.codes import batches_with, in_other_batches, is_carried
from labrecords.models.patients import find_patient
from labrecords.models.whose import whose
from tests.actions.test_orders import a_patient, opened, ordered
from tests.support.lab import Lab
from tests.support.statements import counted
from tests.web.test_lots import received


def kinds(lab: Lab, code: str) -> list[tuple[str, str]]:
    with lab.store.read() as session:
        return [(item.kind, item.key) for item in whose(session, code)]


def test_a_code_of_each_kind_is_found_in_one_query(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number = lab.open_batch(identity_code="7QX4-M2KD-9RTV")
    lab.play("receipt", number)
    given = give_container_id(lab.by("tess"), batch=lab.batch(number))
    delivery = received(lab).rsplit("/", 1)[-1]
    pseudonym = a_patient(lab)
    order = ordered(lab, pseudonym)
    with lab.store.read() as session:
        patient = find_patient(session, pseudonym)
        assert patient is not None
        wanted = {
            number.replace("-", ""): ("number", number),
            "7QX4M2KD9RTV": ("identity", number),
            "P2048": ("patient", number),
            "BAG7": ("container", number),
            given: ("container", number),
            pseudonym.replace("-", ""): (finding.REGISTERED_PATIENT, pseudonym),
            patient.identity_code.replace("-", ""): (finding.REGISTERED_PATIENT, pseudonym),
            order.replace("-", ""): (finding.REGISTERED_ORDER, order),
            "AC778": (finding.LOT, delivery),
            "TESS": (finding.PERSON, lab.id("tess")),
        }
        for code, expected in wanted.items():
            with counted() as statements:
                found = whose(session, code)
            assert (len(statements), [(item.kind, item.key) for item in found]) == (1, [expected]), code
        (piece,) = whose(session, "CF01")
        assert (piece.kind, piece.code, piece.sort) == (finding.EQUIPMENT, "CF-01", "centrifuge")
        for nothing in ("", "P9", "%", "\u202e", "9" * 5000):
            assert whose(session, nothing) == ()
    batch = opened(lab, order)
    assert kinds(lab, order.replace("-", ""))[0] == ("order", batch)


def test_codes_lead_to_their_batches_alone(lab: Lab) -> None:
    first, second = lab.play("harvest"), lab.open_batch(patient="P-2")
    lab.clock.tick(1)
    lab.correct_step(first, "harvest", "The label was read from the wrong side.", container_code="BAG-8")
    with lab.store.read() as session:
        here, other = lab.record(first).batch, lab.record(second).batch
        # The code that was corrected may stand on a label all the same.
        for code in ("BAG7", "BAG8"):
            assert batches_with(session, code) == [first]
            assert is_carried(session, code)
            assert in_other_batches(session, code, other) == [here]
            assert in_other_batches(session, code, here) == []
        # A patient's code is on no container.
        assert batches_with(session, "P2") == [second]
        assert not is_carried(session, "P2")


def plan(lab: Lab, run: Any) -> str:
    """How the database finds the rows of the statements that `run` sends."""
    with lab.store.read() as session, counted() as statements:
        run(session)
        found = []
        for statement in list(statements):
            marks = statement.count("?")
            rows = session.connection().exec_driver_sql(f"EXPLAIN QUERY PLAN {statement}", ("x",) * marks)
            found += [row[3] for row in rows]
    return "\n".join(found)


def test_no_table_that_grows_with_the_batches_is_read_through(lab: Lab) -> None:
    told = plan(lab, lambda session: whose(session, "BAG7"))
    assert "SEARCH batch_code USING" in told
    assert "ix_batch_code_code" in told
    through = [line for line in told.splitlines() if line.strip().startswith("SCAN ")]
    growing = ("SCAN batch", "SCAN patient", "SCAN therapy_order", "SCAN lot")
    assert [line for line in through if line.strip().startswith(growing)] == []
    assert "SCAN" not in plan(lab, lambda session: batches_with(session, "BAG7")).replace("SCAN CONSTANT", "")
