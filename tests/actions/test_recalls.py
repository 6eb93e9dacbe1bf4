"""Recalling: what falls under it at once and later, what it stops, and who was told."""

from __future__ import annotations

from datetime import timedelta
from decimal import Decimal

import pytest

from labrecords.actions import lots, recalls
from labrecords.actions.door import BatchRef, Invalid
from labrecords.actions.mixups import Stopped
from labrecords.actions.notices import NoticeFacts, tell
from labrecords.actions.recalls import RecallFacts, end_recall, mark_batches, recall
from labrecords.domain.custody.notices import HOLDER, PATIENT, PHYSICIAN, RECALL, to_tell
from labrecords.domain.custody.recalls import LEFT_RECALL, RECALL_ENDED, RECALLED
from labrecords.domain.registers.lots import LOT_RECALLED, QUARANTINE
from labrecords.domain.review.investigation import may_be_investigated
from labrecords.domain.review.release import release_blockers
from labrecords.domain.rules.finding import Finding, Severity
from labrecords.domain.rules.findings import findings
from labrecords.models.lots import deliveries_of
from labrecords.models.recalls import standing_recalls
from tests.support.lab import Lab, refusal
from tests.support.threads import at_once

WHY = "The maker reports endotoxin in this lot."
LOT_KEY = "AC778"


def of(subject: str, key: str, **more: object) -> RecallFacts:
    given = {"typed": key, "since": None, "until": None, "reason": WHY, **more}
    return RecallFacts(subject=subject, key=key, **given)  # type: ignore[arg-type]


def recalled(lab: Lab, facts: RecallFacts | None = None, *, marked: bool = True) -> str:
    lab.clock.tick()
    found = recall(lab.by("quentin"), facts=facts or of("lot", LOT_KEY), proof=lab.proof("quentin"))
    if marked:
        mark_batches(lab.by("quentin"), found)
    lab.clock.tick()
    return found


def about_recall(lab: Lab, number: str) -> list[Finding]:
    return [one for one in findings(lab.record(number)) if one.rule == RECALLED]


def test_a_recall_holds_at_once_for_what_there_is_and_for_what_comes_later(lab_on_both: Lab) -> None:
    lab = lab_on_both
    used, ready = lab.play("residual"), lab.play("final_container", lab.open_batch(patient="P-9000"))
    one = recalled(lab, marked=False)
    assert [item.severity for item in about_recall(lab, used)] == [Severity.CRITICAL]
    assert RECALLED in [item.rule for item in release_blockers(lab.record(ready), lab.clock())]
    later = lab.play("area_before", lab.open_batch(patient="P-9001"))
    with pytest.raises(Stopped) as stopped:
        lab.record_step(later, "anticoagulant")
    assert [stop.rule for stop in stopped.value.stops] == [RECALLED]
    assert about_recall(lab, later) == []
    lab.record_step(later, "anticoagulant", happened_reason="It was drawn up before the letter came.")
    assert RECALLED in [item.rule for item in release_blockers(lab.record(later), lab.clock())]
    assert mark_batches(lab.by("quentin"), one) == 3
    assert mark_batches(lab.by("quentin"), one) == 0
    for number in (used, ready, later):
        (mark,) = lab.record(number).recall_marks
        assert (mark.act, mark.words, mark.reason) == (RECALLED, "Lot AC778", WHY)


def test_a_recalled_product_is_neither_released_nor_given_away_nor_injected(lab: Lab) -> None:
    number, before = lab.play("bedside"), lab.play("released", lab.open_batch(patient="P-9000"))
    recalled(lab)
    for batch, step in ((number, "injection"), (before, "bedside"), (before, "handover_theatre")):
        with pytest.raises(Stopped) as stopped:
            lab.record_step(batch, step)
        assert RECALLED in [stop.rule for stop in stopped.value.stops], step
    record = lab.record(number)
    lab.record_step(number, "injection", happened_reason="The call came while the needle was placed.")
    critical = [item for item in findings(lab.record(number)) if item.severity is Severity.CRITICAL]
    assert {item.step_key for item in critical if item.rule == RECALLED} == {"", "injection"}
    assert record.head.seq < lab.record(number).head.seq


def test_days_bound_a_recall_and_its_end_takes_nothing_out_of_the_record(lab: Lab) -> None:
    number = lab.play("residual")
    day = lab.today()
    before = recalled(lab, of("equipment", "CF01", until=day - timedelta(days=1)), marked=False)
    assert about_recall(lab, number) == []
    assert mark_batches(lab.by("quentin"), before) == 0
    on = recalled(lab, of("equipment", "CF01", since=day, until=day))
    assert refusal(lambda: recalled(lab, of("equipment", "CF01", since=day, until=day))) == (RECALLED,)
    assert refusal(lambda: end_recall(lab.by("tess"), recall_id=on, reason=WHY, proof=lab.proof("tess"))) == (
        "permission",
    )
    why = "The speed was measured again and had been right."
    end_recall(lab.by("quentin"), recall_id=on, reason=why, proof=lab.proof("quentin"))
    assert mark_batches(lab.by("quentin"), on) == 1
    (found,) = about_recall(lab, number)
    assert (found.severity, why in found.sentence) == (Severity.EXCEPTION, True)
    assert [mark.act for mark in lab.record(number).recall_marks] == [RECALLED, RECALL_ENDED]
    lab.clock.tick(60 * 24)
    again = lab.play("spin_1", lab.open_batch(patient="P-9000"))
    assert about_recall(lab, again) == []


def test_a_recalled_lot_stands_so_in_the_register_and_must_be_released_anew(lab: Lab) -> None:
    facts = lots.LotFacts("Heparin", "Maker", "H-1", "AC778", Decimal(10), "pieces")
    delivery = lots.receive_lot(lab.by("tess"), facts=facts)
    one = recalled(lab)

    def status() -> list[str]:
        with lab.store.read() as session:
            return [lot.status for lot in deliveries_of(session, LOT_KEY)]

    assert status() == [LOT_RECALLED]
    lots.change_lot(
        lab.by("tess"),
        delivery_id=delivery,
        facts=lots.LotFacts("Heparin", "Maker", "H-1", "AC778", Decimal(12), "pieces"),
        reason="Two more packs were found on the shelf.",
        seen=2,
    )
    assert status() == [QUARANTINE]

    def release(seen: int) -> str:
        proof = lab.proof("vic")
        return lots.release_lot(lab.by("vic"), delivery_id=delivery, seen=seen, proof=proof)

    assert refusal(lambda: release(3)) == (RECALLED,)
    end_recall(lab.by("quentin"), recall_id=one, reason="It was another lot.", proof=lab.proof("quentin"))
    release(3)


def test_who_must_be_told_is_told_once_each_with_time_and_way(lab: Lab) -> None:
    used, held = lab.play("residual"), lab.play("final_container", lab.open_batch(patient="P-9000"))
    one = recalled(lab)
    wanted = [(item.role, item.whom) for item in to_tell(lab.record(used), RECALL, one)]
    assert wanted == [(PHYSICIAN, "Paula Pereira"), (PATIENT, "P-2048")]
    assert {item.role for item in to_tell(lab.record(held), RECALL, one)} == {HOLDER}

    def told(**changes: object) -> str:
        facts = {
            "cause": RECALL,
            "cause_id": one,
            "role": PHYSICIAN,
            "whom": "Paula Pereira",
            "told_at": lab.clock(),
            "how": "by telephone",
            "note": "",
        }
        batch = BatchRef(lab.record(used).batch.id)
        return tell(lab.by("quentin"), batch=batch, facts=NoticeFacts(**facts | changes))  # type: ignore[arg-type]

    told()
    first, second = to_tell(lab.record(used), RECALL, one)
    assert first.notice is not None
    assert (first.notice.how, second.notice) == ("by telephone", None)
    for changes, field in (
        ({"told_at": lab.clock() - timedelta(days=3)}, "told_at"),
        ({"told_at": lab.clock() + timedelta(days=3)}, "told_at"),
        ({"cause_id": "0" * 32}, ""),
        ({"how": "by pigeon"}, "how"),
        ({"whom": ""}, "whom"),
    ):
        with pytest.raises(Invalid) as wrong:
            told(**changes)
        assert set(wrong.value.problems) == {field}


def test_two_who_mark_at_once_write_one_word_into_each_trail(lab_on_both: Lab) -> None:
    lab = lab_on_both
    numbers = [lab.play("anticoagulant", lab.open_batch(patient=f"P-90{n}")) for n in range(3)]
    one = recalled(lab, marked=False)
    found = at_once([lambda: recalls.mark_batches(lab.by("quentin"), one)] * 2)
    assert sum(found) == 3
    assert [len(lab.record(number).recall_marks) for number in numbers] == [1, 1, 1]


def test_a_lot_that_was_recalled_for_other_days_is_not_released_by_that(lab: Lab) -> None:
    number = lab.play("area_before")
    facts = lots.LotFacts("Heparin", "Maker", "H-1", "AC778", Decimal(10), "pieces")
    lots.receive_lot(lab.by("tess"), facts=facts)
    recalled(lab, of("lot", LOT_KEY, until=lab.today() - timedelta(days=1)))
    with pytest.raises(Stopped) as stopped:
        lab.record_step(number, "anticoagulant")
    assert [stop.rule for stop in stopped.value.stops] == ["lot"]


def test_a_repeat_after_the_recall_is_an_act_of_its_own(lab: Lab) -> None:
    number = lab.play("spin_1")
    recalled(lab, of("equipment", "CF01"))
    lab.correct_step(number, "spin_1", duration_min=Decimal("4.5"))
    with pytest.raises(Stopped) as stopped:
        lab.repeat_step(
            number, "spin_1", cause="run aborted", reason="The layer was not firm, spun once more."
        )
    assert RECALLED in [stop.rule for stop in stopped.value.stops]


def test_a_correction_after_the_recall_is_looked_into_before_release(lab: Lab) -> None:
    number = lab.play("anticoagulant")
    recalled(lab)
    lab.correct_step(number, "anticoagulant", "The lot was misread.", lot="AC779")
    (found,) = [one for one in findings(lab.record(number)) if one.rule == LEFT_RECALL]
    assert (found.severity, may_be_investigated(found)) == (Severity.BLOCKING, True)
    assert LEFT_RECALL in [item.rule for item in release_blockers(lab.record(number), lab.clock())]


def test_a_recalled_product_is_given_to_quality_assurance_and_says_that_it_travels_as_recalled(
    lab: Lab,
) -> None:
    number = lab.play("released")
    recalled(lab)
    tess, quentin = lab.id("tess"), lab.id("quentin")
    with pytest.raises(Stopped) as stopped:
        lab.record_step(number, "offer-1", container_code="SYR-7", receiver=lab.id("vic"), by="tess")
    assert [stop.rule for stop in stopped.value.stops] == [RECALLED]
    lab.record_step(number, "offer-1", container_code="SYR-7", receiver=quentin, by="tess")
    lab.clock.tick()
    given = {"container_code": "SYR-7", "place_to": "Cupboard of QA", "giver": tess}
    with pytest.raises(Stopped) as stopped:
        lab.record_step(number, "handover-2", **given, performed_by="vic")
    assert [stop.rule for stop in stopped.value.stops] == [RECALLED]
    lab.record_step(number, "handover-2", **given, by="tess", performed_by="quentin")
    record = lab.record(number)
    act = record.current("handover-2")
    assert act is not None
    assert [remark.sentence for remark in act.remarks(record)] == [
        f"It travels as recalled. Lot AC778 is recalled: {WHY}"
    ]
    assert RECALLED not in [one.rule for one in findings(record) if one.step_key == "handover-2"]
    with pytest.raises(Stopped):
        lab.record_step(number, "bedside")


def test_a_recalled_container_is_put_away_and_leaves_a_recalled_place(lab: Lab) -> None:
    number = lab.play("receipt")
    lab.record_step(number, "storage-1")
    recalled(lab, of("place", "fridge 2"))
    recalled(lab, of("container", "BAG7"))
    with pytest.raises(Stopped) as stopped:
        lab.record_step(number, "storage-2", movement="put away")
    assert [stop.sentence for stop in stopped.value.stops] == [f"Place fridge 2 is recalled: {WHY}"]
    lab.clock.tick(10)
    lab.record_step(number, "storage-2")
    with pytest.raises(Stopped) as stopped:
        lab.record_step(number, "handover-3", giver=lab.id("tess"))
    assert f"Container BAG7 is recalled: {WHY}" in [stop.sentence for stop in stopped.value.stops]


def test_a_container_is_recalled_once_whichever_of_its_codes_is_named(lab_on_both: Lab) -> None:
    lab = lab_on_both
    number = lab.play("receipt")
    lab.record_step(number, "label_over-1")
    lab.clock.tick(5)
    recalled(lab, of("container", "BAG7"))
    assert refusal(lambda: recalled(lab, of("container", "BAG7N"))) == (RECALLED,)
    with lab.store.read() as session:
        (known,) = standing_recalls(session, "container", "BAG7N")
    assert known.recall.key == "BAG7"
    assert about_recall(lab, number)
