"""Recalls: signing one for what was traced, what falls under it and who must be told, and ending it."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, RadioField

from labrecords.actions import recalls
from labrecords.actions.door import RECALLS, Invalid, Refused, note_access
from labrecords.actions.recalls import RecallFacts
from labrecords.actions.signing import Proof
from labrecords.domain.custody.notices import RECALL, ToTell, holders_now, to_tell, uses
from labrecords.domain.custody.recalls import RECALLED, Recalled, cannot_be_told_apart, words_of
from labrecords.domain.custody.traces import DAY, LOT
from labrecords.domain.evidence.signatures import MEANINGS, RECALL_WAS_ENDED, WAS_RECALLED
from labrecords.domain.permissions import Permission
from labrecords.domain.record import BatchRecord
from labrecords.domain.registers.lots import told_apart, words_of_lot
from labrecords.domain.review.release import Blocker
from labrecords.domain.status import status
from labrecords.domain.values import times
from labrecords.domain.values.typography import mid_sentence
from labrecords.models.batch_record import head_of, people, record_of
from labrecords.models.lots import versions_of_number
from labrecords.models.recalls import all_naming, all_recalls, naming, recall_by_id
from labrecords.models.session import db
from labrecords.web.custody.traces import wanted
from labrecords.web.downloads import table_download
from labrecords.web.forms.fields import parse_day
from labrecords.web.forms.shared import Parsed, Reason, WritingForm
from labrecords.web.forms.signed import STATEMENT, SignedForm
from labrecords.web.guard import Pages
from labrecords.web.paging import moment_key
from labrecords.web.parts import Signing, Text
from labrecords.web.signed_in import acting, installation, signed_in_actor
from labrecords.web.site import say

pages = Pages("recalls", __name__)
COLUMNS = (
    "recalled",
    "reason",
    "surely this one",
    "batch",
    "patient",
    "chain of identity",
    "product",
    "status",
    "injected by",
    "injected at",
    "held by",
    "to be told",
    "role",
    "why",
    "told at",
    "told how",
    "told by",
)
EVERY_LOT = "Every lot with this number"
SHOWN = 25
"""So many batches stand on one page: the record of each is read."""


class ReasonedForm(SignedForm):
    reason = Reason("Reason", description="What is wrong, and where it was learned")


class RecallForm(ReasonedForm):
    subject, key = HiddenField(), HiddenField()
    since = Parsed("From the day", parse_day, description="Left empty: from the beginning")
    until = Parsed("To the day", parse_day, description="Left empty: also what comes later")
    which = RadioField("Which lot", validators=[], validate_choice=False)


def _form_for(subject: str, key: str) -> tuple[RecallForm, dict[str, str]]:
    """The form, and the key of each lot that can be chosen where several have the number. A day needs no other days."""
    form, keys = RecallForm(), dict[str, str]()
    lots = told_apart(versions_of_number(db.session(), key)) if subject == LOT else {}
    if len(lots) < 2:
        del form.which
    else:
        # A form sends no line end as it is: each lot goes by its first delivery.
        keys = {lot.delivery_id: one for one, lot in lots.items()} | {"every": key}
        named = [(lot.delivery_id, f"Lot {words_of_lot(lot)}") for lot in lots.values()]
        form.which.choices = [*named, ("every", EVERY_LOT)]
    if subject == DAY:
        del form.since, form.until
    return form, keys


@dataclass(frozen=True)
class Affected:
    """One batch under a recall, as the list shows it."""

    record: BatchRecord
    status: str
    to_tell: tuple[ToTell, ...]
    marked: bool
    unclear: bool
    """Whether the record names the lot by a number that other lots have too."""


@pages.page("/recalls", needs=Permission.TRACE)
def listing() -> ResponseReturnValue:
    known = all_recalls(db.session())[::-1]
    return render_template(
        "recalls/listing.html",
        standing=[one for one in known if one.end is None],
        ended=[one for one in known if one.end is not None],
    )


@pages.page("/recalls/new", needs=Permission.RECALL, methods=("GET", "POST"))
def new() -> ResponseReturnValue:
    subject, key, typed = wanted(request.form if request.method == "POST" else request.args)
    if not key:
        return redirect(url_for("traces.trace"), 303)
    zone = installation().zone
    form, lots = _form_for(subject, key)

    def act(proof: Proof) -> str:
        chosen = lots.get(form.which.data or "") if lots else key
        if chosen is None:
            raise Invalid({"which": "Choose which lot: several have this number."})
        since, until = (form.since.value, form.until.value) if form.since is not None else (None, None)
        facts = RecallFacts(subject, chosen, typed, since, until, form.reason.text)
        return recalls.recall(acting(proof.actor), facts=facts, proof=proof)

    if request.method == "GET":
        form.subject.data, form.key.data = subject, typed
        if form.since is not None:
            form.since.data = request.args.get("since", "")[:10]
    words = words_of(subject, _named(subject, key, typed))
    what: tuple[tuple[str, Text], ...] = (("What", words), ("Days", f"of the laboratory, {zone.key}"))
    cancel = url_for("traces.trace", subject=subject, key=typed)
    return _signed(form, f"Recall {mid_sentence(words)}", what, WAS_RECALLED, cancel, act)


@pages.page("/recalls/<recall_id>", needs=Permission.TRACE)
def one(recall_id: str) -> ResponseReturnValue:
    known, before = _known(recall_id), moment_key()
    ids, older = naming(db.session(), known, before, SHOWN)
    actor = signed_in_actor()
    return render_template(
        "recalls/recall.html",
        known=known,
        recall=known.recall,
        batches=list(_affected(known, ids)),
        may_recall=actor.may(Permission.RECALL),
        may_tell=actor.may(Permission.TELL),
        form=WritingForm(),
        newest_url=url_for("recalls.one", recall_id=recall_id) if before else "",
        older_url=url_for("recalls.one", recall_id=recall_id, before=older) if older else "",
    )


@pages.page("/recalls/<recall_id>.csv", needs=Permission.TRACE)
def export(recall_id: str) -> ResponseReturnValue:
    known = _known(recall_id)
    affected = _affected(known, all_naming(db.session(), known))
    rows = (row for item in affected for row in _rows(known, item))
    response = table_download("recall.csv", COLUMNS, rows)
    note_access(acting(), "recall.exported", recall=recall_id)
    return response


@pages.page("/recalls/<recall_id>/mark", needs=Permission.RECALL, methods=("POST",))
def mark(recall_id: str) -> ResponseReturnValue:
    _known(recall_id)
    count = recalls.mark_batches(acting(), recall_id)
    say("pass", f"Written into the trails of {count} more batches.")
    return redirect(url_for("recalls.one", recall_id=recall_id), 303)


@pages.page("/recalls/<recall_id>/end", needs=Permission.RECALL, methods=("GET", "POST"))
def end(recall_id: str) -> ResponseReturnValue:
    known, form = _known(recall_id), ReasonedForm()
    form.reason.description = "Why it need not stand any longer"

    def act(proof: Proof) -> str:
        recalls.end_recall(acting(proof.actor), recall_id=recall_id, reason=form.reason.text, proof=proof)
        return recall_id

    what: tuple[tuple[str, Text], ...] = (("What", known.recall.words), ("Reason", known.recall.reason))
    cancel = url_for("recalls.one", recall_id=recall_id)
    return _signed(
        form, f"End the recall of {mid_sentence(known.recall.words)}", what, RECALL_WAS_ENDED, cancel, act
    )


def _signed(
    form: ReasonedForm,
    title: str,
    what: tuple[tuple[str, Text], ...],
    meaning: str,
    cancel: str,
    act: Callable[[Proof], str],
) -> ResponseReturnValue:
    """The page of a signature on the register: shown, signed, or shown again with every reason.

    What is signed is written into the trails of the batches at once.
    """
    blockers: tuple[Blocker, ...] = ()
    status_code = 200
    if request.method == "GET":
        form.username.data = signed_in_actor().username
    else:
        status_code = 400
        if form.validate():
            try:
                proof = form.proof()
                recall_id = act(proof)
                recalls.mark_batches(acting(proof.actor), recall_id)
            except Invalid as failure:
                form.explain(failure.problems)
            except Refused as refusal:
                blockers, status_code = refusal.blockers, 403
            else:
                say("pass", f"{MEANINGS[meaning]}.")
                return redirect(url_for("recalls.one", recall_id=recall_id), 303)
    signing = Signing(
        title=title,
        what=what,
        digest=head_of(db.session(), RECALLS).digest,
        meaning=MEANINGS[meaning],
        statement=STATEMENT,
        button="Recall" if meaning == WAS_RECALLED else "End the recall",
        cancel_url=cancel,
        prints_as=form.prints_as,
    )
    return render_template("recalls/sign.html", form=form, signing=signing, blockers=blockers), status_code


def _named(subject: str, key: str, typed: str) -> str:
    found = people(db.session(), {key}) if subject == "person" else ()
    return found[0].name if found else typed


def _known(recall_id: str) -> Recalled:
    found = recall_by_id(db.session(), recall_id)
    if found is None:
        abort(404)
    return found


def _affected(known: Recalled, batch_ids: Iterable[str]) -> Iterator[Affected]:
    """Of the batches that name what is recalled, those that fall under the recall."""
    for batch_id in batch_ids:
        record = record_of(db.session(), batch_id)
        if any(one.recall.id == known.recall.id for one in record.recalls):
            marked = any(
                (item.recall_id, item.act) == (known.recall.id, RECALLED) for item in record.recall_marks
            )
            tell = to_tell(record, RECALL, known.recall.id)
            unclear = cannot_be_told_apart(record, known.recall)
            yield Affected(record, status(record).value, tell, marked, unclear)


def _rows(known: Recalled, item: Affected) -> Iterator[tuple[str, ...]]:
    """A line for each person who must be told, or one for a batch of which nobody must."""
    record, injected, zone = item.record, uses(item.record), installation().zone
    about = (
        known.recall.words,
        known.recall.reason,
        "no" if item.unclear else "yes",
        record.batch.number,
        record.batch.patient_code,
        record.batch.identity_code,
        record.process.product,
        item.status,
        "; ".join(use.by for use in injected),
        "; ".join(times.show(use.at, zone) for use in injected),
        "; ".join(dict.fromkeys(held.said for held in holders_now(record))),
    )
    for line in item.to_tell or (ToTell("", "", ""),):
        told = line.notice
        more = (times.show(told.told_at, zone), told.how, record.name(told.person_id)) if told else ("",) * 3
        yield (*about, line.whom, line.role, line.why, *more)
