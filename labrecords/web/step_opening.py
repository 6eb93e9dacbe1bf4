"""The form of a step as one comes to it: empty, as it was recorded, or as the same person had left it."""

from __future__ import annotations

from dataclasses import replace

from werkzeug.datastructures import MultiDict

from labrecords.actions.step_drafts import RECORDED
from labrecords.domain.entries import INVALIDATED, Entry
from labrecords.domain.results.assays import Assay
from labrecords.models.step_drafts import Draft
from labrecords.web.fields import may_be_named
from labrecords.web.handed_over import kept_text
from labrecords.web.offers import as_offered
from labrecords.web.signed_in import signed_in_actor
from labrecords.web.step_drafts import Left, drafts_at, elsewhere, filled_in, here, says_more, two_versions
from labrecords.web.step_forms import StepForm, as_typed, step_form
from labrecords.web.step_page import StepPage
from labrecords.web.unseen import may_go_on


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
    if corrected is None and here and may_be_named(here, at.kind.performer_role):
        typed["performed_by"] = here.id
    if old is None:
        typed |= as_offered(at, actor.person_id) | kept_text(at)
    typed |= {"seen": str(at.version), "opened_by": actor.person_id, "replaces": old.id if old else ""}
    return step_form(at.step)(MultiDict(typed), at.surroundings)


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
