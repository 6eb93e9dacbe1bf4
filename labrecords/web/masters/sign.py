"""Acts on a version of a master record: prepare, check and approve, retire by signature; withdraw with a reason."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue

from labrecords.actions import masters
from labrecords.actions.door import Acting, Invalid, Refused
from labrecords.actions.signing import Proof
from labrecords.domain.evidence.signatures import APPROVED, MEANINGS, PREPARED, RETIRED
from labrecords.domain.permissions import Permission
from labrecords.domain.processes import masters as rules
from labrecords.domain.processes.masters import WITHDRAWN
from labrecords.domain.review.release import Blocker
from labrecords.web.filters import code
from labrecords.web.forms.fields import parse_day
from labrecords.web.forms.shared import Parsed, Reason, WritingForm
from labrecords.web.forms.signed import STATEMENT, SignedForm
from labrecords.web.masters.pages import MasterPage, master_or_404, pages
from labrecords.web.parts import Condition, Signing
from labrecords.web.signed_in import acting, signed_in_actor, today_here
from labrecords.web.site import say

PERSONAL = ("two people", "signature", "agreement", "permission")
"""Rules about the person, not the version: somebody else may still sign."""


class ApprovalForm(SignedForm):
    effective_from = Parsed(
        "Effective from", parse_day, missing="Say from which day batches may be opened with it."
    )


class RetirementForm(SignedForm):
    reason = Reason("Reason")


class WithdrawForm(WritingForm):
    reason = Reason("Reason")


@dataclass(frozen=True)
class Act:
    """One signed act: how the dialog names it, and what it does with the form and the proof."""

    name: str
    title: str
    button: str
    done: str
    perform: Callable[[Acting, SignedForm, Proof], str]


@pages.page("/masters/<digest>/prepare", needs=Permission.WRITE_MASTER, methods=("GET", "POST"))
def prepare(digest: str) -> ResponseReturnValue:
    def perform(by: Acting, _: SignedForm, proof: Proof) -> str:
        return masters.prepare_master(by, digest=digest, proof=proof)

    page = master_or_404(digest)
    done = f"{page.name} is in review. Somebody of quality assurance checks and approves it now."
    act = Act(PREPARED, f"Sign {page.name} as prepared", "Sign as prepared", done, perform)
    return _sign(page, act, SignedForm())


@pages.page("/masters/<digest>/approve", needs=Permission.APPROVE_MASTER, methods=("GET", "POST"))
def approve(digest: str) -> ResponseReturnValue:
    def perform(by: Acting, form: SignedForm, proof: Proof) -> str:
        day: date = form["effective_from"].value
        return masters.approve_master(by, digest=digest, effective_from=day, proof=proof)

    page = master_or_404(digest)
    done = f"{page.name} is approved. Batches that run keep the version they were opened with."
    act = Act(APPROVED, f"Check and approve {page.name}", "Sign the approval", done, perform)
    return _sign(page, act, ApprovalForm(effective_from=today_here().isoformat()))


@pages.page("/masters/<digest>/retire", needs=Permission.APPROVE_MASTER, methods=("GET", "POST"))
def retire(digest: str) -> ResponseReturnValue:
    def perform(by: Acting, form: SignedForm, proof: Proof) -> str:
        return masters.retire_master(by, digest=digest, reason=form["reason"].text, proof=proof)

    page = master_or_404(digest)
    done = f"{page.name} is retired: no batch is opened with it any more. Running batches keep it."
    act = Act(RETIRED, f"Retire {page.name}", "Sign: retired", done, perform)
    return _sign(page, act, RetirementForm())


@pages.page("/masters/<digest>/withdraw", needs=Permission.WRITE_MASTER, methods=("GET", "POST"))
def withdraw(digest: str) -> ResponseReturnValue:
    page, form, status = master_or_404(digest), WithdrawForm(), 200
    reasons = _blockers(page, WITHDRAWN)
    if form.is_submitted():
        status = 400
        if form.validate():
            try:
                masters.withdraw_master(acting(), digest=digest, reason=form.reason.text)
            except Invalid as error:
                form.explain(error.problems)
            except Refused as refusal:
                reasons, status = refusal.blockers, 403
            else:
                say("pass", f"{page.name} is withdrawn. Its text stays to be read.")
                return redirect(url_for("masters.version", digest=digest), 303)
    return render_template(
        "masters/withdraw.html", form=form, page=page, reasons=_conditions(reasons)
    ), status


def _sign(page: MasterPage, act: Act, form: SignedForm) -> ResponseReturnValue:
    """The page of a signature: shown, signed, or shown again with every reason and all that was typed."""
    if request.method == "GET":
        form.username.data = signed_in_actor().username
        return _shown(page, act, form, _blockers(page, act.name))
    if not form.validate():
        return _shown(page, act, form, _blockers(page, act.name), 400)
    try:
        proof = form.proof()
        act.perform(acting(proof.actor), form, proof)
    except Invalid as failure:
        form.explain(failure.problems)
        return _shown(page, act, form, _blockers(page, act.name), 400)
    except Refused as refusal:
        return _shown(page, act, form, refusal.blockers, 403)
    say("pass", act.done)
    return redirect(url_for("masters.version", digest=page.version.digest), 303)


def _shown(
    page: MasterPage, act: Act, form: SignedForm, blockers: tuple[Blocker, ...], status: int = 200
) -> ResponseReturnValue:
    signing = Signing(
        title=act.title,
        what=(
            ("Master", code(page.version.key)),
            ("Version", page.version.version),
            ("Title", page.version.title),
            ("State", page.state.value),
            *((f"{given.meaning}", f"{given.name}, {given.role}") for given in page.signatures()),
        ),
        digest=page.version.digest,
        meaning=MEANINGS[act.name],
        statement=STATEMENT,
        button=act.button,
        cancel_url=url_for("masters.version", digest=page.version.digest),
        prints_as=form.prints_as,
    )
    return render_template(
        "masters/sign.html",
        page=page,
        form=form,
        signing=signing,
        reasons=_conditions(blockers),
        account="agreement" in {blocker.rule for blocker in blockers},
        possible=all(blocker.rule in PERSONAL for blocker in blockers),
        compare=page.other_effective,
    ), status


def _blockers(page: MasterPage, act: str) -> tuple[Blocker, ...]:
    person = signed_in_actor().person_id
    return rules.approval_blockers(page.version, act, person, page.versions, page.today)


def _conditions(blockers: tuple[Blocker, ...]) -> list[Condition]:
    """Blockers as lines of a checklist, each with its way out."""
    return [Condition(f"{blocker.sentence} {blocker.way_out}") for blocker in blockers]
