"""The sections: all 25 in their order, and in them every fact, every version, every event."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

import pytest

from labrecords.documents.batch_record import render
from labrecords.documents.pages.outline import TITLES
from labrecords.domain import facts
from labrecords.domain.calculations.derived import Derived, Input
from labrecords.domain.entries import Entry
from labrecords.domain.evidence.signatures import APPROVED, MEANINGS, PREPARED, master_subject
from labrecords.domain.evidence.trail import digest
from labrecords.domain.facts import FactType, facts_of
from labrecords.domain.kinds import KINDS
from labrecords.domain.record import Approval
from labrecords.domain.review.reentry import Reentry
from labrecords.domain.rules.findings import findings
from labrecords.domain.steps.follow_up import ENDED
from labrecords.domain.values.numbers import plain
from labrecords.domain.values.typography import grouped
from tests.support import assays
from tests.support.clean import entry_of, played, process_text
from tests.support.example import (
    example_events,
    example_package,
    example_record,
    play,
    stopped_record,
    voided_record,
)
from tests.support.example_pen import Example
from tests.support.printed import closed_document, example_edition, printed, squeezed, text_of
from tests.support.story import number_of

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord


@pytest.fixture(scope="module")
def closed_text() -> str:
    return text_of(closed_document().pdf)


def printed_play(example: Example) -> str:
    """The text of a record that was played, with its own events."""
    return text_of(render(example_package(example.record, events=example.events)).pdf)


def between(text: str, section: int) -> str:
    """The text of one section."""
    start = re.search(rf"^{section} {re.escape(TITLES[section])}$", text, re.M)
    assert start, section
    end = re.search(rf"^{section + 1} {re.escape(TITLES[section + 1])}$", text[start.end() :], re.M)
    return text[start.end() :][: end.start() if end else None]


def test_all_sections_stand_in_their_order(closed_text: str) -> None:
    body = closed_text.split("How to read this record")[1]
    found = [body.index(f"\n{number} {title}\n") for number, title in TITLES.items() if number > 2]
    assert found == sorted(found)


@pytest.mark.parametrize("make", [lambda: example_record("released"), voided_record, stopped_record])
def test_no_section_is_missing_whatever_is_recorded(make: object) -> None:
    assert callable(make)
    text = text_of(printed(make()).pdf)
    assert all(f"\n{number} {title}\n" in text for number, title in TITLES.items() if number > 2)
    assert "\n1 Summary 1\n" in text, "the cover needs no heading"


def test_a_section_without_data_says_so(closed_text: str) -> None:
    assert "Printed by the system: none." in between(closed_text, 15)
    text = text_of(printed(voided_record()).pdf)
    assert "None: nothing was harvested." in between(text, 10)
    assert "Account for yield, waste and labels" in between(text, 13)
    assert "Not recorded up to this version of the record (required)." in between(text, 13)
    assert "None: the system found nothing that is not as it should be." in between(text, 17)
    assert "Corrected values: none." in between(text, 22)
    assert "Not recorded up to this version of the record (required)." in between(text, 9)


def test_every_fact_is_printed_with_label_value_and_unit(closed_text: str) -> None:
    record, text = example_edition().record, squeezed(closed_text)
    for entry in record.entries:
        for fact in facts_of(type(entry)):
            assert squeezed(fact.label) in text, fact.label
            value = getattr(entry, fact.name)
            rows = value if fact.type is FactType.ROWS else ()
            for inner, owner in [
                (fact, entry),
                *((column, row) for row in rows for column in facts_of(type(row))),
            ]:
                stated = getattr(owner, inner.name)
                if isinstance(stated, (Decimal, str)) and inner.type not in (
                    FactType.PERSON,
                    FactType.EQUIPMENT,
                ):
                    shown = plain(stated) if isinstance(stated, Decimal) else stated
                    assert squeezed(shown) in text, (entry.step_key, inner.name)
                    assert squeezed(inner.unit) in text


def test_people_times_and_events_stand_at_every_step(closed_text: str) -> None:
    edition = example_edition()
    for entry in edition.record.entries:
        row = (
            f"{edition.name(entry.performed_by)} {edition.when(entry.performed_at)} "
            f"{edition.name(entry.recorded_by)} {edition.when(entry.recorded_at)}"
        )
        assert row in closed_text


def test_a_number_is_printed_as_it_was_entered() -> None:
    example = Example()
    play(example, texts={"receipt": {"as_entered": {"volume_ml": "60,0", "temperature_c": "21.0"}}})
    text = between(printed_play(example), 9)
    assert "Volume received 60,0\nstored as 60.0\nmL" in text


def test_a_correction_shows_old_and_new_who_when_and_why(closed_text: str) -> None:
    edition = example_edition()
    new = next(entry for entry in edition.record.entries if entry.replaces_id)
    assert "Speed 2004 2400 C1 rpm" in between(closed_text, 11)
    assert "1, replaced Tess Tamm" in closed_text
    row = squeezed(
        f"C1 Step {number_of('spin_1')}: Speed 2004 rpm 2400 rpm Tess Tamm {edition.when(new.recorded_at)} {new.reason}"
    )
    assert row in squeezed(between(closed_text, 22))


def test_a_value_that_was_corrected_twice_shows_all_its_forms() -> None:
    example = Example()
    example.wait(5)
    example.step("order")
    example.correct("order", "The form names another one.", order_code="O-2")
    example.correct("order", "Read from the scan at last.", order_code="O-3", by="vic")
    text = printed_play(example)
    assert "Order O-1 O-2 O-3 C1 C2" in text
    assert "3, counts" in text
    assert "Corrected values: 2" in text


def test_a_changed_row_and_a_removed_row_show_what_stood_there() -> None:
    example = Example()
    example.wait(5)
    order = example.step("order")
    changed = (replace(getattr(order, "targets")[0], level="L3/4"),)  # noqa: B009 - an Entry has no targets for mypy
    example.correct("order", "The surgeon changed the plan.", targets=changed)
    text = between(printed_play(example), 5)
    assert "1 intervertebral disc L4/5 L3/4 C1 midline" in text
    assert squeezed("2 intervertebral disc no such row C1 L5/S1 no such row C1") in squeezed(text)


def test_cells_of_rows_that_were_entered_again_unseen_are_named() -> None:
    example = played("count_after")
    record = example.record
    count = entry_of(record, "count_after")
    typed = {"squares-1-cells": "88", "live": "186"}
    again = Reentry(
        "r", record.batch.id, count.step_key, count.id, count.performed_by, typed, (), None, count.recorded_at
    )
    package = example_package(replace(record, reentries=(again,)), events=example.events)
    text = squeezed(text_of(render(package).pdf))
    assert squeezed("live cells 186, squares counted 1, Cells 88. Both entries agree.") in text


def test_late_entries_unusual_values_and_steps_not_done_carry_their_reasons(closed_text: str) -> None:
    assert "Both hands were in the cabinet until the syringe was closed." in between(closed_text, 12)
    assert "The haematocrit was measured from the same tube." in between(closed_text, 12)
    assert "4.00 U1 mL" in between(closed_text, 12)
    assert "not done The method has one spin. Tess Tamm" in between(closed_text, 11)
    section = between(closed_text, 22)
    assert "Late entries: 1" in section
    assert "Unusual values: 1" in section
    assert "Steps not done: 1" in section


def test_an_act_that_had_happened_is_a_critical_finding_with_its_reason() -> None:
    record = stopped_record()
    text = text_of(printed(record).pdf)
    assert "S1 wrong site critical: a person may" in between(text, 17)
    for section in (17, 20):
        assert squeezed("Noticed on the stored image, after the needle was out.") in squeezed(
            between(text, section)
        )


def test_page_one_says_which_act_had_begun_although_it_must_not_and_why() -> None:
    first = squeezed(text_of(printed(stopped_record()).pdf, last=1))
    number = number_of("injection")
    reason = "Noticed on the stored image, after the needle was out."
    said = f"Step {number}: had begun in spite of order of times, wrong site: {reason}"
    assert squeezed(said) in first


def test_every_finding_is_in_section_17(closed_text: str) -> None:
    section = squeezed(between(closed_text, 17))
    for finding in findings(example_edition().record):
        assert squeezed(finding.sentence) in section


def test_limits_and_verdicts_are_printed(closed_text: str) -> None:
    receipt = between(closed_text, 9)
    assert "target 21; accepted" in receipt
    assert re.search(r"Temperature 21\.0 °C .*pass", receipt, re.S)
    quality = between(closed_text, 14)
    assert "Viability 93.0 % accepted" in quality
    assert squeezed("93 % is within the limit: 70 to 100 %.") in squeezed(quality)
    assert (
        "rounded half-up to 0 decimals, then compared with 70 to 100 % and alert limit at least 80 %"
        in quality
    )


def test_a_failed_value_is_named_everywhere() -> None:
    text = printed_play(play(Example(), texts={"receipt": {"temperature_c": Decimal("1.0")}}))
    assert re.search(r"Temperature 1\.0 °C .*FAIL F1", between(text, 9), re.S)
    assert "F1 out of limits stands in the way" in between(text, 17)
    assert squeezed("No finding stands in the way") in squeezed(between(text, 19))
    assert "NO" in between(text, 19)


def test_every_signature_is_printed_in_full(closed_text: str) -> None:
    section, record = squeezed(between(closed_text, 4)), example_edition().record
    for signature in record.signatures:
        for part in (
            signature.name,
            signature.meaning,
            signature.id,
            signature.record_digest,
            signature.statement_sha256,
        ):
            assert squeezed(part) in section


def test_a_confirmation_that_is_missing_is_named_at_its_step() -> None:
    example = Example()
    example.wait(5)
    example.step("order")
    text = printed_play(example)
    assert (
        "Open: Step 1, note the order and the consent: not attested by who performed it (Paula Pereira)."
        in text
    )
    assert "Step 1, note the order and the consent: not verified by a second person." in between(text, 18)
    assert "DRAFT" in squeezed(text), "nobody asked for this document"


def test_signatures_on_a_replaced_version_stay(closed_text: str) -> None:
    example = Example()
    example.wait(5)
    example.step("order")
    example.confirm_all("order")
    example.correct("order", "The form names another one.", order_code="O-2")
    text = printed_play(example)
    assert "Signatures to step 1, version 1, which was replaced" in text


def test_the_trail_is_complete(closed_text: str) -> None:
    events = example_events(example_record())
    section = squeezed(between(closed_text, 23))
    assert len(events) == 45
    for number, payload in enumerate(events, start=1):
        event = json.loads(payload)
        assert digest(payload) in section
        assert squeezed(f"{number} {event['at']}") in section
        assert event["act"] in section
        assert squeezed(event["actor"]["name"]) in section
        for row in event["rows"]:
            for name, value in row["values"].items():
                if name == "statement":
                    continue
                text = value if isinstance(value, str) else json.dumps(value)
                expected = (
                    f"{name}={text}" if value not in (None, "") and name not in ("id", "batch_id") else name
                )
                assert squeezed(expected) in section or name in ("id", "batch_id"), (number, name)


def test_the_master_is_reproduced_with_all_steps_and_limits(closed_text: str) -> None:
    section, process = squeezed(between(closed_text, 3)), example_edition().record.process
    assert process.digest in section
    for step in process.steps:
        assert squeezed(f"{step.title}. {step.instruction}") in section
        for limit in step.limits.values():
            for low, high in (limit.hard, limit.soft, limit.alert, limit.acceptance):
                if low is not None and high is not None:
                    assert squeezed(f"{grouped(plain(low))} to {grouped(plain(high))}") in section


@pytest.mark.req("GMP-188a")
def test_the_master_is_reproduced_with_procedures_bypass_blind_entry_and_time_limits() -> None:
    text = Example().record.process.text
    spin = 'title = "Spin the tube"\n'
    text = text.replace(spin, spin + "bypass = true\n", 1).replace("SOP-SPIN-01/1", "SOP-012", 1)
    spun = text.index(spin)
    text = text[:spun] + text[spun:].replace('second_person = "verify"', 'second_person = "blind"', 1)
    text += '\n[[time_limit]]\nfrom = "harvest"\nto = "receipt"\nlabel = "Transport"\nmax_min = "60"\n'
    example = Example(process_text=text)
    example.wait(5)
    example.step("order")
    section = squeezed(between(printed_play(example), 3))
    batch, edition = example.record.batch, example_edition()
    for said in (
        "accurate reproduction of master bone-marrow-concentrate version 1, frozen by digest when the batch was "
        f"opened by {example.record.name(batch.opened_by)} on {edition.when(batch.opened_at)}.",
        "enters it again, blind SOP-012",
        "A stop may be bypassed with a reason and the signature of a second person.",
        f"Transport: at most 60 min after the end of step {number_of('harvest')}.",
        f"Transport {number_of('harvest')} Record the harvest {number_of('receipt')} Inspect what was received 60",
        "Volume balance, tolerated 5 %",
        f"Less the sample after {number_of('sample_after')} Draw the sample of the product: Volume drawn",
    ):
        assert squeezed(said) in section, said


@pytest.mark.req("GMP-186")
def test_the_two_who_signed_the_master_are_printed_with_name_meaning_time_and_zone() -> None:
    record = example_record()
    given, digest = record.signatures[0], record.process.digest
    approvals = tuple(
        Approval(
            act,
            day,
            replace(
                given,
                batch_id=None,
                name=name,
                meaning=MEANINGS[act],
                subject=master_subject(digest, day),
                record_version=7,
            ),
        )
        for act, name, day in ((PREPARED, "Olga Own", None), (APPROVED, "Quinn Quist", date(2026, 11, 1)))
    )
    edition = example_edition()
    section = between(text_of(printed(replace(record, approvals=approvals)).pdf), 3)
    for said in (
        "Prepared, and checked and approved, effective from 2026-11-01",
        "Olga Own",
        "Meaning: Master record prepared",
        "Quinn Quist",
        "Meaning: Master record checked and approved",
        f"Master {edition.master}, text {digest[:16]}…",
        f"{edition.when(given.signed_at)} {given.zone}",
        "Masters event 7",
    ):
        assert squeezed(said) in squeezed(section), said


def test_a_record_without_the_signatures_of_its_master_says_so() -> None:
    section = between(text_of(printed(replace(example_record(), approvals=())).pdf), 3)
    assert "Who prepared and who approved this master is not part of this record." in section


def test_a_master_of_sixty_steps_repeats_the_heads_of_its_tables() -> None:
    text = Example().record.process.text
    limit = '{ unit = "mL", decimals = 1, target = "2", hard = ["0", "9"], soft = ["1", "8"], acceptance = ["1", "9"] }'
    for number in range(44):
        text += (
            f'\n[[step]]\nkey = "more_{number}"\nkind = "sample"\nphase = "administration"\nrequired = false\n'
            f'title = "Draw sample {number}"\ninstruction = "Mix."\nlimits.volume_ml = {limit}\n'
        )
    section = between(printed_play(Example(process_text=text)), 3)
    assert "Steps, in their order (continued)" in section
    assert "Parameters of each step (continued)" in section
    assert all(f"Draw sample {number}. Mix." in section for number in range(44))


def test_custody_lists_every_holder(closed_text: str) -> None:
    section = between(closed_text, 10)
    assert "1 BAG-7 Paula Pereira Theatre 2" in section
    assert "No gap, and every giver was the holder" in section


def test_a_custody_gap_is_flagged() -> None:
    example = Example()
    now = example.now + timedelta(minutes=20)
    text = printed_play(play(example, texts={"handover_laboratory": {"given_at": now}}))
    section = between(text, 10)
    assert "nobody" in section
    assert re.search(r"G\d Nobody held the material for \d+ min\.", section)
    assert "Custody gap: nobody held it for" in text


def test_the_decision_with_its_criteria_and_signature(closed_text: str) -> None:
    section = between(closed_text, 19)
    assert "The decider took no part in the batch Quentin Quist yes" in section
    assert "Meaning: Reviewed, and approved for release" in section
    rejected = between(text_of(printed(example_record("rejected")).pdf), 19)
    assert "Viability is to be counted again." in rejected
    assert "1, this one" in rejected


def test_the_balance_of_the_product(closed_text: str) -> None:
    section = between(closed_text, 20)
    assert "Left for injection: final volume less the sample 7.50 section 13" in section
    assert "Difference 0.00 0.0 %; at most 5 % closed" in section


# ---- a kind that the documents have never heard of -------------------------------------------------------------


@dataclass(frozen=True, kw_only=True)
class Part:
    colour: str = facts.text("Colour")
    mass_g: Decimal = facts.number("Mass", "g")


@dataclass(frozen=True, kw_only=True)
class Weighing(Entry):
    kind: ClassVar[str] = "weighing"
    performer_label: ClassVar[str] = "Weighed by"
    derived_keys: ClassVar[tuple[str, ...]] = ("doubled_g",)

    mass_g: Decimal = facts.number("Mass of the syringe", "g")
    parts: tuple[Part, ...] = facts.rows("Parts weighed", Part)

    def derived(self, record: BatchRecord) -> tuple[Derived, ...]:
        inputs = (Input("m", "mass", plain(self.mass_g), "g", "here"),)
        doubled = self.mass_g * 2
        return (
            Derived(
                "doubled_g",
                "Twice the mass",
                doubled,
                plain(doubled),
                "g",
                "M = m × 2",
                "m/1",
                inputs,
                "none",
            ),
        )


@pytest.fixture
def weighing() -> Iterator[str]:
    """A process with one more step, of a kind that only this test knows."""
    KINDS["weighing"] = Weighing
    step = """
[[step]]
key = "weighing"
kind = "weighing"
title = "Weigh the syringe"
instruction = "On the balance of the cabinet."
limits.mass_g = { unit = "g", decimals = 1, acceptance = ["1", "20"] }
limits.doubled_g = { unit = "g", decimals = 1, acceptance = ["2", "30"] }
"""
    text = Example().record.process.text
    after = '[[step]]\nkey = "handover_theatre"'
    yield text.replace(after, f"{step}\n{after}", 1)
    del KINDS["weighing"]


def test_a_new_kind_is_printed_without_new_code(weighing: str) -> None:
    example = Example(process_text=weighing)
    facts_stated = {
        "mass_g": Decimal("17.25"),
        "parts": (Part(colour="red", mass_g=Decimal("3.50")), Part(colour="blue", mass_g=Decimal("4.5"))),
    }
    example.step("weighing", **facts_stated)
    section = between(printed_play(example), 11)
    assert "Weigh the syringe" in section
    assert "Mass of the syringe 17.25 g accepted 1 to 20 pass" in section
    assert "Twice the mass 34.50\ncomputed, see below\ng accepted 2 to 30 FAIL F1" in section
    assert "1 red 3.50" in section
    assert "M = m × 2" in section
    assert "Weighed by" in section


LIMITED = process_text(('max_min = "180"', 'max_min = "60"\nmin_min = "10"'))


@pytest.mark.req("GMP-111")
def test_a_time_limit_is_printed_with_what_it_took(closed_text: str) -> None:
    section = squeezed(between(closed_text, 16))
    assert squeezed("Time limits between steps, from the stated times, computed in UTC") in section
    assert squeezed("Harvest to the first spin") in section
    assert squeezed("at most 180 min") in section
    assert squeezed("minutes/1") in section
    assert squeezed("use-before/1") in section
    assert squeezed("rounded half-up to 1 decimal, then compared with at most 180 min") in section
    assert squeezed("pass") in section


@pytest.mark.req("GMP-111")
def test_both_computations_are_printed_where_a_back_dated_entry_keeps_a_limit() -> None:
    example = Example(process_text=LIMITED)
    late = {"minutes_late": 90, "late_reason": "The tablet had no power."}
    section = squeezed(between(printed_play(play(example, texts={"spin_1": late}, until="rejected")), 16))
    assert squeezed("by the time of recording and what was stated first") in section
    assert squeezed("is above 60 min, the highest value") in section


@pytest.mark.req("GMP-111")
def test_a_limit_that_has_not_ended_says_so() -> None:
    example = Example(process_text=LIMITED)
    example.wait(3)
    example.step("order")
    assert squeezed("had not begun") in squeezed(between(printed_play(example), 16))
    example.step("harvest", happened_reason="The check is on paper.")
    assert squeezed("was running") in squeezed(between(printed_play(example), 16))


def test_cells_are_balanced_from_count_to_count(closed_text: str) -> None:
    section = squeezed(between(closed_text, 13))
    assert squeezed("Balance of cells, from count to count") in section
    assert squeezed("not counted") in section


def test_a_late_entry_is_marked_as_one_beside_both_times(closed_text: str) -> None:
    assert "LATE ENTRY" in between(closed_text, 12)


def test_the_endotoxin_limit_of_the_hour_is_printed_with_formula_and_verdict() -> None:
    quality = squeezed(between(printed_play(assays.sampled()), 14))
    assert squeezed("Endotoxin limit for all sites of one hour together") in quality
    assert squeezed("endotoxin-limit/1") in quality
    assert squeezed("0.500 EU/mL is within the limit: at most 3.500 EU/mL.") in quality
    assert squeezed("weighed 2026-11-20") in quality
    assert squeezed("accepted at most 3.500") in quality


def test_follow_up_is_printed_with_its_schedule_its_course_and_what_was_not_asked() -> None:
    example = played("residual")
    example.wait(60 * 24 * 40)
    example.step("follow_up-9", visit="1 month", pain_nrs=0)
    example.step("follow_up-10", visit="6 months", how=ENDED, why_not="does not want to")
    text = squeezed(between(printed_play(example), 21))
    for said in (
        "1 month 2026-12-23 2026-12-16 to 2026-12-30 done late, 2027-01-02",
        "3 months 2027-02-22 2027-02-08 to 2027-03-08 no visit up to this version of the record",
        "1 month 0 not asked Disability index 2.1a: 24 of 100, a lower number is better less than before no",
        "Left empty Why it will not take place; Pain, VAS; Function in daily life; Mobility",
    ):
        assert squeezed(said) in text, said
    assert text.count(squeezed("will not take place: does not want to")) == 2
    assert squeezed("Follow-up visits: none scheduled") not in text
