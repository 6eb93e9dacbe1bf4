"""The containers of a batch and their ids."""

from __future__ import annotations

from dataclasses import dataclass

from flask import redirect, render_template, url_for
from flask.typing import ResponseReturnValue

from labrecords.actions.door import BatchRef, Refused
from labrecords.actions.labels import give_container_id
from labrecords.domain.custody.container_ids import shown
from labrecords.domain.permissions import Permission
from labrecords.domain.record import BatchRecord
from labrecords.domain.values.codes import normalise
from labrecords.web.batch_page import batch_or_404
from labrecords.web.forms import WritingForm
from labrecords.web.guard import Pages
from labrecords.web.parts import Condition
from labrecords.web.signed_in import acting, signed_in_actor
from labrecords.web.site import say
from labrecords.web.step_screens import checklist

pages = Pages("labels", __name__)


@dataclass(frozen=True)
class ContainerLine:
    """One container of the batch, as the list shows it."""

    code: str
    filled: str
    """The steps in which it was filled, in words; empty where it was not yet."""
    given: str
    """Id of the person who had the system give out its id; empty for a code of another origin."""


@pages.page("/batches/<number>/labels", needs=Permission.READ_BATCHES)
def containers(number: str) -> ResponseReturnValue:
    return _show(number, WritingForm())


@pages.page("/batches/<number>/labels/id", needs=Permission.RECORD_PROCESSING, methods=("POST",))
def give(number: str) -> ResponseReturnValue:
    record = batch_or_404(number).record
    try:
        code = give_container_id(acting(), batch=BatchRef(record.batch.id))
    except Refused as error:
        return _show(number, WritingForm(), checklist(error.blockers)), 403
    say(
        "pass",
        f"{shown(code)} is given out. Write or print it on one container, and scan it where it is filled.",
    )
    return redirect(url_for("labels.containers", number=number), 303)


def container_lines(record: BatchRecord) -> list[ContainerLine]:
    """The containers that were filled, in the order of the process, and then the ids that wait for one."""
    filled: dict[str, list[str]] = {}
    words: dict[str, str] = {}
    for entry in record.current_entries():
        step = record.process.step(entry.step_key)
        for code in entry.fills():
            words.setdefault(normalise(code), code)
            filled.setdefault(normalise(code), []).append(f"{step.number}, {step.title}")
    given = {item.code: item.person_id for item in record.container_ids}
    known = [
        ContainerLine(shown(words[bare]), "; ".join(dict.fromkeys(steps)), given.get(bare, ""))
        for bare, steps in filled.items()
    ]
    waiting = [ContainerLine(shown(code), "", by) for code, by in given.items() if code not in filled]
    return [*known, *waiting]


def _show(number: str, form: WritingForm, refused: list[Condition] | None = None) -> str:
    page = batch_or_404(number)
    return render_template(
        "labels/containers.html",
        bar=page.bar,
        record=page.record,
        lines=container_lines(page.record),
        form=form,
        may_give=signed_in_actor().may(Permission.RECORD_PROCESSING) and not page.barred,
        refused=refused or [],
    )
