"""Blind re-entry: a second person enters the values again, unseen; a difference is seen by both and stays."""

from __future__ import annotations

from decimal import Decimal

import pytest

from labrecords.actions.door import Invalid
from labrecords.domain.entries import VERIFIED
from labrecords.domain.review.reentry import asked_again, differences, kept_back
from labrecords.domain.rules.findings import findings
from tests.support.clean import clean, entry_of
from tests.support.lab import BLIND_RECEIPT, Lab, refusal
from tests.support.shipped import processed


@pytest.fixture
def number(lab: Lab) -> str:
    number = lab.open_batch(process=lab.adopt(BLIND_RECEIPT))
    lab.play("handover_laboratory", number)
    lab.record_step(number, "receipt", volume_ml=Decimal("57.3"))
    return number


@pytest.mark.req("A11-6")
def test_equal_values_verify_the_step(lab: Lab, number: str) -> None:
    assert lab.reenter(number, "receipt", "vic")
    record = lab.record(number)
    entry = record.current("receipt")
    assert entry is not None
    assert [item.act for item in record.confirmations_of(entry)] == [VERIFIED]
    assert not kept_back(record, entry)


def test_it_cannot_be_verified_by_looking(lab: Lab, number: str) -> None:
    assert refusal(lambda: lab.confirm(number, "receipt", "vic")) == ("blind",)


def test_who_recorded_it_cannot_enter_it_again(lab: Lab, number: str) -> None:
    assert refusal(lambda: lab.reenter(number, "receipt", "tess")) == ("same person",)


@pytest.mark.req("A11-6")
def test_a_difference_verifies_nothing_and_stays_a_finding(lab: Lab, number: str) -> None:
    assert not lab.reenter(number, "receipt", "vic", volume_ml=Decimal("61.5"))
    record = lab.record(number)
    entry = record.current("receipt")
    assert entry is not None
    assert record.confirmations_of(entry) == ()
    assert lab.reenter(number, "receipt", "vic", why="I had read the line of the meniscus from above.")
    said = [item.sentence for item in findings(lab.record(number)) if item.rule == "blind entry"]
    assert len(said) == 1
    assert "61.5" in said[0]
    assert "Vic Vermeer" in said[0]


def test_after_a_difference_a_second_try_says_why(lab: Lab, number: str) -> None:
    lab.reenter(number, "receipt", "vic", volume_ml=Decimal("61.5"))
    with pytest.raises(Invalid) as invalid:
        lab.reenter(number, "receipt", "vic")
    assert list(invalid.value.problems) == ["reason"]


def test_a_correction_of_the_first_entry_is_entered_again_anew(lab: Lab, number: str) -> None:
    lab.reenter(number, "receipt", "vic", volume_ml=Decimal("61.5"))
    lab.correct_step(number, "receipt", volume_ml=Decimal("61.5"))
    entry = lab.record(number).current("receipt")
    assert entry is not None
    assert kept_back(lab.record(number), entry)
    assert lab.reenter(number, "receipt", "vic")


def test_a_blank_is_no_second_entry(lab: Lab, number: str) -> None:
    with pytest.raises(Invalid) as invalid:
        lab.reenter(number, "receipt", "vic", volume_ml=None)
    assert list(invalid.value.problems) == ["volume_ml"]


def test_the_same_number_with_other_decimals_agrees_and_codes_are_compared_as_codes(
    lab: Lab, number: str
) -> None:
    record = lab.record(number)
    entry, step = record.current("receipt"), record.process.step("receipt")
    assert entry is not None
    values = {item.name: item.first for item in asked_again(entry, step)}
    values["volume_ml"] = Decimal(values["volume_ml"]).quantize(Decimal("0.000"))
    values["container_code"] = values["container_code"].lower()
    assert differences(entry, step, values) == ()
    assert differences(entry, step, values | {"temperature_c": Decimal("-1")}) == ("temperature_c",)


def test_choices_ticks_and_every_cell_of_the_rows_are_asked_again() -> None:
    record = clean("count_before")
    count, receipt = entry_of(record, "count_before"), entry_of(record, "receipt")
    asked = {item.name: item for item in asked_again(count, record.process.step("count_before"))}
    assert {"chamber", "border_rule", "squares-1-cells", "squares-5-cells"} <= set(asked)
    assert asked["squares-5-cells"].first == count.squares[4].cells  # type: ignore[attr-defined]
    assert asked["squares-5-cells"].fact.label == "Squares counted 5, Cells"
    ticks = {item.name: item for item in asked_again(receipt, record.process.step("receipt"))}
    assert {"decision", "label_legible"} <= set(ticks)
    assert "note" not in ticks


def test_what_is_read_by_the_process_own_question_is_asked_again() -> None:
    record = processed("bone_marrow_filtration")
    (asked,) = asked_again(entry_of(record, "room_temperature"), record.process.step("room_temperature"))
    assert asked.fact.unit == "°C"


# ---- on the pages ------------------------------------------------------------------------------------------------


def test_the_values_are_hidden_from_whoever_has_still_to_enter_them(lab: Lab, number: str) -> None:
    page, batch = f"/batches/{number}/steps/receipt", f"/batches/{number}"
    assert "57.3" in lab.client("tess").get(page).text
    for client, where in (
        (lab.client("vic"), page),
        (lab.client("vic"), batch),
        (lab.client("vic"), f"{page}/again"),
    ):
        text = client.get(where).text
        assert "57.3" not in text, where
    assert "Enter it again" in lab.client("vic").get(page).text


def test_a_second_person_enters_it_on_the_screen_of_the_first(lab: Lab, number: str) -> None:
    client, page = lab.client("tess"), f"/batches/{number}/steps/receipt/again"
    record = lab.record(number)
    entry = record.current("receipt")
    assert entry is not None
    typed = {item.name: item.first_typed for item in asked_again(entry, record.process.step("receipt"))}
    sign = {"username": "vic", "password": lab.cast["vic"].password}
    differ = client.submit(page, typed | sign | {"volume_ml": "61,5"}, having="entry_id")
    assert differ.status_code == 303
    shown = client.get(page).text
    assert "The two entries differ" in shown
    assert "61,5" in shown
    why = {"reason": "The meniscus was read from above."}
    same = client.submit(page, typed | sign | why, having="entry_id")
    assert same.location == f"/batches/{number}/steps/receipt"
    assert "Verified as second person" in client.get(same.location).text


def test_a_wrong_password_keeps_what_was_typed(lab: Lab, number: str) -> None:
    page = f"/batches/{number}/steps/receipt/again"
    answer = lab.client("tess").submit(
        page,
        {"volume_ml": "57.3", "username": "vic", "password": "not the password at all"},
        having="entry_id",
    )
    assert answer.status_code == 400
    assert 'value="57.3"' in answer.text


def test_a_step_that_is_not_blind_has_no_such_page(lab: Lab) -> None:
    number = lab.play("handover_laboratory")
    lab.record_step(number, "receipt")
    page = f"/batches/{number}/steps/receipt"
    assert lab.client("vic").get(f"{page}/again").location == page
