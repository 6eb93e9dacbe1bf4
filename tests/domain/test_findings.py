"""Findings: everything that is not as it should be is found, once for each rule, and nothing else."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

import pytest

from labrecords.domain.record import BatchRecord, NotDone
from labrecords.domain.review.decisions import RELEASED
from labrecords.domain.rules.finding import Finding, Severity
from labrecords.domain.rules.findings import findings, is_late, stops_of
from labrecords.domain.steps.counts import Square
from tests.support.clean import LAST, REVIEWED, altered, clean, entry_of, person_id, played

RECORD = clean(LAST)
EXCEPTION, BLOCKING, CRITICAL = Severity.EXCEPTION, Severity.BLOCKING, Severity.CRITICAL


def found(record: BatchRecord, *, beside: str = "not done") -> list[Finding]:
    """The findings, but for those of a rule (the story has one: the second spin was not done)."""
    return [finding for finding in findings(record) if finding.rule != beside]


def only(record: BatchRecord) -> Finding:
    (finding,) = found(record)
    return finding


def changed(key: str, **changes: Any) -> Finding:
    return only(altered(RECORD, key, **changes))


def said(finding: Finding) -> tuple[str, Severity, str]:
    return finding.rule, finding.severity, finding.sentence


@pytest.mark.req("A11-8.2")
def test_a_batch_as_it_should_be_has_only_the_step_that_was_left_out() -> None:
    (finding,) = findings(RECORD)
    assert said(finding) == (
        "not done", EXCEPTION, "Spin the plasma and buffy coat again: not done. The method has one spin.",
    )  # fmt: skip


def test_a_required_step_that_was_not_done_blocks() -> None:
    record = clean("order")
    item = NotDone(
        "n1", record.batch.id, "harvest", "No needle.", record.batch.opened_by, record.batch.opened_at
    )
    (finding,) = findings(replace(record, not_done=(item,)))
    assert said(finding) == ("not done", BLOCKING, "Record the harvest: not done. No needle.")


def left_out(key: str, minutes: float) -> BatchRecord:
    """The record, had the step first been noted as not done so many minutes from when it was recorded."""
    at = entry_of(RECORD, key).recorded_at + timedelta(minutes=minutes)
    item = NotDone("n1", RECORD.batch.id, key, "Not yet.", RECORD.batch.opened_by, at)
    return replace(RECORD, not_done=(*RECORD.not_done, item))


def test_a_step_that_was_recorded_after_all_is_looked_at() -> None:
    sentence = "Record the harvest: first said not to have been done (Not yet.), then recorded."
    assert said(only(left_out("harvest", -1))) == ("recorded after all", EXCEPTION, sentence)


@pytest.mark.req("P11-10f")
def test_a_required_step_that_was_recorded_after_the_work_had_gone_on_blocks() -> None:
    late = entry_of(RECORD, LAST).recorded_at
    finding = next(
        finding
        for finding in findings(altered(left_out("harvest", -1), "harvest", recorded_at=late))
        if finding.rule == "recorded after all"
    )
    assert (finding.severity, finding.step_key) == (BLOCKING, "harvest")
    assert finding.sentence.endswith("then recorded, after the work had gone on.")


@pytest.mark.req("DI-CON")
def test_a_confirmation_that_was_long_in_coming_is_found() -> None:
    *before, last = RECORD.confirmations
    at = entry_of(RECORD, LAST).recorded_at + timedelta(minutes=16)
    finding = only(replace(RECORD, confirmations=(*before, replace(last, recorded_at=at))))
    sentence = "Account for what was left: verified by Vic Vermeer 16 min after it was recorded."
    assert said(finding) == ("late confirmation", EXCEPTION, sentence)


@pytest.mark.req("A11-8.2", "P11-10e")
def test_what_had_happened_stays_a_critical_finding_when_it_is_corrected() -> None:
    example = played("order")
    example.wait(5)
    example.step("identity_harvest", patient_code="X-1", happened_reason="Noticed afterwards.")
    example.correct("identity_harvest", "The wristband was read again.", patient_code="P-2048")
    stayed = next(finding for finding in findings(example.record) if finding.rule == "identity")
    assert stayed.severity is CRITICAL
    assert stayed.sentence.endswith("Recorded as having happened (Noticed afterwards.), corrected since.")


@pytest.mark.req("DI-CON", "GMP-100b")
def test_a_late_entry_is_found_with_its_minutes_and_its_reason() -> None:
    entry = entry_of(RECORD, LAST)
    at = entry.performed_at + timedelta(minutes=26, seconds=59)
    late = changed(LAST, recorded_at=at, late_reason="Both hands were busy.")
    sentence = "Account for what was left: recorded 26 min after the act. Both hands were busy."
    assert said(late) == ("late entry", EXCEPTION, sentence)
    assert changed(LAST, recorded_at=at).sentence.endswith("No reason given.")


@pytest.mark.req("DI-CON")
def test_an_entry_within_the_allowed_minutes_is_not_late() -> None:
    entry = entry_of(RECORD, LAST)
    allowed = entry.performed_at + timedelta(minutes=RECORD.process.late_after_min)
    assert not is_late(RECORD, replace(entry, recorded_at=allowed))
    assert is_late(RECORD, replace(entry, recorded_at=allowed + timedelta(microseconds=1)))


def test_a_correction_is_no_late_entry() -> None:
    entry = entry_of(RECORD, LAST)
    assert not is_late(
        RECORD,
        replace(
            entry, replaces_id="x", follows_as="corrected", recorded_at=entry.recorded_at + timedelta(days=9)
        ),
    )


@pytest.mark.req("A11-8.2", "A11-9")
def test_every_correction_is_found_with_who_and_why() -> None:
    example = played(REVIEWED)
    example.correct("sample_after", "Read again.", volume_ml=Decimal("0.60"))
    example.correct("sample_after", "And again.", by="vic", volume_ml=Decimal("0.50"))
    assert [said(finding) for finding in found(example.record)] == [
        ("correction", EXCEPTION, "Draw the sample of the product: corrected by Tess Tamm. Read again."),
        ("correction", EXCEPTION, "Draw the sample of the product: corrected by Vic Vermeer. And again."),
    ]


@pytest.mark.req("CH4-8/9", "DI-CON")
def test_that_an_entry_was_late_stays_found_after_its_correction() -> None:
    example = played("receipt")
    example.wait(5)
    example.step("sample_before", minutes_late=30, late_reason="Busy.")
    example.correct("sample_before", "Read again.", volume_ml=Decimal("0.40"))
    assert {finding.rule for finding in found(example.record)} == {"late entry", "correction"}


@pytest.mark.req("P11-70")
def test_a_correction_of_the_processing_after_the_decision_is_found() -> None:
    example = played(REVIEWED)
    example.decide(RELEASED)
    example.seal()
    example.correct("sample_after", "Read again.", volume_ml=Decimal("0.60"))
    after = [finding for finding in found(example.record) if finding.rule == "changed after decision"]
    assert [said(finding)[1:] for finding in after] == [
        (EXCEPTION, "Draw the sample of the product: corrected after the decision “released”.")
    ]


def test_a_correction_of_the_administration_is_none_after_the_decision() -> None:
    example = played(LAST)
    example.correct(LAST, "Read again.", fate="retained for quality control")
    assert only(example.record).rule == "correction"


@pytest.mark.req("HCT-290")
def test_an_act_that_should_not_have_begun_is_a_critical_finding_with_the_reason_that_was_given() -> None:
    record = altered(RECORD, "identity_harvest", patient_code="X-1", happened_reason="Noticed afterwards.")
    finding, harvest = found(record)
    assert (finding.rule, finding.severity) == ("identity", CRITICAL)
    assert finding.sentence == (
        "Check who the patient is: Wrong patient: this batch belongs to P-2048, and X-1 was given. "
        "Reason given: Noticed afterwards."
    )
    assert finding.entry_id == entry_of(RECORD, "identity_harvest").id
    assert (harvest.rule, harvest.severity) == ("identity check", CRITICAL), "the harvest went on after it"


def test_a_stop_that_harms_nobody_blocks() -> None:
    record = altered(RECORD, "handover_laboratory", given_at=entry_of(RECORD, "receipt").performed_at)
    finding = next(finding for finding in findings(record) if finding.rule == "order of times")
    assert finding.severity is BLOCKING


@pytest.mark.req("P11-10f")
def test_a_step_out_of_order_blocks() -> None:
    early = entry_of(RECORD, "order").performed_at - timedelta(minutes=1)
    record = altered(RECORD, "sample_before", performed_at=early)
    finding = next(
        finding for finding in found(record, beside="late entry") if finding.rule == "order of times"
    )
    assert (finding.severity, finding.step_key) == (BLOCKING, "sample_before")


def test_stops_of_an_act_are_those_of_its_order_and_those_of_its_kind() -> None:
    record = altered(RECORD, "receipt", container_code="X-1")
    early = replace(entry_of(record, "receipt"), performed_at=record.batch.opened_at)
    assert [stop.rule for stop in stops_of(record, early)] == ["order of times", "identity"]


@pytest.mark.req("D11-10.1")
def test_an_unusual_value_is_found_with_the_reason_that_was_given() -> None:
    finding = changed("sample_before", confirmed={"volume_ml": "For the haematocrit."})
    sentence = (
        "Draw the sample before processing: unusual value, volume drawn. Reason given: For the haematocrit."
    )
    assert said(finding) == ("unusual value", EXCEPTION, sentence)


@pytest.mark.req("GMP-110")
def test_a_value_out_of_its_limits_blocks_and_one_out_of_its_alert_limits_is_looked_at() -> None:
    fail = changed("spin_1", temperature_c=Decimal("30.1"))
    assert (fail.rule, fail.severity) == ("out of limits", BLOCKING)
    assert fail.sentence == "Spin the tube: Temperature: 30.1 °C is above 30 °C, the highest value."
    alert = changed("spin_1", temperature_c=Decimal("25.1"))
    assert (alert.rule, alert.severity) == ("alert", EXCEPTION)


@pytest.mark.req("HCT-265")
@pytest.mark.parametrize("decision", ["quarantine", "reject"])
def test_a_harvest_that_was_not_accepted_blocks(decision: str) -> None:
    finding = changed("receipt", decision=decision, leaks=True)
    sentence = f"Inspect what was received: the harvest was not accepted, decision “{decision}”."
    assert said(finding) == ("receipt", BLOCKING, sentence)


@pytest.mark.req("HCT-265")
@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"appearance": "haemolysed"}, "appearance haemolysed"),
        ({"clots": True}, "clots"),
        ({"leaks": True}, "leaks"),
        ({"label_legible": False}, "label not legible"),
        ({"clots": True, "leaks": True}, "clots, leaks"),
    ],
)
def test_what_was_wrong_with_an_accepted_harvest_is_looked_at(change: dict[str, Any], words: str) -> None:
    assert said(changed("receipt", **change)) == (
        "receipt",
        EXCEPTION,
        f"Inspect what was received: {words}.",
    )


@pytest.mark.parametrize(
    ("cells", "verdict"), [((60, 120, 75, 107), "clumped"), ((90, 90, 90, 90, 90), "too even")]
)
def test_an_uneven_count_is_found_and_a_too_even_one_as_well(cells: tuple[int, ...], verdict: str) -> None:
    finding = changed("count_before", squares=tuple(Square(cells=count) for count in cells))
    sentence = f"Count the cells before processing: evenness of the squares: {verdict}."
    rule = "too even" if verdict == "too even" else "uneven count"
    assert (finding.rule, finding.severity) == (rule, EXCEPTION)
    assert finding.sentence.startswith(sentence)


@pytest.mark.req("HCT-290")
@pytest.mark.parametrize(
    ("change", "rule"),
    [
        ({"seal_whole": False}, "custody seal"),
        ({"giver": person_id(RECORD, "vic")}, "custody holder"),
        (
            {"given_at": entry_of(RECORD, "handover_laboratory").performed_at - timedelta(minutes=4)},
            "custody gap",
        ),
    ],
)
def test_a_break_of_custody_blocks(change: dict[str, Any], rule: str) -> None:
    finding = changed("handover_laboratory", **change)
    assert (finding.rule, finding.severity, finding.step_key) == (rule, BLOCKING, "handover_laboratory")


def test_an_open_balance_is_looked_at() -> None:
    finding = changed(LAST, volume_ml=Decimal("1.0"))
    assert (finding.rule, finding.severity) == ("balance", EXCEPTION)
    assert "2.50 mL are unaccounted for" in finding.sentence
    more = changed(LAST, volume_ml=Decimal("5.0"))
    assert "1.50 mL more came out than there was" in more.sentence


@pytest.mark.req("D11-12.7")
def test_the_gravest_comes_first_and_then_the_order_of_time() -> None:
    record = altered(RECORD, "bedside", patient_code="X-1")
    record = altered(record, "receipt", decision="quarantine")
    record = altered(record, "count_before", squares=(Square(cells=60), Square(cells=120)))
    shown = [(finding.severity, finding.rule) for finding in findings(record)]
    assert shown == [
        (CRITICAL, "identity"),
        (CRITICAL, "bedside check"),
        (BLOCKING, "receipt"),
        (EXCEPTION, "uneven count"),
        (EXCEPTION, "not done"),
    ]


@pytest.mark.req("GMP-22")
def test_who_released_and_took_part_afterwards_is_found() -> None:
    example = played("injection")
    quentin = person_id(example.record, "quentin")
    assert "released by a participant" not in {item.rule for item in findings(example.record)}
    record = altered(example.record, "injection", recorded_by=quentin)
    (finding,) = (item for item in findings(record) if item.rule == "released by a participant")
    assert (finding.severity, finding.sentence) == (
        EXCEPTION,
        "Quentin Quist released the batch and took part in it afterwards.",
    )
