"""A step is paused with what is typed so far, and another person goes on with it: each fact keeps its author."""

from __future__ import annotations

from collections.abc import Mapping

import pytest

from labrecords.actions.door import Invalid, Stale
from labrecords.actions.pausing import pause_step
from labrecords.domain.kinds import KINDS
from labrecords.domain.pauses import kept, paused
from tests.support.lab import Lab, refusal

SPIN = KINDS["centrifugation"]
TYPED = {"container_code": "BAG-7", "speed_rpm": "2400"}


def pause(
    lab: Lab,
    number: str,
    typed: Mapping[str, str] = TYPED,
    *,
    by: str = "tess",
    note: str = "",
    key: str = "spin_1",
) -> str:
    kind = KINDS[lab.record(number).process.step(key).kind]
    return pause_step(lab.by(by), step=lab.step(number, key), kind=kind, typed=typed, note=note)


def test_what_was_typed_is_kept_with_who_typed_it(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number = lab.play("count_before")
    pause(lab, number, note="The lid is open.")
    lab.clock.tick(3)
    pause(lab, number, {**TYPED, "speed_rpm": "2500", "brake": "soft"}, by="vic")
    record = lab.record(number)
    found = {
        name: (item.text, record.person(item.person_id).username)
        for name, item in kept(record, "spin_1").items()
    }
    assert found == {
        "container_code": ("BAG-7", "tess"),
        "speed_rpm": ("2500", "vic"),
        "brake": ("soft", "vic"),
    }
    last = paused(record, "spin_1")
    assert last is not None
    assert (last.person_id, last.note, record.pauses[0].note) == (lab.id("vic"), None, "The lid is open.")
    assert {lab.id("tess"), lab.id("vic")} <= record.participants()


def test_each_fact_keeps_its_author_when_somebody_else_records_the_step(lab: Lab) -> None:
    number = lab.play("count_before")
    pause(lab, number)
    lab.clock.tick(5)
    typed = {"container_code": "BAG-7", "speed_rpm": "2300", "duration_min": "4.0"}
    lab.record_step(number, "spin_1", by="vic", performed_by="vic", typed=typed)
    record = lab.record(number)
    entry = record.current("spin_1")
    assert entry is not None
    assert entry.authors == {"container_code": lab.id("tess")}
    assert lab.id("tess") in entry.hands()
    assert paused(record, "spin_1") is None


def test_a_correction_keeps_the_author_of_what_it_leaves_alone(lab: Lab) -> None:
    number = lab.play("count_before")
    pause(lab, number, {"container_code": "BAG-7", "brake": "soft"})
    lab.clock.tick(5)
    typed = {"container_code": "BAG-7", "brake": "soft"}
    lab.record_step(number, "spin_1", by="vic", performed_by="vic", typed=typed)
    lab.correct_step(number, "spin_1", by="vic", performed_by="vic", brake="off")
    entry = lab.record(number).current("spin_1")
    assert entry is not None
    assert entry.authors == {"container_code": lab.id("tess")}


def test_what_one_typed_oneself_has_no_other_author(lab: Lab) -> None:
    number = lab.play("count_before")
    pause(lab, number)
    lab.clock.tick(5)
    lab.record_step(number, "spin_1", typed=TYPED)
    assert lab.record(number).current("spin_1").authors == {}  # type: ignore[union-attr]


def test_a_form_opened_before_a_pause_is_stale(lab: Lab) -> None:
    number = lab.play("count_before")
    seen = lab.step(number, "spin_1")
    pause(lab, number)
    with pytest.raises(Stale):
        pause_step(lab.by("vic"), step=seen, kind=SPIN, typed=TYPED, note="")


def test_a_recorded_step_is_not_paused(lab: Lab) -> None:
    number = lab.play("spin_1")
    assert refusal(lambda: pause(lab, number)) == ("recorded",)


def test_who_may_not_record_the_step_does_not_pause_it(lab: Lab) -> None:
    number = lab.play("count_before")
    assert refusal(lambda: pause(lab, number, by="ada")) == ("permission",)


@pytest.mark.parametrize(
    ("typed", "note", "field"),
    [({}, "", "pause_note"), ({"speed_rpm": "\u202e"}, "", "speed_rpm"), ({}, "\u202e", "pause_note")],
)
def test_what_no_record_can_hold_is_asked_back(
    lab: Lab, typed: dict[str, str], note: str, field: str
) -> None:
    number = lab.play("count_before")
    with pytest.raises(Invalid) as refused:
        pause(lab, number, typed, note=note)
    assert set(refused.value.problems) == {field}


def test_a_step_noted_as_not_done_is_no_longer_paused(lab: Lab) -> None:
    number = lab.play("spin_1")
    pause(lab, number, key="spin_2")
    assert paused(lab.record(number), "spin_2") is not None
    lab.leave_out(number, "spin_2")
    assert paused(lab.record(number), "spin_2") is None
