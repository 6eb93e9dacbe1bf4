"""Review by QA, and the signed acts on a whole batch: decide, close, void, try sealing again, withdraw."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, PasswordField, StringField

from labrecords.actions import accounts, issuing
from labrecords.actions.batches import void_batch
from labrecords.actions.door import Acting, BatchRef, Invalid, Refused, Stale
from labrecords.actions.release import close_administration, decide
from labrecords.actions.signing import Proof
from labrecords.domain.decisions import ON_HOLD, REJECTED, RELEASED, SEALED, open_issue
from labrecords.domain.permissions import Permission
from labrecords.domain.release import (
    Blocker,
    closure_blockers,
    decision_blockers,
    state_blockers,
    void_blockers,
)
from labrecords.domain.signatures import ADMINISTERED, ISSUE_WITHDRAWN, MEANINGS, RETRIED, VOIDED
from labrecords.domain.status import Status
from labrecords.web.batch_page import BatchPage, batch_or_404
from labrecords.web.batch_rows import drawing, gaps, step_rows
from labrecords.web.events import events_after
from labrecords.web.filters import code, instant, remaining, unit
from labrecords.web.forms import Reason, WritingForm, wrong
from labrecords.web.guard import Pages
from labrecords.web.parts import Signing, Text
from labrecords.web.review import late_entries, reading_list, signed_by
from labrecords.web.shown import Shown, corrections
from labrecords.web.signed_in import acting, installation, signed_in_actor, source
from labrecords.web.site import say

pages = Pages("release", __name__)

DECISIONS = {"released": RELEASED, "rejected": REJECTED, "on-hold": ON_HOLD}
"""The decision for each word in an address."""
TITLES = {RELEASED: "Release {}", REJECTED: "Reject {}", ON_HOLD: "Put {} on hold"}
STATEMENT = (
    "By signing I confirm that this is my electronic signature, equal to my handwritten one. It is bound to the "
    "digest above and cannot be taken back."
)
PERSONAL = ("took part", "took no part", "permission", "agreement", "signature")
"""Rules about the person, not the record: somebody else may still sign."""


class SignatureForm(WritingForm):
    seen = HiddenField()
    username = StringField("Signed by")
    password = PasswordField("Password")


class ReasonedForm(SignatureForm):
    reason = Reason("Reason")


@dataclass(frozen=True)
class Act:
    """One signed act on a whole batch: how the dialog names it, what stands against it, and what it does."""

    title: str
    button: str
    meaning: str
    blockers: tuple[Blocker, ...]
    perform: Callable[[Acting, BatchRef, str, Proof], str]
    done: Callable[[str], None]
    """Is given the result; says on the next page what came of it."""
    back: str
    """Where one goes without signing."""
    asks_reason: bool = False


@pages.page("/batches/<number>/review", needs=Permission.DECIDE_RELEASE)
def review(number: str) -> ResponseReturnValue:
    page, actor = batch_or_404(number), signed_in_actor()
    blockers = {
        decision: decision_blockers(page.record, decision, actor.person_id, page.now)
        for decision in (RELEASED, REJECTED, ON_HOLD)
    }
    shown = Shown(page.record, page.zone)
    return render_template(
        "release/review.html",
        page=page,
        bar=page.bar,
        record=page.record,
        shown=shown,
        items=reading_list(page, blockers[RELEASED]),
        corrections=corrections(page.record, page.zone),
        corrected=sum(1 for entry in page.record.entries if entry.replaces_id),
        late=late_entries(page),
        signed_by=signed_by(page.record),
        blockers=blockers,
        checklist=page.checklist(blockers[RELEASED]),
        others={decision: page.reasons(blockers[decision]) for decision in (REJECTED, ON_HOLD)},
        slugs={decision: slug for slug, decision in DECISIONS.items()},
        drawn=drawing(page),
        gaps=gaps(page),
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

    return _dialog(
        page,
        Act(
            title=TITLES[word].format(number),
            button="Sign the release" if word == RELEASED else f"Sign: {word}",
            meaning=MEANINGS[word],
            blockers=decision_blockers(page.record, word, signed_in_actor().person_id, page.now),
            perform=perform,
            done=lambda issue: _seal(page, issue, f"{number} is {word}."),
            back=url_for("release.review", number=number),
            asks_reason=word != RELEASED,
        ),
    )


@pages.page("/batches/<number>/close", needs=Permission.CLOSE_ADMINISTRATION, methods=("GET", "POST"))
def close(number: str) -> ResponseReturnValue:
    page = batch_or_404(number)

    def perform(by: Acting, batch: BatchRef, _: str, proof: Proof) -> str:
        return close_administration(by, batch=batch, proof=proof)

    return _dialog(
        page,
        Act(
            title=f"Close the administration of {number}",
            button="Sign the administration",
            meaning=MEANINGS[ADMINISTERED],
            blockers=closure_blockers(page.record, signed_in_actor().person_id),
            perform=perform,
            done=lambda issue: _seal(page, issue, f"The administration of {number} is closed."),
            back=_batch_url(number),
        ),
    )


@pages.page("/batches/<number>/void", needs=Permission.OPEN_BATCH, methods=("GET", "POST"))
def void(number: str) -> ResponseReturnValue:
    page = batch_or_404(number)

    def perform(by: Acting, batch: BatchRef, reason: str, proof: Proof) -> str:
        return void_batch(by, batch=batch, reason=reason, proof=proof)

    return _dialog(
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

    return _dialog(
        page,
        Act(
            title=f"Try again to seal the document of {number}",
            button="Sign and try again",
            meaning=MEANINGS[RETRIED],
            blockers=_nothing_to_seal(page),
            perform=perform,
            done=lambda issue: _seal(page, issue, f"The document of {number} was tried again.", again=True),
            back=_batch_url(number),
        ),
    )


@pages.page("/batches/<number>/withdraw", needs=Permission.ATTEST, methods=("GET", "POST"))
def withdraw(number: str) -> ResponseReturnValue:
    page = batch_or_404(number)

    def perform(by: Acting, batch: BatchRef, reason: str, proof: Proof) -> str:
        return issuing.withdraw_issue(by, batch=batch, reason=reason, proof=proof)

    return _dialog(
        page,
        Act(
            title=f"Withdraw the unsealed document of {number}",
            button="Sign and withdraw",
            meaning=MEANINGS[ISSUE_WITHDRAWN],
            blockers=_nothing_to_seal(page),
            perform=perform,
            done=lambda _: say(
                "alert", "The document is withdrawn, and with it the signature it was made for."
            ),
            back=_batch_url(number),
            asks_reason=True,
        ),
    )


def _dialog(page: BatchPage, act: Act) -> ResponseReturnValue:
    """The page of a signature: shown, signed, or shown again with every reason and all that was typed."""
    form = ReasonedForm() if act.asks_reason else SignatureForm()
    if request.method == "GET":
        form.username.data = signed_in_actor().username
        return _shown(page, act, form, act.blockers)
    seen = form.seen.data or ""
    if not (seen.isascii() and seen.isdigit() and len(seen) <= 9):
        abort(400)
    if not form.validate():
        return _shown(page, act, form, act.blockers, 400)
    batch = BatchRef(page.record.batch.id, int(seen))
    try:
        proof = accounts.prove_identity(
            installation().store, form.username.data or "", form.password.data or "", source(), "signature"
        )
        reason = form.reason.text if isinstance(form, ReasonedForm) else ""
        result = act.perform(acting(proof.actor), batch, reason, proof)
    except accounts.NotProved as failure:
        wrong(form.password, str(failure))
        return _shown(page, act, form, act.blockers, 400)
    except Invalid as failure:
        form.explain(failure.problems)
        return _shown(page, act, form, act.blockers, 400)
    except Refused as refusal:
        return _shown(page, act, form, refusal.blockers, 403)
    except Stale as stale:
        form.seen.data = str(page.record.head.seq)
        return _shown(page, act, form, act.blockers, 409, since=stale.seen)
    act.done(result)
    return redirect(_batch_url(page.record.batch.number), 303)


def _shown(
    page: BatchPage,
    act: Act,
    form: SignatureForm,
    blockers: tuple[Blocker, ...],
    status: int = 200,
    since: int | None = None,
) -> ResponseReturnValue:
    if not form.seen.data:
        form.seen.data = str(page.record.head.seq)
    return render_template(
        "release/sign.html",
        page=page,
        bar=page.bar,
        form=form,
        signing=_signing(page, act, form),
        reasons=page.reasons(blockers),
        account="agreement" in {blocker.rule for blocker in blockers},
        possible=all(blocker.rule in PERSONAL for blocker in blockers),
        news=events_after(page, since) if since is not None else (),
    ), status


def _signing(page: BatchPage, act: Act, form: SignatureForm) -> Signing:
    record, actor = page.record, signed_in_actor()
    what: list[tuple[str, Text]] = [
        ("Batch", code(record.batch.number)),
        ("Patient", code(record.batch.patient_code)),
        ("Product", record.process.product),
        ("Version", f"event {record.head.seq}"),
    ]
    if page.use_before is not None and page.life is not None:
        until = instant(page.use_before.until, page.zone, seconds=False)
        left = "" if page.ended_at else f", {remaining(page.life.left)}"
        what.append(("Use before", until + left))
    for result in page.results:
        if result.derived is not None:
            what.append((result.spec.label, unit(result.derived.reported, result.derived.unit)))
    return Signing(
        title=act.title,
        what=tuple(what),
        digest=record.head.digest,
        meaning=act.meaning,
        statement=STATEMENT,
        button=act.button,
        cancel_url=act.back,
        exceptions=tuple(item.sentence for item in page.findings) + page.result_alerts,
        prints_as=actor.name if form.username.data == actor.username else "",
    )


def _seal(page: BatchPage, issue_id: str, said: str, again: bool = False) -> None:
    """Seal the document that was asked for, and say what came of it. A repeat of the form finds it done."""
    record = batch_or_404(page.record.batch.number).record
    issue = next(item for item in record.issues if item.id == issue_id)
    end = record.ending(issue)
    if end is not None and (end.outcome == SEALED or not again):
        say("pass" if end.outcome == SEALED else "alert", f"{said} Its document is {end.outcome}.")
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


def _nothing_to_seal(page: BatchPage) -> tuple[Blocker, ...]:
    if page.status is Status.SEALING_FAILED or page.sealing_for_long:
        return ()
    if open_issue(page.record):
        return (Blocker("sealing", "The document is being sealed right now.", "Open the batch in a moment."),)
    voided = state_blockers(page.record)
    return voided or (Blocker("sealing", "No document of this batch waits for its seal.", "Open the batch."),)


def _batch_url(number: str) -> str:
    return url_for("batches.batch", number=number)
