"""What a person had typed in the forms of a step and not recorded: kept, offered again to them alone, compared."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from flask import request
from markupsafe import Markup
from werkzeug.datastructures import MultiDict

from labrecords.actions.step_drafts import RECORDED, keep_draft
from labrecords.domain.entries import CORRECTED, REPEATED, REPORTED
from labrecords.models.session import db
from labrecords.models.step_drafts import Draft, drafts_of
from labrecords.web.batches.unseen import may_go_on
from labrecords.web.filters import clock, instant, person
from labrecords.web.forms.fields import FactField, RowsField
from labrecords.web.parts import Text
from labrecords.web.signed_in import acting, signed_in_actor
from labrecords.web.steps.forms import CARRIED, StepForm, step_form, text_of
from labrecords.web.steps.handed_over import kept_text
from labrecords.web.steps.in_hand import StepPage

BESIDE = "pause_note"
"""An entry of the page that is none of the step, and is kept with it."""
TITLES = {
    RECORDED: "Typed",
    CORRECTED: "A correction typed",
    REPEATED: "A repeat typed",
    REPORTED: "A report typed",
}
VERSION, ENTRY = re.compile(r"[0-9]{1,9}"), re.compile(r"[0-9a-f]{0,32}")


@dataclass(frozen=True)
class Left:
    """What was typed and not recorded, as the page says it."""

    draft: Draft
    title: Text
    said: Text
    go_url: str = ""
    """Where its form is, where it does not stand on this page."""
    compare: bool = False
    """Whether somebody else wrote the same, so that both have to be seen side by side."""


def keep_typed(at: StepPage, form: StepForm, written: str) -> None:
    """Keep what stands in a form that is being filled in by the person who opened it, and who may send it."""
    actor, seen, replaces = signed_in_actor(), form["seen"].data or "", form["replaces"].data or ""
    ours = VERSION.fullmatch(seen) and ENTRY.fullmatch(replaces) and form["opened_by"].data == actor.person_id
    if ours and not at.blockers(actor):
        typed = _typed(form) | {BESIDE: request.form.get(BESIDE, "")}
        keep_draft(acting(), step=at.ref(seen), kind=at.kind, form=written, replaces=replaces, typed=typed)


def drafts_at(at: StepPage) -> tuple[Draft, ...]:
    """What the person who is here had typed in the forms of this step."""
    return drafts_of(
        db.session(),
        batch_id=at.record.batch.id,
        step_key=at.step.key,
        person_id=signed_in_actor().person_id,
        now=at.batch.now,
    )


def says_more(draft: Draft, empty: StepForm) -> bool:
    """Whether it holds anything else than the form as it is opened."""
    return _stated(draft.typed) != _stated(_typed(empty))


def two_versions(at: StepPage, draft: Draft) -> bool:
    """Whether another version was recorded of what was typed: the two are compared, and neither hides the other."""
    return draft.form in (RECORDED, CORRECTED) and at.entry is not None and at.entry.id != draft.replaces


def filled_in(at: StepPage, empty: StepForm, draft: Draft) -> StepForm:
    """The form as it is opened now, with what was typed. What a later pause kept stands where nothing was typed."""
    later = kept_text(at) if draft.seen != at.version and at.entry is None else {}
    carried = {name: empty[name].data or "" for name in ("form_key", *CARRIED)}
    empty_here = {name: text for name, text in later.items() if not draft.typed.get(name, "").strip()}
    return step_form(at.step)(MultiDict({**draft.typed, **empty_here, **carried}), at.surroundings)


def form_of(at: StepPage, draft: Draft) -> StepForm:
    """The form as it was when it was typed, to be compared."""
    carried = {"seen": str(draft.seen), "replaces": draft.replaces, "opened_by": signed_in_actor().person_id}
    return step_form(at.step)(MultiDict({**draft.typed, **carried}), at.surroundings)


def here(at: StepPage, draft: Draft) -> Left:
    """Said above the form in which it stands."""
    said = "It stands below as you left it; nobody else sees it."
    if draft.seen != at.version:
        said += " This step has changed since, as this page shows: check it before you save."
    return Left(draft, _title(at, draft), said)


def elsewhere(at: StepPage, draft: Draft) -> Left:
    """Said on another page of the step, or above a form that shows a newer version."""
    assert at.entry is not None
    if not two_versions(at, draft):
        go_url = at.url({CORRECTED: "correct", REPEATED: "repeat", REPORTED: "report"}[draft.form])
        return Left(draft, _title(at, draft), "Only you see this.", go_url)
    who = person(at.record.name(at.entry.recorded_by))
    said = (
        Markup("Meanwhile {} recorded this step. ").format(who)
        if draft.form == RECORDED
        else (Markup("Meanwhile {} changed this step. ").format(who))
    )
    seen = may_go_on(at.record, at.entry, signed_in_actor().person_id)
    return Left(draft, _title(at, draft), said + "Nothing of yours was saved.", compare=seen)


def _title(at: StepPage, draft: Draft) -> Text:
    zone = at.batch.zone
    today = draft.kept_at.astimezone(zone).date() == at.batch.now.astimezone(zone).date()
    when = clock(draft.kept_at, zone) if today else instant(draft.kept_at, zone, seconds=False)
    return Markup("{} at {} and not recorded yet.").format(TITLES[draft.form], when)


def _typed(form: StepForm) -> dict[str, str]:
    """What stands in the form, by the name of its entry; each row stays in its place."""
    found: dict[str, str] = {}
    for entry in form:
        if isinstance(entry, RowsField):
            filled = entry.filled()
            rows = entry.entries[: entry.entries.index(filled[-1]) + 1] if filled else []
            found |= {cell.name: text_of(cell) for row in rows for cell in row.form}
        elif isinstance(entry, FactField):
            found[entry.name] = text_of(entry)
    return found


def _stated(typed: Mapping[str, str]) -> dict[str, str]:
    return {name: text for name, text in typed.items() if text}
