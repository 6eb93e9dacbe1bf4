"""Investigations: what is no verdict on the product blocks until quality assurance has looked into it."""

from __future__ import annotations

from datetime import date

import pytest

from labrecords.actions.door import Invalid
from labrecords.actions.equipment import EquipmentFacts, register_equipment
from labrecords.actions.investigating import investigate
from labrecords.domain.record import BatchRecord
from labrecords.domain.review.decisions import RELEASED, standing_decision
from labrecords.domain.review.investigation import may_be_investigated, name_of
from labrecords.domain.review.release import release_blockers
from labrecords.domain.rules.finding import Finding, Severity
from labrecords.domain.rules.findings import findings
from labrecords.domain.steps.counts import Square
from tests.support import story
from tests.support.clean import REVIEWED, process_text
from tests.support.lab import Lab, refusal
from tests.support.printed import squeezed, text_of

FOUND = "Both tubes were counted anew from the retained sample; the first one had settled. The product is unchanged."
TOO_MANY = tuple(Square(cells=count) for count in (188, 179, 193, 181, 190))


def investigable(record: BatchRecord) -> list[Finding]:
    return [item for item in findings(record) if may_be_investigated(item)]


def blocking(lab: Lab, number: str) -> list[str]:
    return sorted(item.rule for item in release_blockers(lab.record(number), lab.clock()))


def sign(lab: Lab, number: str, finding: Finding, reason: str = FOUND, by: str = "quentin") -> str:
    return investigate(
        lab.by(by), batch=lab.batch(number), finding=name_of(finding), reason=reason, proof=lab.proof(by)
    )


@pytest.fixture
def impossible(lab: Lab) -> str:
    """A batch with more cells than there were, by a master that has no reconciliation of the yield."""
    text = process_text()
    steps = [text.index(f'[[step]]\nkey = "{key}"') for key in ("reconciliation", "area_after")]
    number = lab.open_batch(process=lab.adopt((text[steps[0] : steps[1]], "")))
    lab.play("sample_after", number=number)
    lab.record_step(number, "count_after", squares=TOO_MANY)
    lab.confirm_all(number, "count_after")
    lab.clock.tick(5)
    lab.record_step(number, "area_after")
    lab.confirm_all(number, "area_after")
    return number


@pytest.fixture
def late(lab: Lab) -> str:
    """A batch whose spin ended later after the harvest than its master allows."""
    number = lab.open_batch(process=lab.adopt(('max_min = "180"', 'max_min = "5"')))
    lab.play("count_before", number=number)
    lab.record_step(number, "spin_1", happened_reason="The centrifuge did not start at first.")
    lab.confirm_all(number, "spin_1")
    lab.play(REVIEWED, number=number)
    return number


@pytest.mark.req("GMP-192")
def test_a_recovery_beyond_counting_error_is_released_once_it_is_investigated(
    lab: Lab, impossible: str
) -> None:
    assert blocking(lab, impossible) == ["investigate", "yield out of limits"]
    blockers = release_blockers(lab.record(impossible), lab.clock())
    assert all("quality assurance investigates it" in item.way_out for item in blockers)
    for finding in investigable(lab.record(impossible)):
        sign(lab, impossible, finding)
    assert blocking(lab, impossible) == []
    assert lab.decide(impossible).sha256
    decision = standing_decision(lab.record(impossible))
    assert decision is not None
    assert decision.decision == RELEASED


@pytest.mark.req("GMP-192")
def test_what_was_done_in_an_overdue_centrifuge_is_released_once_it_is_investigated(lab: Lab) -> None:
    number = lab.open_batch()
    lab.play("count_before", number=number)
    overdue = EquipmentFacts(
        story.CENTRIFUGE, "centrifuge", "Hettich Rotina 380", next_check=date(2026, 11, 22)
    )
    register_equipment(lab.by("quentin"), facts=overdue)
    lab.record_step(number, "spin_1", happened_reason="The sticker was read while it was spinning.")
    lab.confirm_all(number, "spin_1")
    lab.play(REVIEWED, number=number)
    assert blocking(lab, number) == ["equipment"]
    (finding,) = investigable(lab.record(number))
    sign(
        lab,
        number,
        finding,
        "The centrifuge was checked the next day and found in order; the spin was as set.",
    )
    assert blocking(lab, number) == []
    assert lab.decide(number).sha256
    page = squeezed(text_of(lab.client("quentin").get(f"/batches/{number}/documents/1.pdf").data))
    assert squeezed("Investigated and accepted by Quentin Quist: The centrifuge was checked") in page


@pytest.mark.req("GMP-192")
def test_a_broken_time_limit_is_released_once_it_is_investigated(lab: Lab, late: str) -> None:
    assert blocking(lab, late) == ["time limit"]
    (finding,) = investigable(lab.record(late))
    sign(lab, late, finding)
    (kept,) = (item for item in findings(lab.record(late)) if item.rule == "time limit")
    assert kept.severity is Severity.EXCEPTION
    assert kept.sentence == f"{finding.sentence} Investigated and accepted by Quentin Quist: {FOUND}"
    assert lab.decide(late).sha256


def test_a_finding_that_changes_afterwards_is_investigated_anew(lab: Lab, impossible: str) -> None:
    for finding in investigable(lab.record(impossible)):
        sign(lab, impossible, finding)
    more = (*TOO_MANY[:4], Square(cells=195))
    lab.correct_step(impossible, "count_after", squares=more)
    lab.confirm_all(impossible, "count_after")
    assert blocking(lab, impossible) == ["investigate", "yield out of limits"]
    assert len(lab.record(impossible).investigations) == 2


def test_who_took_part_does_not_investigate(lab: Lab, late: str) -> None:
    (finding,) = investigable(lab.record(late))
    assert refusal(lambda: sign(lab, late, finding, by="tess")) == ("permission",)
    lab.record_step(late, "handover_theatre", happened_reason="It was urgent.", giver=lab.id("quentin"))
    assert refusal(lambda: sign(lab, late, finding)) == ("took part",)


def test_other_findings_cannot_be_argued_away(lab: Lab) -> None:
    number = lab.play("sample_after")
    lab.record_step(number, "count_after", live=60, dead=140)
    (failed,) = (item for item in findings(lab.record(number)) if item.rule == "out of limits")
    assert refusal(lambda: sign(lab, number, failed)) == ("finding",)


def test_an_investigation_says_more_than_a_word(lab: Lab, late: str) -> None:
    (finding,) = investigable(lab.record(late))
    with pytest.raises(Invalid):
        sign(lab, late, finding, "error")
    assert lab.record(late).investigations == ()


def test_it_is_signed_from_the_review_and_printed_in_the_document(lab: Lab, late: str) -> None:
    (finding,) = investigable(lab.record(late))
    client, where = lab.client("quentin"), f"/batches/{late}/findings/{name_of(finding)}/investigate"
    assert where in client.get(f"/batches/{late}/review").text
    assert "What was looked into, what was found, and why it is accepted" in client.get(where).text
    typed = {"username": "quentin", "password": lab.cast["quentin"].password, "reason": FOUND}
    assert client.submit(where, typed, having="password").status_code == 303
    page = client.get(f"/batches/{late}/review").text
    assert where not in page
    assert FOUND in page
    assert client.get(where).status_code == 303
    lab.decide(late)
    text = squeezed(text_of(client.get(f"/batches/{late}/documents/1.pdf").data))
    assert squeezed("Investigations by quality assurance") in text
    assert squeezed("Discrepancy investigated, and accepted with the reason given") in text
    assert text.count(squeezed(FOUND)) >= 2


def test_as_many_cells_as_counting_explains_need_no_investigation(lab: Lab) -> None:
    assert investigable(lab.record(lab.play(REVIEWED))) == []


def test_the_criteria_of_release_say_that_a_result_out_of_limits_was_accepted(
    lab: Lab, impossible: str
) -> None:
    for finding in investigable(lab.record(impossible)):
        sign(lab, impossible, finding)
    lab.decide(impossible)
    text = squeezed(text_of(lab.client("quentin").get(f"/batches/{impossible}/documents/1.pdf").data))
    criteria = text.partition(squeezed("Criteria of release"))[2].partition(
        squeezed("Decisions, in their order")
    )[0]
    accepted = "Recovery of nucleated cells: out of limits, investigated and accepted"
    assert squeezed(f"{accepted} yes") in criteria
    assert squeezed("NO") not in criteria
