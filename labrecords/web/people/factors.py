"""The own second factors: which there are, adding and ending one, recovery codes."""

from __future__ import annotations

from typing import Any

from flask import abort, make_response, redirect, render_template, request, url_for
from wtforms import HiddenField, PasswordField, StringField
from wtforms.validators import InputRequired

from labrecords.actions import factors
from labrecords.actions.door import Actor, Invalid
from labrecords.actions.second_step import rule_of
from labrecords.actions.signing import Proof
from labrecords.documents.drawing.qr import qr_code
from labrecords.domain.factors import CODES, PASSKEY, RECOVERY
from labrecords.domain.permissions import Permission
from labrecords.models.factors import factors_of
from labrecords.models.session import db
from labrecords.web.drawn.widgets import hidden
from labrecords.web.forms.shared import Line, WritingForm
from labrecords.web.people.accounts import Answer, pages, prove_here
from labrecords.web.people.half_signed_in import passkeys_work, this_site
from labrecords.web.signed_in import acting, end_session, installation, signed_in_actor
from labrecords.web.site import say

OWN = Permission.OWN_ACCOUNT
QUIET_ZONE = 4
"""Modules of white around a QR code."""


class ConfirmForm(WritingForm):
    present = PasswordField("Password", [InputRequired("Enter your password.")])


class CodesForm(WritingForm):
    token = HiddenField(widget=hidden)
    factor_code = StringField("Code that the app shows now")
    label = Line("Name of the device", missing="Name the device, so that you know it again.", limit=60)


class NewPasskeyForm(WritingForm):
    token = HiddenField(widget=hidden)
    answer = HiddenField(widget=hidden)
    label = Line("Name of the passkey", missing="Name it, so that you know it again.", limit=60)


@pages.page("/account/factors", needs=OWN)
def own_factors() -> Answer:
    actor = signed_in_actor()
    rule, since = rule_of(db.session(), actor, installation().store.clock())
    known = factors_of(db.session(), actor.person_id)
    return render_template(
        "accounts/factors.html",
        known=[item for item in known if item.kind != RECOVERY],
        recovery=next((item for item in known if item.kind == RECOVERY), None),
        rule=rule,
        since=since,
        works=passkeys_work(),
    )


@pages.page("/account/factors/codes", needs=OWN, methods=("GET", "POST"))
def add_codes() -> Answer:
    return _add(set_up_codes, "Add an authenticator app", "An app on your phone shows a new code every 30 s.")


@pages.page("/account/factors/passkey", needs=OWN, methods=("GET", "POST"))
def add_passkey() -> Answer:
    return _add(
        set_up_passkey,
        "Add a passkey",
        "Your device or a security key signs for you. A passkey cannot be typed on a false page.",
    )


@pages.page("/account/factors/recovery-codes", needs=OWN, methods=("GET", "POST"))
def recovery_codes() -> Answer:
    form, text = (
        ConfirmForm(),
        "Ten new codes are made and shown once. The codes you have now count no longer.",
    )
    proof, status = _confirmed(form)
    if proof is not None:
        return _codes_page(factors.make_recovery_codes(acting(), proof=proof))
    return _confirm(form, "Make new recovery codes", text, "Make the codes"), status


@pages.page("/account/factors/<factor_id>/end", needs=OWN, methods=("GET", "POST"))
def end_factor(factor_id: str) -> Answer:
    known = {item.id: item for item in factors_of(db.session(), signed_in_actor().person_id)}
    if factor_id not in known or known[factor_id].kind == RECOVERY:
        abort(404)
    form, label = ConfirmForm(), known[factor_id].label
    proof, status = _confirmed(form)
    if proof is not None:
        factors.end_factor(acting(), factor_id=factor_id, reason="", proof=proof)
        say("pass", f"{label} counts no longer. You are signed out everywhere.")
        return end_session(make_response(redirect(url_for("accounts.sign_in"), 303)))
    text = "It counts no longer, and cannot be taken back. You are signed out everywhere."
    return _confirm(form, f"End {label}", text, "End it", grave=True), status


def set_up_codes(actor: Actor) -> Answer | list[str]:
    """Show a new seed, or add it when its first code was sent: then the recovery codes, if these are the first."""
    form, by = CodesForm(), acting(actor)
    status = 200
    if form.token.data:
        status = 400
        if form.validate():
            try:
                return factors.add_codes(
                    by, token=form.token.data, code=form.factor_code.data or "", label=form.label.text
                )
            except Invalid as problem:
                form.explain({"factor_code": problem.problems["code"]})
        seed = factors.seed_of(by, form.token.data)
    else:
        form.token.data, seed = factors.begin_codes(by)
    if not seed:
        say("alert", "This took too long. Begin again.")
        return redirect(request.path, 303)
    address = factors.codes_address(seed, actor.username, this_site().name)
    return render_template(
        "accounts/codes.html",
        form=form,
        way=CODES,
        seed=" ".join(seed[at : at + 4] for at in range(0, len(seed), 4)),
        address=address,
        qr=_picture(address),
    ), status


def set_up_passkey(actor: Actor) -> Answer | list[str]:
    """Ask the browser for a passkey, or add the one that it made: then as above."""
    form, by, site = NewPasskeyForm(), acting(actor), this_site()
    status = 200
    if form.token.data:
        status = 400
        if form.validate():
            return factors.add_passkey(
                by, site=site, token=form.token.data, answer=form.answer.data or "", label=form.label.text
            )
    form.answer.data = ""
    form.token.data, options = factors.begin_passkey(by, site)
    return render_template(
        "accounts/new_passkey.html", form=form, way=PASSKEY, options=options, works=passkeys_work()
    ), status


def _add(set_up: Any, title: str, text: str) -> Answer:
    """First the password, then the factor, on one address."""
    form, status = ConfirmForm(), 200
    if request.form.get("token"):
        shown = set_up(signed_in_actor())
        return _codes_page(shown) if isinstance(shown, list) else shown
    proof, status = _confirmed(form)
    if proof is not None:
        return set_up(proof.actor)  # type: ignore[no-any-return]
    return _confirm(form, title, text, "Go on"), status


def _confirmed(form: ConfirmForm) -> tuple[Proof | None, int]:
    """The proof by the present password (ASVS 7.5.1); None where the form is shown or the password was wrong."""
    if not form.is_submitted():
        return None, 200
    return prove_here(form, signed_in_actor(), "change of a factor")


def _confirm(form: ConfirmForm, title: str, text: str, button: str, *, grave: bool = False) -> str:
    return render_template(
        "accounts/confirm.html",
        form=form,
        title=title,
        text=text,
        button=button,
        grave=grave,
        username=signed_in_actor().username,
    )


def _codes_page(codes: list[str]) -> Answer:
    on = url_for("accounts.own_factors")
    if not codes:
        say("pass", "The factor is added. It is asked for from your next sign-in on.")
        return redirect(on, 303)
    return render_template("accounts/recovery_codes.html", codes=codes, on=on)


def _picture(address: str) -> dict[str, Any]:
    """A QR code as one path, and the side of its square."""
    rows = qr_code(address)
    path = "".join(
        f"M{start + QUIET_ZONE} {y + QUIET_ZONE}h{length}v1h-{length}z"
        for y, row in enumerate(rows)
        for start, length in row
    )
    return {"path": path, "side": len(rows) + 2 * QUIET_ZONE}
