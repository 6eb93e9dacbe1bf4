"""The balance on the batch page: every volume beside its step, an open one marked in words."""

from __future__ import annotations

from decimal import Decimal

from tests.support.lab import Lab
from tests.support.reading import words
from tests.support.story import number_of


def test_the_batch_page_shows_the_balance_of_every_step(lab: Lab) -> None:
    number = lab.play("sample_after")
    page = lab.client("tess").get(f"/batches/{number}").text
    assert "Volumes of each step in mL" in page
    assert page.count("not stated") == 2
    assert "Closed" in page


def test_the_batch_page_shows_the_cells_from_count_to_count(lab: Lab) -> None:
    number = lab.play("count_after")
    found = words(lab.client("tess").get(f"/batches/{number}"), "balance")
    rows = found.partition("Cells from count to count:")[2]
    assert "The beginning" in rows
    assert f"{number_of('count_after')}. Count the cells of the product" in rows
    assert rows.count("not counted") >= 2


def test_a_step_that_does_not_add_up_is_marked_open(lab: Lab) -> None:
    number = lab.play("handover_laboratory")
    lab.record_step(number, "receipt", volume_ml=Decimal("50.0"))
    page = lab.client("tess").get(f"/batches/{number}").text
    assert "10.0 mL are unaccounted for, more than 5" in page
    assert ">Open" in page


def test_a_batch_without_volumes_has_no_balance(lab: Lab) -> None:
    assert "Volumes of each step" not in lab.client("tess").get(f"/batches/{lab.open_batch()}").text
