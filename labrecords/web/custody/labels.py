"""The containers of a batch, their ids, and printing labels for them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from flask import redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import RadioField, SelectField
from wtforms.fields.choices import SelectChoice

from labrecords.actions.door import BatchRef, Invalid, Refused
from labrecords.actions.labels import give_container_id, print_labels
from labrecords.domain.custody.container_ids import shown
from labrecords.domain.labels.contents import KINDS, label_codes
from labrecords.domain.labels.prints import copies_of, reconciliation
from labrecords.domain.labels.stocks import STOCKS
from labrecords.domain.permissions import Permission
from labrecords.domain.record import BatchRecord
from labrecords.domain.values.codes import normalise
from labrecords.domain.values.numbers import parse_whole
from labrecords.web.batches.batch import batch_or_404
from labrecords.web.forms.shared import Line, Parsed, WritingForm
from labrecords.web.guard import Pages
from labrecords.web.parts import Condition
from labrecords.web.signed_in import acting, signed_in_actor
from labrecords.web.site import say
from labrecords.web.steps.screens import checklist

pages = Pages("labels", __name__)


def _choices(words: Mapping[str, str]) -> list[SelectChoice]:
    return [SelectChoice(key, text) for key, text in words.items()]


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
        f"{shown(code)} is given out. Print its label, put it on one container, and scan it where that is filled.",
    )
    return redirect(url_for("labels.new_print", number=number, code=code), 303)


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


class PrintForm(WritingForm):
    """What is printed for which container. The choices of containers are those of the batch."""

    container = SelectField("Container", validate_choice=False)
    over = SelectField("Put over the label of", validate_choice=False)
    kind = RadioField("What the label is for", choices=_choices(KINDS), validate_choice=False)
    stock = RadioField(
        "Size",
        choices=_choices({key: stock.title for key, stock in STOCKS.items()}),
        default="50x25",
        validate_choice=False,
    )
    copies = Parsed("Copies", parse_whole, missing="Say how many copies.", render_kw={"inputmode": "numeric"})
    storage = Line(
        "Keep at",
        limit=60,
        description="As it is to stand on the label, such as 15 to 25 °C, do not refrigerate",
    )
    reason = Line(
        "Why it is printed again",
        limit=300,
        description="Where such a label was printed for this container before",
    )


@pages.page("/batches/<number>/labels/print", needs=Permission.RECORD_PROCESSING, methods=("GET", "POST"))
def new_print(number: str) -> ResponseReturnValue:
    page = batch_or_404(number)
    form, status, refused = PrintForm(), 200, list[Condition]()
    form.container.choices = [SelectChoice(code, shown(code)) for code in label_codes(page.record)]
    form.over.choices = [SelectChoice("", "No other label"), *form.container.choices]
    if not form.is_submitted():
        form.container.data, form.copies.data = request.args.get("code"), "1"
    else:
        status = 400
        if form.validate():
            try:
                print_id = print_labels(
                    acting(),
                    batch=BatchRef(page.record.batch.id),
                    code=form.container.data or "",
                    kind=form.kind.data or "",
                    stock=form.stock.data or "",
                    copies=form.copies.value,
                    storage=form.storage.text,
                    reason=form.reason.text,
                    over=form.over.data or "",
                )
            except Invalid as error:
                form.explain(error.problems)
            except Refused as error:
                status, refused = 403, checklist(error.blockers)
            else:
                say(
                    "pass",
                    "The labels are ready. Open the file, print it once at 100 %, and put each on its container.",
                )
                return redirect(url_for("labels.label", number=number, print_id=print_id), 303)
    values = {"bar": page.bar, "record": page.record, "form": form, "refused": refused}
    return render_template("labels/print.html", **values), status


def _show(number: str, form: WritingForm, refused: list[Condition] | None = None) -> str:
    page = batch_or_404(number)
    return render_template(
        "labels/containers.html",
        bar=page.bar,
        record=page.record,
        lines=container_lines(page.record),
        prints=[(item, copies_of(page.record, item.id)) for item in page.record.label_prints],
        counts=reconciliation(page.record),
        kinds=KINDS,
        form=form,
        may_give=signed_in_actor().may(Permission.RECORD_PROCESSING) and not page.barred,
        refused=refused or [],
    )
