"""The list of batches, opening one, and the page of one batch."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice

from labrecords.actions.batches import open_batch
from labrecords.actions.door import Actor, Invalid
from labrecords.domain.custody.acts import next_act
from labrecords.domain.permissions import Permission
from labrecords.domain.processes.process import ADMINISTRATION, AFTER, AT_ANY_TIME, CUSTODY, Process, Step
from labrecords.domain.record import BatchRecord
from labrecords.domain.results.cell_balance import cell_balances
from labrecords.domain.results.results import results
from labrecords.domain.results.step_balance import step_balances
from labrecords.domain.results.timing_results import timing_results
from labrecords.domain.review.disposition import word_blockers
from labrecords.domain.review.release import (
    Blocker,
    closure_blockers,
    missing_at_closure,
    missing_confirmations,
    void_blockers,
)
from labrecords.domain.rules.finding import Severity
from labrecords.domain.status import TO_CLOSE, Status
from labrecords.domain.values.codes import normalise
from labrecords.models.batch_record import process_of
from labrecords.models.codes import batches_with
from labrecords.models.lists import (
    COUNTED_TO,
    BatchQuery,
    begins_a_code,
    count_batches,
    list_batches,
    products,
)
from labrecords.models.masters import effective_masters
from labrecords.models.people import everybody
from labrecords.models.session import db
from labrecords.web.batches.after import after_injection
from labrecords.web.batches.batch import BatchPage, batch_or_404, may_record, step_url
from labrecords.web.batches.rows import act_rows, document_rows, drawing, gaps, happened, step_rows, tester
from labrecords.web.batches.running import paused_steps, running_now
from labrecords.web.batches.unseen import kept_back_steps, numbers_unseen, unseen_steps, veiled
from labrecords.web.custody.notices import chores
from labrecords.web.custody.offers import waiting_offers
from labrecords.web.forms.shared import Line, WritingForm
from labrecords.web.guard import Pages
from labrecords.web.masters.pages import effective_beside
from labrecords.web.paging import days_typed, moment_key
from labrecords.web.parts import Condition
from labrecords.web.review.assays import DISPOSITIONS
from labrecords.web.scanning.answers import offered_acts
from labrecords.web.shown import corrections
from labrecords.web.signed_in import acting, installation, signed_in_actor, today_here
from labrecords.web.site import say

pages = Pages("batches", __name__)

CODE_LENGTH = 60
NONE = ("",)
"""No batch has this number."""
STATUSES = tuple(item.value for item in Status)
BEFORE_DECISION = (Status.OPEN, Status.IN_PROCESS, Status.UNDER_REVIEW, Status.ON_HOLD)


@pages.page("/batches", needs=Permission.READ_BATCHES)
def listing() -> ResponseReturnValue:
    words, code, status = (request.args.get(name, "") for name in ("q", "code", "status"))
    words, code, before = words[:100].strip(), code[:100].strip(), moment_key()
    if status and status not in STATUSES:
        abort(400)
    numbers: tuple[str, ...] = ()
    if code or not words.isprintable():
        # No code has characters that cannot be printed; databases do not agree on what to make of them.
        found = batches_with(db.session(), normalise(code)) if (words + code).isprintable() else []
        numbers = tuple(found) or NONE
    given = {name: request.args.get(name, "")[:100].strip() for name in ("product", "who", "begins", "ends")}
    begins, ends, wrong = days_typed(given["begins"], given["ends"], installation().zone)
    anywhere, beginning = bool(request.args.get("anywhere")), normalise(words)[:100]
    if anywhere or not words.isprintable() or not (beginning and begins_a_code(db.session(), beginning)):
        beginning = ""
    query = BatchQuery(
        words="" if beginning else words,
        beginning=beginning,
        status=status,
        product=given["product"],
        person_id=given["who"],
        begins=begins,
        ends=ends,
        numbers=numbers if not wrong else NONE,
        before=before,
    )
    page, count = list_batches(db.session(), query), count_batches(db.session(), replace(query, before=""))
    chosen = {"q": words, "code": code, "status": status, **given}
    filters: dict[str, Any] = {name: said for name, said in chosen.items() if said}
    everywhere = url_for("batches.listing", anywhere="1", **filters) if beginning else ""
    if anywhere:
        filters["anywhere"] = "1"
    return render_template(
        "batches/listing.html",
        rows=page.rows,
        words=words,
        code=code,
        status=status,
        statuses=STATUSES,
        given=given,
        wrong=wrong,
        products=products(db.session()),
        people=everybody(db.session()),
        filtered=bool(filters),
        beginning=beginning,
        everywhere_url=everywhere,
        count=f"{COUNTED_TO}+" if count > COUNTED_TO else str(count),
        newest_url=url_for("batches.listing", **filters) if before else "",
        older_url=url_for("batches.listing", before=page.next, **filters) if page.next else "",
        may_open=signed_in_actor().may(Permission.OPEN_BATCH),
    )


_FIELDS = {"process": "definition"}
"""A form of WTForms cannot have a field "process"."""


def _effective() -> list[Process]:
    """The processes that a batch can be opened with today."""
    return [process_of(db.session(), item.digest) for item in effective_masters(db.session(), today_here())]


class OpenForm(WritingForm):
    definition = RadioField("Process", validate_choice=False)
    patient_code = Line("Patient code", missing="Enter the patient's code, not the name.", limit=CODE_LENGTH)
    identity_code = Line("Chain-of-identity code", limit=CODE_LENGTH)
    how_known = Line("How you know that it is the code", limit=500)


@pages.page("/batches/new", needs=Permission.OPEN_BATCH, methods=("GET", "POST"))
def open() -> ResponseReturnValue:  # noqa: A001 - the name of the page
    form, known = OpenForm(), _effective()
    form.definition.choices = [SelectChoice(process.digest, process.title) for process in known]
    if request.method == "GET" and len(known) == 1:
        form.definition.data = known[0].digest
    status = 200
    if request.method == "POST":
        if form.validate():
            try:
                number = open_batch(
                    acting(),
                    process_digest=form.definition.data or "",
                    patient_code=form.patient_code.text,
                    identity_code=form.identity_code.text,
                    how_known=form.how_known.text,
                )
            except Invalid as found:
                form.explain({_FIELDS.get(name, name): said for name, said in found.problems.items()})
            else:
                say("pass", f"{number} is open.")
                return redirect(url_for("batches.batch", number=number), 303)
        status = 400
    return render_template("batches/open.html", form=form, known=known), status


@pages.page("/batches/<number>", needs=Permission.READ_BATCHES)
def batch(number: str) -> ResponseReturnValue:
    page, actor = batch_or_404(number), signed_in_actor()
    rows = [row for row in step_rows(page) if row.step.ordered]
    # A balance would tell a value that somebody has still to enter without seeing it.
    unseen = numbers_unseen(page.record, kept_back_steps(page.record))
    from_actor = unseen_steps(page.record, actor.person_id)
    found = veiled(page.findings, from_actor, numbers_unseen(page.record, from_actor))
    may_act = _acts_of(page, actor, CUSTODY)
    return render_template(
        "batches/batch.html",
        page=page,
        bar=page.bar,
        record=page.record,
        grave=[item for item in found if item.severity > Severity.EXCEPTION],
        exceptions=[item for item in found if item.severity is Severity.EXCEPTION],
        corrections=corrections(page.record, page.zone, from_actor),
        drawn=drawing(page),
        gaps=gaps(page),
        acts=act_rows(page),
        may_act=may_act,
        scanned=offered_acts(actor, _begun(page, actor, may_act)),
        after=after_injection(page, _acts_of(page, actor, AFTER)),
        offered=waiting_offers(page, actor),
        running=running_now(page),
        paused=paused_steps(page),
        rows=rows,
        tests=[(item, page.step_url(item.step.key), tester(page, item)) for item in page.tests],
        dispositions=_dispositions(page, actor),
        answered=sum(1 for row in rows if row.at is not None),
        left=_left(page),
        newer=effective_beside(page.record.batch.process_digest, page.record.process.key),
        asked=page.asked_of(actor),
        chores=chores(page, actor),
        todo=_todo(page, actor),
        more=_more_results(page.record),
        balances=() if unseen else step_balances(page.record),
        cells=() if unseen else cell_balances(page.record),
        documents=document_rows(page),
        days=happened(page),
        may_download=actor.may(Permission.DOWNLOAD_DOCUMENTS),
        may_read_trail=actor.may(Permission.READ_TRAIL),
    )


def _acts_of(page: BatchPage, actor: Actor, phase: str) -> list[tuple[Step, str]]:
    """The acts of a phase that this person can record now, each with its address; none before the harvest."""
    if not page.segments or page.record.voids:
        return []
    steps = [step for kind in AT_ANY_TIME if (step := next_act(page.record, kind)).phase == phase]
    return [(step, step_url(page.record.batch.number, step.key)) for step in steps if may_record(actor, step)]


def _begun(page: BatchPage, actor: Actor, acts: list[tuple[Step, str]]) -> list[tuple[Step, str]]:
    """The next step of the process, where this person records it, and the acts of custody."""
    step = page.next_step()
    return [*([(step, page.step_url(step.key))] if step and may_record(actor, step) else []), *acts]


def _more_results(record: BatchRecord) -> list[Any]:
    judged = {spec.key for spec in record.process.results}
    more = [derived for key, derived in results(record).items() if key not in judged]
    return [*more, *timing_results(record)]


def _left(page: BatchPage) -> tuple[str, list[Condition]]:
    """Title and lines of what is still to be done before the next signature that concerns the whole batch."""
    if page.status in BEFORE_DECISION:
        return "What is left before release", page.checklist(_together(page, page.release_blockers))
    if page.status in (Status.RELEASED, *TO_CLOSE):
        found = (
            *missing_at_closure(page.record),
            *missing_confirmations(page.record, ADMINISTRATION),
        )
        return "What is left before the record is closed", page.reasons(found)
    return "", []


def _together(page: BatchPage, blockers: tuple[Blocker, ...]) -> list[Blocker]:
    """Steps that are simply still to come in one line, and no lines about the results that wait for them."""
    waits = [item for item in blockers if item.rule == "missing step" and not _noted(page, item)]
    if len(waits) < 2:
        return list(blockers)
    sentence = f"{len(waits)} required steps are not recorded yet."
    rest = [item for item in blockers if item not in waits and item.rule != "no result"]
    results_wait = [Blocker("no result", "The results wait for these steps.", "")]
    first = Blocker("missing step", sentence, "", waits[0].step_key)
    return [first, *(results_wait if any(item.rule == "no result" for item in blockers) else []), *rest]


def _noted(page: BatchPage, blocker: Blocker) -> bool:
    return page.record.not_done_reason(blocker.step_key) is not None


def _dispositions(page: BatchPage, actor: Actor) -> list[tuple[str, str]]:
    """The words on late results or an expired product that this person can sign now: each with where."""
    if not actor.may(Permission.JUDGE_TESTS):
        return []
    return [
        (word, url_for("assays.disposition", number=page.record.batch.number, word=slug))
        for slug, word in DISPOSITIONS.items()
        if not word_blockers(page.record, word, actor.person_id, page.now)
    ]


def _todo(page: BatchPage, actor: Actor) -> dict[str, Any]:
    """What this person can do with the whole batch now; the template turns it into buttons."""
    step = page.next_step()
    failed = page.status is Status.SEALING_FAILED or page.sealing_for_long
    return {
        "record": step if step and may_record(actor, step) else None,
        "review": page.status in (*BEFORE_DECISION, Status.RELEASED, Status.REJECTED)
        and actor.may(Permission.DECIDE_RELEASE),
        "close": (page.status in TO_CLOSE or (page.status is Status.CLOSED and page.lacking))
        and actor.may(Permission.CLOSE_ADMINISTRATION)
        and not closure_blockers(page.record, actor.person_id),
        "seal": failed and actor.may(Permission.ATTEST),
        "void": actor.may(Permission.OPEN_BATCH) and not void_blockers(page.record),
    }
