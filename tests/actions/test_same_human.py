"""Two accounts of one human count as one."""

from __future__ import annotations

import pytest

from labrecords.actions import people
from labrecords.actions.confirming import confirm_step
from labrecords.actions.door import Acting, Invalid
from labrecords.domain.entries import VERIFIED
from labrecords.domain.review.decisions import RELEASED
from labrecords.domain.review.release import decision_blockers
from labrecords.domain.rules.findings import findings
from labrecords.models.people import other_accounts
from tests.support.clean import REVIEWED
from tests.support.lab import Lab, refusal

WHY = "She works in quality assurance on Fridays."


def link(lab: Lab, one: str, other: str, reason: str = WHY) -> str:
    return people.link_accounts(lab.by("ivan"), person_id=lab.id(one), other_username=other, reason=reason)


@pytest.mark.req("DI-ADM")
def test_what_one_did_with_one_account_cannot_be_verified_with_the_other(lab: Lab) -> None:
    number = lab.play("handover_laboratory")
    lab.record_step(number, "receipt")
    link(lab, "tess", "vic")
    entry = lab.record(number).current("receipt")
    assert entry is not None
    proof = lab.proof("vic")
    said = refusal(
        lambda: confirm_step(
            Acting(lab.store, proof.actor),
            step=lab.step(number, "receipt"),
            entry_id=entry.id,
            act=VERIFIED,
            proof=proof,
        )
    )
    assert list(said) == ["same person"]


def test_a_verification_that_was_given_before_the_link_becomes_a_finding(lab: Lab) -> None:
    number = lab.play("receipt")
    assert "own work verified" not in {finding.rule for finding in findings(lab.record(number))}
    link(lab, "vic", "tess")
    assert "own work verified" in {finding.rule for finding in findings(lab.record(number))}


def test_who_took_part_with_one_account_does_not_release_with_the_other(lab: Lab) -> None:
    number = lab.play(REVIEWED)
    link(lab, "quentin", "tess")
    said = decision_blockers(lab.record(number), RELEASED, lab.id("quentin"), lab.clock())
    assert "took part" in {blocker.rule for blocker in said}


def test_links_join_more_than_two_accounts(lab: Lab) -> None:
    link(lab, "tess", "vic")
    link(lab, "vic", "quentin")
    with lab.store.read() as session:
        others = other_accounts(session)
    assert set(others[lab.id("tess")]) == {lab.id("vic"), lab.id("quentin")}
    assert set(others[lab.id("quentin")]) == {lab.id("vic"), lab.id("tess")}


@pytest.mark.parametrize(
    ("other", "reason", "where"),
    [("nobody", WHY, "other"), ("tess", WHY, "other"), ("vic", "error", "reason")],
)
def test_a_link_names_another_account_and_says_why(lab: Lab, other: str, reason: str, where: str) -> None:
    with pytest.raises(Invalid) as invalid:
        link(lab, "tess", other, reason)
    assert list(invalid.value.problems) == [where]


def test_accounts_are_linked_once(lab: Lab) -> None:
    link(lab, "tess", "vic")
    with pytest.raises(Invalid, match="linked already"):
        link(lab, "vic", "tess")


def test_the_page_of_a_person_tells_of_the_other_account(lab: Lab) -> None:
    client = lab.client("ivan")
    address = f"/people/{lab.id('tess')}/same-human"
    sent = client.submit(address, {"other": "vic", "reason": WHY}, having="other")
    assert sent.status_code == 303
    for username in ("tess", "vic"):
        assert WHY in client.get(f"/people/{lab.id(username)}").text
