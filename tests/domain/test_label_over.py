"""A label put over another: from then on both codes name one container, with all that it held and had."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from labrecords.domain.custody.batch_chain import breaks, offers, segments
from labrecords.domain.custody.containers import container_stop, containers_at, holding_now, line_of
from labrecords.domain.custody.exposure import exposures
from labrecords.domain.custody.label_overs import unread_stops
from labrecords.domain.custody.names import key_of, labelled_over, name_now
from labrecords.domain.entries import VERIFIED
from labrecords.domain.labels.contents import contents, label_codes
from labrecords.domain.labels.prints import APPLIED, CHECKED, LabelAct, LabelPrint
from labrecords.domain.labels.rules import label_stops, waiting_copies
from labrecords.domain.labels.stocks import STOCKS
from labrecords.domain.record import BatchRecord, Confirmation
from labrecords.domain.results.container_balance import container_balances
from labrecords.domain.results.contents import held, volume_in
from labrecords.domain.results.expiry import use_before, use_before_of
from labrecords.domain.review.release import release_blockers
from labrecords.domain.rules.findings import findings, stops_of
from labrecords.domain.steps.division import Division, Part
from labrecords.domain.steps.label_over import COVERED, LEGIBLE, LabelOver
from labrecords.domain.steps.offer import Offer
from labrecords.domain.steps.sampling import Sample
from tests.domain.test_pool import two_harvests
from tests.support.clean import acted, altered, clean, entry_of
from tests.support.syringes import two_syringes

KEY = "label_over-11"
MINUTES = timedelta(minutes=5)


def over(**changes: Any) -> LabelOver:
    entry = entry_of(acted(KEY), KEY)
    assert isinstance(entry, LabelOver)
    return replace(entry, **changes)


def rules(record: BatchRecord, key: str = KEY) -> list[str]:
    return sorted(item.rule for item in findings(record) if item.step_key == key)


def test_the_container_goes_on_under_its_new_code() -> None:
    record = acted(KEY)
    assert rules(record) == []
    assert containers_at(record, "storage-12") == ("SYR-7A", "BAG-7", "BAG-9")
    assert container_stop(record, "storage-12", "BAG-9") is None
    assert (name_now(record, "bag 8"), labelled_over(record, "BAG-8"), labelled_over(record, "BAG-9")) == (
        "BAG-9",
        "BAG-9",
        "",
    )
    (now,) = [part for part in segments(record) if part.container == "BAG-9"]
    assert (now.holder, now.begun_by, now.note) == (
        "Vic Vermeer",
        "pool-10",
        "BAG-8 until it was labelled over.",
    )
    assert not [part for part in segments(record) if part.container == "BAG-8"]


def test_what_it_held_its_age_and_its_exposure_carry_over() -> None:
    record, before = acted(KEY), acted("pool-10")
    assert str(held(record)["BAG9"].volume_ml) == str(held(before)["BAG8"].volume_ml) == "35.0"
    assert "BAG8" not in held(record)
    assert volume_in(record, "BAG-9") == volume_in(record, "BAG-8") == Decimal("35.0")
    assert line_of(record, "BAG-9") == line_of(record, "BAG-8") == line_of(before, "BAG-8")
    assert use_before_of(record, "BAG-9") == use_before_of(before, "BAG-8")
    was = {one.container: one.lasted for one in exposures(before)}
    now = {one.container: one.lasted for one in exposures(record)}
    assert now.get("BAG-9") == was.get("BAG-8")


def test_two_people_read_both_labels() -> None:
    record = acted(KEY)
    step = record.process.step(KEY)
    assert (step.second_person, step.blind) == (True, True)
    assert [wanted.act for wanted in over(performed_by="p", recorded_by="p").wanted(record)] == [VERIFIED]


def test_an_act_on_the_old_code_is_told_and_is_no_mix_up() -> None:
    record = acted(KEY)
    stop = container_stop(record, "storage-12", "BAG-8")
    assert stop is not None
    assert (stop.rule, stop.critical) == ("labelled over", False)
    assert stop.sentence == "BAG-8 was labelled over: this container is BAG-9 since."


def test_what_is_offered_by_its_old_label_waits_under_the_new_one() -> None:
    record = acted(KEY)
    offer = entry_of(acted("offer-5"), "offer-5")
    assert isinstance(offer, Offer)
    at = over().performed_at + MINUTES
    late = replace(offer, step_key="offer-12", container_code="BAG-8", performed_at=at)
    record = replace(record, entries=(*record.entries, late))
    assert [one.container for one in offers(record)][-1:] == ["BAG-9"]


def test_what_cannot_be() -> None:
    values = {"container_code": "BAG-7", "new_code": "bag 7", "why": "Torn.", "old_label": LEGIBLE}
    assert list(LabelOver.contradictions(values)) == ["new_code"]
    assert LabelOver.contradictions(values | {"new_code": "BAG-9"}) == {}


def test_a_code_that_is_in_use_names_no_second_container() -> None:
    record = altered(acted(KEY), KEY, new_code="BAG-7")
    assert rules(record) == ["code in use", "custody filled twice"]
    assert containers_at(record, "storage-12")[:2] == ("SYR-7A", "BAG-7")
    assert name_now(record, "BAG-8") == "BAG-8"


def test_a_code_that_another_container_was_given_later_still_names_the_one_that_had_it() -> None:
    """The label over came first: the later filling is at fault, and what was before it is not told otherwise."""
    record = acted(KEY)
    parts = entry_of(acted("division-4"), "division-4")
    assert isinstance(parts, Division)
    first, *rest = parts.parts
    twice = replace(
        parts,
        id="f" * 32,
        step_key="division-12",
        source_container_code="SYR-7A",
        parts=(
            replace(first, container_code="BAG-9"),
            *(replace(one, container_code="SYR-9") for one in rest[:1]),
        ),
        performed_at=over().performed_at + MINUTES,
    )
    record = replace(record, entries=(*record.entries, twice))
    assert name_now(record, "BAG-8") == "BAG-9"
    assert "filled twice" in [item.rule for item in breaks(record) if item.step_key == "division-12"]


def test_a_code_that_is_in_use_hides_no_older_container() -> None:
    """Two harvests an hour apart; the label of the younger bag was put over the one of the older bag."""
    whole = two_harvests()
    pool = entry_of(whole, "pool-1")
    before = replace(whole, entries=tuple(entry for entry in whole.entries if entry is not pool))
    times = {"performed_at": pool.performed_at, "recorded_at": pool.recorded_at}
    act = over(step_key="label_over-1", container_code="BAG-R", new_code="BAG-7", **times)
    after = replace(before, entries=(*before.entries, act))
    assert [stop.rule for stop in stops_of(after, act)] == ["code in use"]
    assert holding_now(after) == holding_now(before) == ("BAG-R", "BAG-7")
    until = use_before(before)
    assert until is not None
    assert use_before(after) == until == use_before_of(after, "BAG-R")
    free = replace(before, entries=(*before.entries, replace(act, new_code="BAG-N")))
    assert (holding_now(free), use_before(free)) == (("BAG-N", "BAG-7"), until)


def test_another_containers_label_is_a_critical_stop() -> None:
    record = altered(acted(KEY), KEY, container_code="BAG-OF-ANOTHER")
    (stop,) = [stop for stop in stops_of(record, entry_of(record, KEY)) if stop.critical]
    assert (stop.rule, stop.found) == ("identity", "BAG-OF-ANOTHER")
    assert containers_at(record, "storage-12") == ("SYR-7A", "BAG-7", "BAG-8")


def test_an_old_label_that_can_be_read_no_more_is_stopped() -> None:
    assert rules(altered(acted(KEY), KEY, old_label=COVERED)) == ["label"]


def test_a_second_label_over_the_first_leads_on_and_back_to_the_old_code_is_none() -> None:
    record = acted(KEY)
    again = over(
        id="again",
        step_key="label_over-12",
        container_code="BAG-9",
        new_code="BAG-10",
    )
    twice = replace(record, entries=(*record.entries, again))
    assert (key_of(twice, "BAG-8"), breaks(twice)) == ("BAG10", breaks(record))
    assert [containers_at(twice, key)[-1] for key in (KEY, "label_over-12", "storage-13")] == [
        "BAG-8",
        "BAG-9",
        "BAG-10",
    ]
    back = replace(record, entries=(*record.entries, replace(again, new_code="BAG-8")))
    assert containers_at(back, "storage-13")[-1] == "BAG-9"
    assert name_now(back, "BAG-8") == "BAG-9"
    assert rules(back, "label_over-12") == ["code in use", "custody filled twice"]


# ---- a syringe labelled over at the bedside --------------------------------------------------------------------------


def labelled_at_bedside(read: bool = True) -> BatchRecord:
    """Two syringes checked at the bedside; A is labelled over then, injected by its new code, and so is its rest.

    `read`: a second person has read both labels.
    """
    record = two_syringes("2.0", "2.0")
    bedside = entry_of(record, "bedside")
    act = over(
        id="over",
        step_key="label_over-2",
        container_code="SYR-7A",
        new_code="SYR-7N",
        performed_at=bedside.performed_at + timedelta(minutes=1),
        recorded_at=bedside.recorded_at,
        performed_by=bedside.performed_by,
        recorded_by=bedside.recorded_by,
    )
    record = replace(record, entries=(*record.entries, act))
    if read:
        second = Confirmation(
            "c", record.batch.id, act.step_key, act.id, VERIFIED, "somebody", "", act.recorded_at
        )
        record = replace(record, confirmations=(*record.confirmations, second))
    injection, residual = entry_of(record, "injection"), entry_of(record, "residual")
    sites = tuple(
        replace(site, container_code="SYR-7N") if site.container_code == "SYR-7A" else site
        for site in getattr(injection, "sites")  # noqa: B009 - an Entry has no sites for mypy
    )
    record = altered(record, "injection", container_code="SYR-7N", sites=sites)
    rows = getattr(residual, "containers")  # noqa: B009
    return altered(record, "residual", containers=(replace(rows[0], container_code="SYR-7N"), *rows[1:]))


def test_bedside_check_dose_and_balance_know_a_syringe_by_both_codes() -> None:
    record, before = labelled_at_bedside(), two_syringes("2.0", "2.0")
    assert breaks(record) == breaks(before)
    assert [stop.sentence for stop in stops_of(record, entry_of(record, "injection"))] == [
        stop.sentence for stop in stops_of(before, entry_of(before, "injection"))
    ]
    closed = {code: found.difference_ml for code, found in container_balances(record).items()}
    assert closed == {"SYR-7N": Decimal(0), "SYR-7B": Decimal(0)}


def test_a_label_that_one_person_alone_has_read_stops_the_needle() -> None:
    record, read = labelled_at_bedside(read=False), labelled_at_bedside()
    injection = entry_of(record, "injection")
    (stop,) = [item for item in stops_of(record, injection) if item not in stops_of(read, injection)]
    assert (stop.rule, stop.sentence) == (
        "label",
        "SYR-7N was put over the label of SYR-7A, and no second person has read both.",
    )
    late = replace(record, confirmations=tuple(
        replace(item, recorded_at=injection.performed_at + timedelta(hours=1)) if item.id == "c" else item
        for item in read.confirmations
    ))  # fmt: skip
    assert stop in stops_of(late, injection)


def test_a_label_that_one_person_alone_has_read_blocks_the_release_and_the_check_at_the_bedside() -> None:
    record = acted(KEY)
    unread = replace(
        record, confirmations=tuple(item for item in record.confirmations if item.step_key != KEY)
    )
    act = entry_of(record, KEY)
    assert not [item for item in release_blockers(record, act.recorded_at) if item.rule == "label"]
    assert [item.step_key for item in release_blockers(unread, act.recorded_at) if item.rule == "label"] == [
        KEY
    ]
    (stop,) = unread_stops(unread, act.performed_at, ("BAG-8",))
    assert stop.sentence == "BAG-9 was put over the label of BAG-8, and no second person has read both."
    assert unread_stops(unread, act.performed_at - timedelta(hours=1), ("BAG-8",)) == ()
    assert unread_stops(unread, act.performed_at, ("SYR-7A",)) == ()


# ---- labels ----------------------------------------------------------------------------------------------------------


def with_copy(record: BatchRecord, code: str, *acts: str) -> BatchRecord:
    at = record.entries[0].recorded_at
    label = LabelPrint("1", record.batch.id, code, "in-process", "50x25", 1, 1, (), "", None, "vic", at)
    done = tuple(LabelAct(act, record.batch.id, "1", 1, act, None, "vic", at) for act in acts)
    return replace(record, label_prints=(label,), label_acts=done)


def test_the_copy_that_was_taken_off_is_accounted_for() -> None:
    record = with_copy(acted(KEY), "BAG-8", APPLIED, CHECKED)
    (said,) = [sentence for _, sentence, _ in waiting_copies(record)]
    assert said.startswith("Label of BAG-8, copy 1: taken off when the container was labelled over as BAG-9")
    assert waiting_copies(with_copy(acted(KEY), "BAG-8", APPLIED, CHECKED, "destroyed")) == ()
    legible = altered(record, KEY, old_label=LEGIBLE)
    assert waiting_copies(legible) == ()


def test_the_old_code_gets_no_label_any_more_and_the_new_one_is_scanned_back_before_it_is_used() -> None:
    record = acted(KEY)
    assert "BAG-9" in label_codes(record)
    assert "BAG-8" not in label_codes(record)
    assert label_stops(with_copy(record, "BAG-8", APPLIED), over()) == ()
    drawn = replace(
        entry_of(record, "division-4"), source_container_code="BAG-9", performed_at=over().performed_at
    )  # type: ignore[call-arg]
    assert [stop.rule for stop in label_stops(with_copy(record, "BAG-9", APPLIED), drawn)] == [
        "label not scanned back"
    ]


def test_a_label_that_was_taken_off_before_it_was_scanned_back_is_accounted_for_and_not_scanned() -> None:
    (one,) = waiting_copies(with_copy(acted(KEY), "BAG-8", APPLIED))
    assert one[0] == "label not accounted for"
    assert one[2].endswith("say what became of it.")


def test_a_label_printed_before_it_is_put_over_the_old_one_says_what_is_inside() -> None:
    record = acted("pool-10")
    stock = STOCKS["50x25"]
    new = {line.element: line.text for line in contents(record, "in-process", "BAG-N", stock, "", "BAG-8")}
    free = {line.element: line.text for line in contents(record, "in-process", "BAG-N", stock)}
    assert (new["volume"], free["volume"]) == ("Volume 35.0 mL", "Volume ______ mL")
    assert new["id"].replace("-", "") == "BAGN"


# ---- sample tubes ----------------------------------------------------------------------------------------------------


def tube(new: str = "S-1N") -> BatchRecord:
    """The sample of the story before the spin, and its tube labelled over after it."""
    record = clean("sample_before")
    drawn = entry_of(record, "sample_before")
    assert isinstance(drawn, Sample)
    act = over(
        step_key="label_over-1",
        container_code=drawn.sample_code,
        new_code=new,
        performed_at=drawn.performed_at + timedelta(minutes=1),
    )
    return replace(record, entries=(*record.entries, act))


def test_a_sample_tube_is_labelled_over_and_found_by_both_codes() -> None:
    record, drawn = tube(), entry_of(clean("sample_before"), "sample_before")
    assert isinstance(drawn, Sample)
    assert stops_of(record, entry_of(record, "label_over-1")) == ()
    assert (name_now(record, drawn.sample_code), volume_in(record, "S-1N")) == ("S-1N", drawn.volume_ml)
    assert "S-1N" in label_codes(record)
    assert breaks(record) == breaks(clean("sample_before"))
    assert holding_now(record) == holding_now(clean("sample_before"))


def test_the_code_of_a_sample_tube_is_taken_for_no_container() -> None:
    drawn = entry_of(clean("sample_before"), "sample_before")
    assert isinstance(drawn, Sample)
    record = tube()
    for code in (drawn.sample_code, "S-1N"):
        filled = replace(
            entry_of(acted("division-4"), "division-4"),
            parts=(Part(container_code=code, volume_ml=Decimal(1)),),  # type: ignore[call-arg]
        )
        assert "code in use" in [stop.rule for stop in stops_of(record, filled)]
    used = altered(clean("sample_before"), "sample_before", sample_code="BAG-7")
    assert "code in use" in [stop.rule for stop in stops_of(used, entry_of(used, "sample_before"))]
