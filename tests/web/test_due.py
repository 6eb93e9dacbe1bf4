"""What has run out in the registers or soon will, on the start page of quality assurance."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import pytest

from labrecords.actions.equipment import EquipmentFacts, register_equipment
from labrecords.actions.lots import LotFacts, receive_lot, reject_lot
from labrecords.actions.training import record_training, withdraw_training
from labrecords.models.due import due_until
from tests.support.lab import Lab
from tests.support.reading import links, words
from tests.support.statements import counted

# The clock of the laboratory stands at 2026-11-23.
YESTERDAY, LAST, BEYOND = date(2026, 11, 22), date(2026, 12, 23), date(2026, 12, 24)
FRIDGE = EquipmentFacts("FR-01", "fridge", "Fridge", next_clean=LAST)
PACK = LotFacts("ACD-A", "Maker", "A-1", "AC-778", Decimal(100), "mL", expiry=LAST)


def fridge(lab: Lab, **changes: object) -> None:
    register_equipment(lab.by("quentin"), facts=replace(FRIDGE, **changes))  # type: ignore[arg-type]


def pack(lab: Lab, **changes: object) -> str:
    return str(receive_lot(lab.by("tess"), facts=replace(PACK, **changes)))  # type: ignore[arg-type]


def trained(lab: Lab, sop: str, until: date | None) -> str:
    return str(
        record_training(
            lab.by("quentin"), person_id=lab.id("tess"), sop=sop, sop_version="1",
            trained_on=date(2026, 1, 1), expires_on=until, assessor="Vic",
        )
    )  # fmt: skip


def listed(lab: Lab, until: date = LAST, size: int = 30) -> list[tuple[str, str]]:
    with lab.store.read() as session:
        return [(item.key, item.what) for item in due_until(session, until, size).items]


def test_an_empty_list_says_what_was_looked_at(lab: Lab) -> None:
    page = words(lab.client("quentin").get("/"))
    assert "Due in the registers within 30 days" in page
    assert "expiry of lots, and training were looked at" in page
    for username in ("tess", "paula", "ivan"):
        assert "Due in the registers" not in words(lab.client(username).get("/"))


def test_what_is_overdue_comes_first_and_each_leads_to_where_it_is_mended(lab_on_both: Lab) -> None:
    lab = lab_on_both
    fridge(lab)
    delivery = pack(lab, expiry=YESTERDAY)
    trained(lab, "SOP-012", date(2026, 12, 1))
    register_equipment(
        lab.by("quentin"), facts=EquipmentFacts("TH-1", "theatre", "Theatre 1", next_check=date(2026, 11, 1))
    )
    assert listed(lab) == [
        ("TH-1", "monitoring"), (delivery, "expiry"), (lab.id("tess"), "training on SOP-012"), ("FR-01", "cleaning"),
    ]  # fmt: skip
    answer = lab.client("quentin").get("/")
    page = words(answer)
    assert (
        page.index("Theatre TH-1, Theatre 1") < page.index("Lot AC-778 of ACD-A") < page.index("Fridge FR-01")
    )
    assert page.count("Overdue") == 1
    assert page.count("Expired") == 1
    for url in ("/equipment/TH-1", f"/lots/{delivery}", f"/training/{lab.id('tess')}", "/equipment/FR-01"):
        assert url in links(answer), url


def test_the_last_day_counts_and_the_day_after_does_not(lab: Lab) -> None:
    fridge(lab)
    fridge(lab, code="FR-02", next_clean=BEYOND)
    pack(lab, expiry=BEYOND)
    trained(lab, "SOP-012", BEYOND)
    assert listed(lab) == [("FR-01", "cleaning")]


def test_check_and_cleaning_of_one_piece_are_two_lines(lab: Lab) -> None:
    fridge(lab, next_check=YESTERDAY)
    assert listed(lab) == [("FR-01", "check"), ("FR-01", "cleaning")]


def test_what_was_mended_is_not_listed(lab_on_both: Lab) -> None:
    lab = lab_on_both
    fridge(lab)
    fridge(lab, next_clean=BEYOND)
    fridge(lab, code="FR-02")
    fridge(lab, code="FR-02", in_service=False)
    delivery = pack(lab)
    reject_lot(lab.by("vic"), delivery_id=delivery, seen=1, reason="The pack leaks.", proof=lab.proof("vic"))
    trained(lab, "SOP-012", YESTERDAY)
    trained(lab, "SOP 012", None)
    wrong = trained(lab, "SOP-013", YESTERDAY)
    withdraw_training(
        lab.by("quentin"), person_id=lab.id("tess"), training_id=wrong, reason="It was another person."
    )
    assert listed(lab) == []


def test_training_that_was_renewed_by_an_entry_that_is_withdrawn_is_due_again(lab: Lab) -> None:
    trained(lab, "SOP-012", YESTERDAY)
    again = trained(lab, "SOP-012", None)
    withdraw_training(
        lab.by("quentin"), person_id=lab.id("tess"), training_id=again, reason="It was another person."
    )
    assert listed(lab) == [(lab.id("tess"), "training on SOP-012")]


@pytest.mark.parametrize("size", [1, 2, 3])
def test_the_list_is_bounded_and_says_that_there_is_more(lab: Lab, size: int) -> None:
    fridge(lab, next_clean=YESTERDAY)
    fridge(lab, code="FR-02")
    pack(lab)
    with lab.store.read() as session:
        found = due_until(session, LAST, size)
    assert [item.key for item in found.items][:2] == ["FR-01", "FR-02"][:size]
    assert len(found.items) == size
    assert found.more is (size < 3)


def test_the_page_sends_as_many_statements_for_many_due_as_for_none(lab: Lab) -> None:
    counts = []
    for many in (0, 6):
        for number in range(many):
            fridge(lab, code=f"FR-{number}", next_check=YESTERDAY)
            pack(lab, lot=f"L-{number}")
            trained(lab, f"SOP-{number}", LAST)
        client = lab.client("quentin")
        client.get("/")
        with counted() as seen:
            assert client.get("/").status_code == 200
        counts.append(len(seen))
    assert counts[0] == counts[1]
