"""The signed acts of quality assurance on tests: set a result aside, sign the final disposition."""

from __future__ import annotations

from flask import abort, redirect, url_for
from flask.typing import ResponseReturnValue

from labrecords.actions.assays import invalidate_test
from labrecords.actions.disposition import dispose
from labrecords.actions.door import Acting, BatchRef, StepRef
from labrecords.actions.signing import Proof
from labrecords.domain.entries import INVALIDATED
from labrecords.domain.evidence.signatures import MEANINGS
from labrecords.domain.permissions import Permission
from labrecords.domain.results.assays import Assay
from labrecords.domain.review.decisions import (
    CONFORM,
    DESTROY,
    NOT_CONFORM,
    OF_EXPIRED,
    RESULTS_ADDED,
    RETAIN,
    RETURN,
)
from labrecords.domain.review.disposition import invalidation_blockers, word_blockers
from labrecords.domain.review.release import state_blockers
from labrecords.domain.values.typography import mid_sentence
from labrecords.web.batches.batch import batch_or_404
from labrecords.web.guard import Pages
from labrecords.web.review.pages import seal
from labrecords.web.review.signature_page import Act, signature_page
from labrecords.web.signed_in import signed_in_actor
from labrecords.web.site import say
from labrecords.web.steps.in_hand import step_or_404

pages = Pages("assays", __name__)

DISPOSITIONS = {
    "conforms": CONFORM,
    "does-not-conform": NOT_CONFORM,
    "results-added": RESULTS_ADDED,
    "destroy": DESTROY,
    "return": RETURN,
    "retain": RETAIN,
}
"""The word of a disposition for each word in an address."""


@pages.page("/batches/<number>/steps/<key>/invalidate", needs=Permission.JUDGE_TESTS, methods=("GET", "POST"))
def invalidate(number: str, key: str) -> ResponseReturnValue:
    at = step_or_404(number, key)
    entry = at.entry
    if not isinstance(entry, Assay):
        return redirect(at.url(), 303)
    entry_id = entry.id

    def perform(by: Acting, batch: BatchRef, reason: str, proof: Proof) -> str:
        step = StepRef(batch.batch_id, key, at.version)
        return invalidate_test(by, step=step, entry_id=entry_id, reason=reason, proof=proof)

    blockers = invalidation_blockers(at.record, entry, signed_in_actor().person_id)
    return signature_page(
        at.batch,
        Act(
            title=f"Set the result aside: {mid_sentence(at.step.title)}, {entry.summary(at.record)}",
            button="Sign: the result is set aside",
            meaning=MEANINGS[INVALIDATED],
            blockers=(*state_blockers(at.record), *blockers),
            perform=perform,
            done=lambda _: say("alert", "The result is set aside. It stays in the record with your reason."),
            back=at.url(),
            asks_reason=True,
        ),
    )


@pages.page("/batches/<number>/disposition/<word>", needs=Permission.JUDGE_TESTS, methods=("GET", "POST"))
def disposition(number: str, word: str) -> ResponseReturnValue:
    page = batch_or_404(number)
    if word not in DISPOSITIONS:
        abort(404)
    chosen = DISPOSITIONS[word]

    def perform(by: Acting, batch: BatchRef, reason: str, proof: Proof) -> str:
        return dispose(by, batch=batch, disposition=chosen, reason=reason, proof=proof)

    return signature_page(
        page,
        Act(
            title=f"{number}: {chosen}",
            button=f"Sign: {chosen}",
            meaning=MEANINGS[chosen],
            blockers=word_blockers(page.record, chosen, signed_in_actor().person_id, page.now),
            perform=perform,
            done=lambda issue: seal(page, issue, f"{number}: {chosen}."),
            back=url_for("batches.batch", number=number),
            asks_reason=chosen in (NOT_CONFORM, *OF_EXPIRED),
        ),
    )
