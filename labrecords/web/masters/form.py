"""What all pages that change a draft share: the draft they were made from, saving, and where each error is shown.

A page names what the text is to say; web/masters/text.py writes it, and the strict reader of the domain has the last
word.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from decimal import Decimal
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from flask.typing import ResponseReturnValue
from wtforms import HiddenField, RadioField, SelectField
from wtforms.fields.choices import SelectChoice

from labrecords.actions.door import Invalid, Stale
from labrecords.actions.masters import save_draft
from labrecords.domain.processes.masters import PAGE, MasterState
from labrecords.domain.processes.process import Problem, ProcessError
from labrecords.domain.processes.process_lines import Path
from labrecords.domain.values.numbers import NotANumber, parse_number, parse_whole, plain
from labrecords.web.forms.shared import Parsed, WritingForm
from labrecords.web.masters import text as master_text
from labrecords.web.masters.pages import MasterPage, master_or_404
from labrecords.web.masters.text import CannotRewrite, Data
from labrecords.web.signed_in import acting
from labrecords.web.site import say

YES, NO = "yes", "no"
MOST = 999_999_999


class DraftForm(WritingForm):
    """A form that changes a draft. `seen` is the digest of the text that it was made from."""

    seen = HiddenField()


class Vanished(ValueError):
    """What the form was about is not in the draft any more."""


def number_text(typed: str) -> str:
    """A number as the text of a master record writes it: the digits as typed, with a decimal point."""
    return plain(parse_number(typed))


def whole(typed: str) -> int:
    """A whole number of 0 or more. Raises NotANumber."""
    value = parse_whole(typed)
    if not 0 <= value <= MOST:
        raise NotANumber("Write a whole number of 0 or more.")
    return value


def amount(label: str, **more: Any) -> Parsed:
    """An entry for a number that the text keeps as it was typed."""
    return Parsed(label, number_text, render_kw={"inputmode": "decimal"}, **more)


def count(label: str, **more: Any) -> Parsed:
    """An entry for a whole number."""
    return Parsed(label, whole, render_kw={"inputmode": "numeric"}, **more)


def yes_no(label: str, **more: Any) -> RadioField:
    """Yes or no, both seen."""
    return choice(label, ((YES, "Yes"), (NO, "No")), **more)


def choice(label: str, options: tuple[tuple[str, str], ...], **more: Any) -> RadioField:
    """A few options, all seen."""
    return RadioField(label, choices=chosen_from(options), **more)


def select(label: str, options: Iterable[tuple[str, str]] = (), **more: Any) -> SelectField:
    """A list to choose from."""
    return SelectField(label, choices=chosen_from(options), **more)


def chosen_from(options: Iterable[tuple[str, str]]) -> list[SelectChoice]:
    """Pairs of what is sent and the words that are seen, as choices."""
    return [SelectChoice(value, words) for value, words in options]


def listed(typed: str | None) -> list[str]:
    """One item on each line, without empty ones."""
    return [line.strip() for line in (typed or "").splitlines() if line.strip()]


def put(data: Data, name: str, value: Any, usual: Any = None) -> None:
    """Write a value. What is empty is left out, and what is as usual where the text does not say it already."""
    if value in (None, "", []):
        data.pop(name, None)
    elif value != usual or name in data:
        data[name] = value


def range_of(low: Parsed, high: Parsed) -> list[str] | None:
    """The two ends as the text writes them, or None where both are open."""
    ends = [low.value or "", high.value or ""]
    return ends if any(ends) else None


def shown_number(value: Decimal | None) -> str:
    """A number of the text in an entry."""
    return plain(value) if value is not None else ""


def base_of(digest: str) -> MasterPage:
    """The draft that a form was made from: that of the address, or the newer one it was shown again with."""
    return master_or_404(request.form.get("seen") or digest)


def not_editable(page: MasterPage) -> ResponseReturnValue | None:
    """Where one goes who opens the pages of a draft that cannot be changed any more; None where it can."""
    if page.state is MasterState.DRAFT:
        return None
    if page.state is MasterState.REPLACED:
        say("alert", "A newer draft has taken the place of the one you opened. This is the newest.")
        return redirect(url_for("masters.version", digest=page.newest.digest), 303)
    say(
        "alert",
        f"{page.name} is {page.state.value}: its text is final. Copy it to a new version to change it.",
    )
    return redirect(url_for("masters.version", digest=page.version.digest), 303)


def draft_page(
    page: MasterPage,
    form: DraftForm,
    template: str,
    change: Callable[[Data], None],
    *,
    anchor: str = "",
    places: Mapping[Path, str] | None = None,
    **values: Any,
) -> ResponseReturnValue:
    """Show a page that changes a draft, or save what it says as a newer draft and go back to the version.

    `change` brings the plain data of the text to what was typed. `places` says for a place in the data at
    which field the errors there and below are shown.
    """
    if request.method == "GET":
        away = not_editable(page)
        if away is not None:
            return away
        form.seen.data = page.version.digest
        return render_template(template, form=form, page=page, newer=None, **values)
    status, newer = 400, None
    if form.validate():
        try:
            wanted = master_text.plain(page.process.text)
            change(wanted)
            digest = keep(master_text.rewritten(page.process.text, wanted), page)
        except ProcessError as error:
            explain(form, error.problems, places or {})
        except (CannotRewrite, Vanished) as sentence:
            form.form_errors.append(str(sentence))
        except Invalid as error:
            form.form_errors.extend(error.problems.values())
        except Stale:
            newer, status = ahead(form, page), 409
        else:
            say("pass", "The draft is saved.")
            return redirect(url_for("masters.version", digest=digest, _anchor=anchor or None), 303)
    return render_template(template, form=form, page=page, newer=newer, **values), status


def keep(text: str, page: MasterPage, note: str = "") -> str:
    """Save a text in the place of the draft that it was made from. Returns its digest."""
    return save_draft(acting(), text=text, origin=PAGE, note=note, replaces=page.version.digest)


def ahead(form: DraftForm, page: MasterPage) -> MasterPage:
    """The newer draft that somebody saved meanwhile; sent again, the form changes that one."""
    newer = master_or_404(page.newest.digest)
    if newer.version.digest == page.version.digest:
        abort(409)
    form.seen.data = newer.version.digest
    form.form_key.data = form.form_key.default()
    return newer


def explain(form: DraftForm, problems: tuple[Problem, ...], places: Mapping[Path, str]) -> None:
    """Put each error of the reader at the field it is about, or over the whole form with its place."""
    for problem in problems:
        found = [place for place in places if problem.path[: len(place)] == place]
        if found:
            field = form[places[max(found, key=len)]]
            field.errors = [*field.errors, problem.sentence]
        else:
            form.form_errors.append(f"{problem.where}: {problem.sentence}")
