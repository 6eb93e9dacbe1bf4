"""The page of a signature on a whole batch: what is signed, what stands against it, and who signs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField

from labrecords.actions.door import Acting, BatchRef, Invalid, Refused, Stale
from labrecords.actions.signing import Proof
from labrecords.domain.review.release import Blocker
from labrecords.web.batches.batch import BatchPage
from labrecords.web.batches.events import events_after
from labrecords.web.filters import code, instant, remaining, unit
from labrecords.web.forms.shared import Reason
from labrecords.web.forms.signed import STATEMENT, SignedForm
from labrecords.web.parts import Signing, Text
from labrecords.web.review.open_points import pending_tests
from labrecords.web.signed_in import acting, signed_in_actor

PERSONAL = ("took part", "took no part", "permission", "agreement", "signature")
"""Rules about the person, not the record: somebody else may still sign."""


class SignatureForm(SignedForm):
    seen = HiddenField()


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
    reason_label: str = "Reason"
    """What is asked where a reason is."""


def signature_page(page: BatchPage, act: Act) -> ResponseReturnValue:
    """The page of a signature: shown, signed, or shown again with every reason and all that was typed."""
    form = _form(act)
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
        proof = form.proof()
        reason = form.reason.text if isinstance(form, ReasonedForm) else ""
        result = act.perform(acting(proof.actor), batch, reason, proof)
    except Invalid as failure:
        form.explain(failure.problems)
        return _shown(page, act, form, act.blockers, 400)
    except Refused as refusal:
        return _shown(page, act, form, refusal.blockers, 403)
    except Stale as stale:
        form.seen.data = str(page.record.head.seq)
        return _shown(page, act, form, act.blockers, 409, since=stale.seen)
    act.done(result)
    return redirect(url_for("batches.batch", number=page.record.batch.number), 303)


def _form(act: Act) -> SignatureForm:
    if not act.asks_reason:
        return SignatureForm()
    form = ReasonedForm()
    form.reason.label.text = act.reason_label
    return form


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
    record = page.record
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
    what += [("Test still open", words) for words in pending_tests(record, page.zone)]
    return Signing(
        title=act.title,
        what=tuple(what),
        digest=record.head.digest,
        meaning=act.meaning,
        statement=STATEMENT,
        button=act.button,
        cancel_url=act.back,
        exceptions=tuple(item.sentence for item in page.findings),
        prints_as=form.prints_as,
    )
