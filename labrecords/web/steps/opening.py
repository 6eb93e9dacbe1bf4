"""The form of a step as one comes to it: empty, as it was recorded, or as the same person had left it."""

from __future__ import annotations

from dataclasses import replace

from flask import request
from werkzeug.datastructures import MultiDict

from labrecords.actions.step_drafts import RECORDED
from labrecords.domain.custody.scans import read_scan
from labrecords.domain.entries import INVALIDATED, Entry
from labrecords.domain.processes.process import FOLLOW_UP
from labrecords.domain.results.assays import Assay
from labrecords.domain.results.visits import due_visit
from labrecords.domain.values.codes import NotACode
from labrecords.models.session import db
from labrecords.models.step_drafts import Draft
from labrecords.models.whose import whose
from labrecords.web.batches.unseen import may_go_on
from labrecords.web.custody.offers import as_offered
from labrecords.web.forms.fields import CODE_LENGTH, may_be_named
from labrecords.web.scanning.waiting import beside, waiting
from labrecords.web.signed_in import signed_in_actor, today_here
from labrecords.web.steps.drafts import Left, drafts_at, elsewhere, filled_in, here, says_more, two_versions
from labrecords.web.steps.forms import StepForm, as_typed, step_form
from labrecords.web.steps.handed_over import kept_text
from labrecords.web.steps.in_hand import StepPage


def new_form(at: StepPage, old: Entry | None = None, state: str = "") -> StepForm:
    """An empty form, or one with what is to be corrected as it was typed. A repeat begins empty.

    The next report of a test begins with what was reported before, as a report of the given `state`.
    """
    actor = signed_in_actor()
    anew = at.repeats or (isinstance(old, Assay) and old.state == INVALIDATED)
    corrected = None if anew else old
    typed = as_typed(corrected, at.batch.zone) if corrected else {}
    if at.reports:
        typed |= {"state": state if state in at.next_reports else "", "note": "", "blank_reason": ""}
        corrected = None
    here = next((person for person in at.surroundings.people if person.id == actor.person_id), None)
    if corrected is None and here and may_be_named(here, at.kind.performer_role, at.kind.needs):
        typed["performed_by"] = here.id
    if old is None:
        typed |= as_offered(at, actor.person_id) | _as_due(at) | kept_text(at)
        typed = as_scanned(at) | typed
    typed |= {"seen": str(at.version), "opened_by": actor.person_id, "replaces": old.id if old else ""}
    return step_form(at.step)(MultiDict(typed), at.surroundings)


def _as_due(at: StepPage) -> dict[str, str]:
    """The follow-up visit that is due, chosen already."""
    if at.step.kind != FOLLOW_UP:
        return {}
    return {"visit": due_visit(at.record, today_here())}


def as_scanned(at: StepPage) -> dict[str, str]:
    """What the form begins with where it was opened by a scan: the code in the entry that waits for it."""
    try:
        scan = read_scan(request.args.get("scanned", ""))
    except NotACode:
        return {}
    if not scan.code or len(scan.text) > CODE_LENGTH:
        return {}
    found = whose(db.session(), scan.code)
    waits = waiting(at.record, at.step, scan, found)
    if not waits.takes or "-" in waits.takes[0][0] or (waits.alone and len(waits.takes) > 1):
        return {}
    return dict(waits.takes[:1]) | beside(at.kind, found)


def opened(at: StepPage, old: Entry | None, state: str) -> tuple[StepForm, Left | None]:
    """The form of this page, with what the same person had typed in it; and what is said of that.

    Where somebody else wrote the same meanwhile, nothing is filled in: the two are compared.
    """
    form = new_form(at, old, state)
    for draft in drafts_at(at):
        if draft.form == at.written and says_more(draft, form):
            if two_versions(at, draft):
                return form, elsewhere(at, draft)
            return filled_in(at, form, draft), here(at, draft)
    return form, None


def left_over(at: StepPage) -> list[Left]:
    """What the person who is here had typed in any form of a recorded step."""
    assert at.entry is not None
    seen = may_go_on(at.record, at.entry, signed_in_actor().person_id)
    return [
        elsewhere(at, draft)
        for draft in drafts_at(at)
        if (seen or two_versions(at, draft)) and says_more(draft, _empty(at, draft))
    ]


def _empty(at: StepPage, draft: Draft) -> StepForm:
    """The form in which it was typed, as it is opened."""
    if draft.form == RECORDED:
        return new_form(at)
    return new_form(replace(at, follows_as=draft.form), at.entry)
