"""Review by QA, and the signed acts on a whole batch: decide, close, void, try sealing again, withdraw."""

from __future__ import annotations

from flask import abort, redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from labrecords.actions import issuing
from labrecords.actions.batches import void_batch
from labrecords.actions.door import Acting, BatchRef, Refused
from labrecords.actions.investigating import investigate
from labrecords.actions.release import close_administration, decide
from labrecords.actions.signing import Proof
from labrecords.domain.evidence.signatures import INVESTIGATED, ISSUE_WITHDRAWN, MEANINGS, RETRIED, VOIDED
from labrecords.domain.permissions import Permission
from labrecords.domain.review.decisions import (
    FAILED,
    ON_HOLD,
    REJECTED,
    RELEASED,
    SEALED,
    WITHDRAWN,
    open_issue,
)
from labrecords.domain.review.investigation import may_be_investigated, name_of
from labrecords.domain.review.release import (
    Blocker,
    closing,
    closure_blockers,
    deciding,
    decision_blockers,
    investigation_blockers,
    state_blockers,
    void_blockers,
)
from labrecords.domain.status import Status
from labrecords.web.batches.batch import BatchPage, batch_or_404
from labrecords.web.batches.rows import act_rows, drawing, gaps, step_rows
from labrecords.web.batches.unseen import KEPT_BACK, numbers_unseen, unseen_steps, veiled
from labrecords.web.custody.offers import waiting_offers
from labrecords.web.guard import Pages
from labrecords.web.review.open_points import late_entries, pending_tests, reading_list, signed_by
from labrecords.web.review.signature_page import Act, signature_page
from labrecords.web.shown import Shown, corrections
from labrecords.web.signed_in import installation, signed_in_actor
from labrecords.web.site import say

pages = Pages("release", __name__)

DECISIONS = {"released": RELEASED, "rejected": REJECTED, "on-hold": ON_HOLD}
"""The decision for each word in an address."""
TITLES = {RELEASED: "Release {}", REJECTED: "Reject {}", ON_HOLD: "Put {} on hold"}


@pages.page("/batches/<number>/review", needs=Permission.DECIDE_RELEASE)
def review(number: str) -> ResponseReturnValue:
    page, actor = batch_or_404(number), signed_in_actor()
    unseen = unseen_steps(page.record, actor.person_id)
    numbers = numbers_unseen(page.record, unseen)
    blockers = {
        decision: veiled(decision_blockers(page.record, decision, actor.person_id, page.now), unseen, numbers)
        for decision in (RELEASED, REJECTED, ON_HOLD)
    }
    shown = Shown(page.record, page.zone)
    return render_template(
        "release/review.html",
        page=page,
        bar=page.bar,
        record=page.record,
        shown=shown,
        unseen=unseen,
        numbers=numbers,
        kept_back=KEPT_BACK,
        items=reading_list(page, blockers[RELEASED], unseen, numbers),
        corrections=corrections(page.record, page.zone, unseen),
        corrected=sum(1 for entry in page.record.entries if entry.corrects),
        late=late_entries(page),
        pending=pending_tests(page.record, page.zone),
        signed_by=signed_by(page.record),
        blockers=blockers,
        checklist=page.checklist(blockers[RELEASED]),
        others={decision: page.reasons(blockers[decision]) for decision in (REJECTED, ON_HOLD)},
        slugs={decision: slug for slug, decision in DECISIONS.items()},
        drawn=drawing(page),
        gaps=gaps(page),
        acts=act_rows(page),
        may_act=(),
        offered=waiting_offers(page, actor),
        rows=step_rows(page),
    )


@pages.page("/batches/<number>/sign/<decision>", needs=Permission.DECIDE_RELEASE, methods=("GET", "POST"))
def sign(number: str, decision: str) -> ResponseReturnValue:
    page = batch_or_404(number)
    if decision not in DECISIONS:
        abort(404)
    word = DECISIONS[decision]

    def perform(by: Acting, batch: BatchRef, reason: str, proof: Proof) -> str:
        return decide(by, batch=batch, decision=word, reason=reason, proof=proof)

    return signature_page(
        page,
        Act(
            title=TITLES[word].format(number),
            button="Sign the release" if word == RELEASED else f"Sign: {word}",
            meaning=MEANINGS[deciding(page.record, word)],
            blockers=decision_blockers(page.record, word, signed_in_actor().person_id, page.now),
            perform=perform,
            done=lambda issue: seal(page, issue, f"{number} is {word}."),
            back=url_for("release.review", number=number),
            asks_reason=word != RELEASED,
        ),
    )


@pages.page(
    "/batches/<number>/findings/<name>/investigate",
    needs=Permission.DECIDE_RELEASE,
    methods=("GET", "POST"),
)
def investigation(number: str, name: str) -> ResponseReturnValue:
    page = batch_or_404(number)
    finding = next((item for item in page.findings if name_of(item) == name), None)
    if finding is None or not may_be_investigated(finding):
        return redirect(url_for("release.review", number=number), 303)

    def perform(by: Acting, batch: BatchRef, reason: str, proof: Proof) -> str:
        return investigate(by, batch=batch, finding=name, reason=reason, proof=proof)

    return signature_page(
        page,
        Act(
            title=f"Investigated: {finding.sentence}",
            button="Sign the investigation",
            meaning=MEANINGS[INVESTIGATED],
            blockers=investigation_blockers(page.record, signed_in_actor().person_id),
            perform=perform,
            done=lambda _: say(
                "pass", "The investigation is signed. The finding stays in the record with it."
            ),
            back=url_for("release.review", number=number),
            asks_reason=True,
            reason_label="What was looked into, what was found, and why it is accepted",
        ),
    )


@pages.page("/batches/<number>/close", needs=Permission.CLOSE_ADMINISTRATION, methods=("GET", "POST"))
def close(number: str) -> ResponseReturnValue:
    page = batch_or_404(number)

    def perform(by: Acting, batch: BatchRef, _: str, proof: Proof) -> str:
        return close_administration(by, batch=batch, proof=proof)

    return signature_page(
        page,
        Act(
            title=f"Close the administration of {number}",
            button="Sign the administration",
            meaning=MEANINGS[closing(page.record)],
            blockers=closure_blockers(page.record, signed_in_actor().person_id),
            perform=perform,
            done=lambda issue: seal(page, issue, f"The administration of {number} is closed."),
            back=_batch_url(number),
        ),
    )


@pages.page("/batches/<number>/void", needs=Permission.OPEN_BATCH, methods=("GET", "POST"))
def void(number: str) -> ResponseReturnValue:
    page = batch_or_404(number)

    def perform(by: Acting, batch: BatchRef, reason: str, proof: Proof) -> str:
        return void_batch(by, batch=batch, reason=reason, proof=proof)

    return signature_page(
        page,
        Act(
            title=f"Void {number}",
            button="Sign: opened by mistake",
            meaning=MEANINGS[VOIDED],
            blockers=void_blockers(page.record),
            perform=perform,
            done=lambda _: say("pass", f"{number} is void. Its number stays used."),
            back=_batch_url(number),
            asks_reason=True,
        ),
    )


@pages.page("/batches/<number>/seal-again", needs=Permission.ATTEST, methods=("GET", "POST"))
def retry(number: str) -> ResponseReturnValue:
    page = batch_or_404(number)

    def perform(by: Acting, batch: BatchRef, _: str, proof: Proof) -> str:
        return issuing.retry_sealing(by, batch=batch, proof=proof)

    return signature_page(
        page,
        Act(
            title=f"Try again to seal the document of {number}",
            button="Sign and try again",
            meaning=MEANINGS[RETRIED],
            blockers=_nothing_toseal(page),
            perform=perform,
            done=lambda issue: seal(page, issue, f"The document of {number} was tried again.", again=True),
            back=_batch_url(number),
        ),
    )


@pages.page("/batches/<number>/withdraw", needs=Permission.ATTEST, methods=("GET", "POST"))
def withdraw(number: str) -> ResponseReturnValue:
    page = batch_or_404(number)

    def perform(by: Acting, batch: BatchRef, reason: str, proof: Proof) -> str:
        return issuing.withdraw_issue(by, batch=batch, reason=reason, proof=proof)

    return signature_page(
        page,
        Act(
            title=f"Withdraw the unsealed document of {number}",
            button="Sign and withdraw",
            meaning=MEANINGS[ISSUE_WITHDRAWN],
            blockers=_nothing_toseal(page),
            perform=perform,
            done=lambda _: say(
                "alert", "The document is withdrawn, and with it the signature it was made for."
            ),
            back=_batch_url(number),
            asks_reason=True,
        ),
    )


def seal(page: BatchPage, issue_id: str, said: str, again: bool = False) -> None:
    """Seal the document that was asked for, and say what came of it. A repeat of the form finds it done."""
    record = batch_or_404(page.record.batch.number).record
    issue = next(item for item in record.issues if item.id == issue_id)
    end = record.ending(issue)
    if end is not None and (end.outcome == SEALED or not again):
        what = {SEALED: "is sealed", FAILED: "could not be sealed", WITHDRAWN: "was withdrawn"}[end.outcome]
        say("pass" if end.outcome == SEALED else "alert", f"{said} Its document {what}.")
        return
    try:
        sealed = issuing.seal_document(installation().sealing, record.batch.id, issue_id)
    except Refused:
        say("alert", "The document is being sealed already. Open this page again in a moment.")
        return
    if sealed.sha256:
        say("pass", f"{said} Document version {issue.version} is sealed and verified.")
    else:
        say(
            "out",
            f"It is signed, but the document could not be sealed, so nothing stands yet. {sealed.reason} "
            "Try again, or withdraw it.",
        )


def _nothing_toseal(page: BatchPage) -> tuple[Blocker, ...]:
    if page.status is Status.SEALING_FAILED or page.sealing_for_long:
        return ()
    if open_issue(page.record):
        return (Blocker("sealing", "The document is being sealed right now.", "Open the batch in a moment."),)
    voided = state_blockers(page.record)
    return voided or (Blocker("sealing", "No document of this batch waits for its seal.", "Open the batch."),)


def _batch_url(number: str) -> str:
    return url_for("batches.batch", number=number)
