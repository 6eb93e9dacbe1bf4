"""What somebody typed before a step was paused: put back into its form, each text with who typed it and when."""

from __future__ import annotations

from collections.abc import Mapping

from werkzeug.datastructures import MultiDict

from labrecords.domain.pauses import kept, paused
from labrecords.web.filters import clock, person
from labrecords.web.parts import Text
from labrecords.web.steps.forms import CARRIED, StepForm, step_form, text_to_keep, typed_in
from labrecords.web.steps.in_hand import StepPage


def kept_text(at: StepPage) -> dict[str, str]:
    """What the last pause kept for whoever goes on with the step; nothing where it is not paused."""
    if paused(at.record, at.step.key) is None:
        return {}
    return {name: item.text for name, item in kept(at.record, at.step.key).items()}


def filled_up(at: StepPage, form: StepForm, more: Mapping[str, str]) -> StepForm:
    """The same form with further texts where nothing was typed."""
    own = {name: text for name, text in typed_in(form).items() if text.strip()}
    carried = {name: form[name].data or "" for name in ("form_key", *CARRIED)}
    return step_form(at.step)(MultiDict({**more, **own, **carried}), at.surroundings)


def who_typed(at: StepPage, form: StepForm) -> dict[str, Text]:
    """For each entry that a pause kept a text for: who typed it and when, and what, where it now reads otherwise."""
    if at.entry is not None or paused(at.record, at.step.key) is None:
        return {}
    now = text_to_keep(form)
    found: dict[str, Text] = {}
    for name, item in kept(at.record, at.step.key).items():
        who = person(at.record.name(item.person_id))
        said = who + " typed this at " if now.get(name) == item.text else who + f" typed “{item.text}” at "
        entry = name if name in form else name.partition("-")[0]
        found.setdefault(entry, said + clock(item.at, at.batch.zone))
    return found
