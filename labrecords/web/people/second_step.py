"""Signing in with a second factor or with a passkey alone, and setting one up by a one-time link."""

from __future__ import annotations

from flask import make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import HiddenField, StringField
from wtforms.validators import InputRequired

from labrecords.actions import second_step as steps
from labrecords.actions.accounts import NotProved, TooManyTries
from labrecords.actions.ceremonies import BY_LINK, SECOND_STEP
from labrecords.actions.signing import Proof
from labrecords.domain.factors import CODES, PASSKEY, RECOVERY, accepted
from labrecords.models.session import db
from labrecords.web.drawn.widgets import hidden
from labrecords.web.forms.shared import SiteForm, wrong
from labrecords.web.guard import ANYBODY
from labrecords.web.people.accounts import Answer, begin_signed_in, pages
from labrecords.web.people.factors import set_up_codes, set_up_passkey
from labrecords.web.people.half_signed_in import end_step, passkeys_work, step_token, this_site
from labrecords.web.signed_in import current_actor, installation, source
from labrecords.web.site import own_path, say


class CodeForm(SiteForm):
    factor_code = StringField("Code", [InputRequired("Enter the code.")])


class PasskeyForm(SiteForm):
    token = HiddenField(widget=hidden)
    answer = HiddenField(widget=hidden)


@pages.page("/sign-in/second-step", needs=ANYBODY, methods=("GET", "POST"))
def second_step() -> Answer:
    store, back = installation().store, own_path(request.args.get("back"))
    found = steps.whose(store, step_token(), SECOND_STEP)
    if found is None:
        return _begin_again()
    form, passkey, status, refused = CodeForm(), PasskeyForm(), 200, ""
    if request.method == "POST":
        try:
            return _signed_in(_finish(passkey, form), back)
        except TooManyTries as problem:
            status, refused = 429, str(problem)
        except NotProved as problem:
            status, refused = 400, str(problem)
        # What was answered once is not asked again: a new challenge stands on the page.
        found = steps.whose(store, step_token(), SECOND_STEP)
        if found is None:
            return _begin_again()
        if refused and not passkey.answer.data:
            wrong(form.factor_code, refused)
    begun, actor = found
    kinds = steps.kinds_asked(store, actor)
    return render_template(
        "accounts/second_step.html",
        form=form,
        passkey=passkey,
        refused=refused if passkey.answer.data else "",
        codes=CODES in kinds,
        recovery=RECOVERY in kinds,
        options=steps.passkey_options(store, this_site(), begun) if PASSKEY in kinds else "",
        works=passkeys_work(),
    ), status


@pages.page("/sign-in/passkey", needs=ANYBODY, methods=("GET", "POST"))
def passkey() -> Answer:
    if request.method == "GET":
        return redirect(url_for("accounts.sign_in"), 303)
    store, site, form, refused, status = installation().store, this_site(), PasskeyForm(), "", 200
    if form.answer.data:
        try:
            proof = steps.finish_alone(store, site, form.token.data or "", form.answer.data, source())
            return _signed_in(proof, own_path(request.args.get("back")))
        except TooManyTries as problem:
            status, refused = 429, str(problem)
        except NotProved as problem:
            status, refused = 400, str(problem)
    token, options = steps.begin_alone(store, site, source())
    form.token.data, form.answer.data = token, ""
    return render_template(
        "accounts/passkey.html", form=form, options=options, refused=refused, works=passkeys_work()
    ), status


@pages.page("/sign-in/set-up", needs=ANYBODY, methods=("GET", "POST"))
def set_up() -> Answer:
    found = steps.whose(installation().store, step_token(), BY_LINK)
    if found is None:
        return _begin_again()
    begun, actor = found
    rule, _ = steps.rule_of(db.session(), actor, installation().store.clock())
    ways = accepted(rule) - {RECOVERY}
    way = request.form.get("way", "")
    if request.method == "POST" and way in ways:
        shown = set_up_codes(actor) if way == CODES else set_up_passkey(actor)
        if not isinstance(shown, list):
            return shown
        return _set_up_done(Proof(actor, begun.credential_id, installation().store.clock()), shown)
    return render_template(
        "accounts/set_up.html",
        person=actor,
        codes=CODES if CODES in ways else "",
        passkey=PASSKEY if passkeys_work() else "",
    )


def _set_up_done(proof: Proof, codes: list[str]) -> Answer:
    """The factor is there. Where it counts, the person is signed in; the recovery codes are shown this one time."""
    if not steps.end_by_link(installation().store, step_token()):
        return _begin_again()
    page = render_template("accounts/recovery_codes.html", codes=codes, on=url_for("home.work"))
    return end_step(begin_signed_in(proof, make_response(page)))


def _finish(passkey: PasskeyForm, form: CodeForm) -> Proof:
    place, token = installation(), step_token()
    if passkey.answer.data:
        return steps.finish_with_passkey(place.store, this_site(), token, passkey.answer.data, source())
    if not form.validate():
        raise NotProved("Enter the code.")
    return steps.finish_with_code(
        place.store, place.identity_keys, token, form.factor_code.data or "", source()
    )


def _signed_in(proof: Proof, back: str) -> Response:
    return end_step(begin_signed_in(proof, redirect(back, 303)))


def _begin_again() -> Response:
    if current_actor() is None:
        say("alert", steps.ENDED)
    return end_step(redirect(url_for("accounts.sign_in"), 303))
