"""The own account: sign in and out, the one-time link, the password, the signing statement, the open sessions."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from flask import Response, abort, make_response, redirect, render_template, request, session, url_for
from werkzeug.wrappers import Response as AnyResponse
from wtforms import PasswordField, StringField
from wtforms.validators import InputRequired

from labrecords.actions import accounts, second_step
from labrecords.actions.accounts import NotProved, TooManyTries
from labrecords.actions.door import SYSTEM_ACTOR, Acting, Actor, Invalid, Refused
from labrecords.actions.signing import Proof
from labrecords.domain.evidence.signatures import AGREEMENT, AGREEMENT_VERSION
from labrecords.domain.permissions import Permission
from labrecords.domain.values import times
from labrecords.models.directory import open_sessions, profile
from labrecords.models.people import PersonRow
from labrecords.models.session import db
from labrecords.web.forms.shared import SiteForm, WritingForm, wrong
from labrecords.web.guard import ANYBODY, Pages
from labrecords.web.people.half_signed_in import begin_step, passkeys_work
from labrecords.web.signed_in import (
    A_YEAR_S,
    acting,
    begin_session,
    current_actor,
    device,
    end_session,
    held_session,
    installation,
    session_token,
    signed_in_actor,
    source,
)
from labrecords.web.site import own_path, say

pages = Pages("accounts", __name__)
Answer = str | AnyResponse | tuple[str, int]

THEMES = ("system", "dark", "light")


class SignInForm(SiteForm):
    username = StringField("Username", [InputRequired("Enter your username.")])
    password = PasswordField("Password", [InputRequired("Enter your password.")])


class TwiceForm(WritingForm):
    """A form in which a new password is typed twice."""

    def validate(self, extra_validators: object = None) -> bool:
        right = bool(super().validate(extra_validators))
        if right and self.password.data != self.again.data:
            wrong(self.again, "This is not the same as above. Type both again.")
            return False
        return right


class NewPasswordForm(TwiceForm):
    password = PasswordField("New password", [InputRequired("Enter a password.")])
    again = PasswordField("The same again", [InputRequired("Enter the password a second time.")])


class ChangePasswordForm(TwiceForm):
    present = PasswordField("Present password", [InputRequired("Enter your present password.")])
    password = PasswordField("New password", [InputRequired("Enter a password.")])
    again = PasswordField("The same again", [InputRequired("Enter the password a second time.")])


class AgreementForm(WritingForm):
    present = PasswordField("Password", [InputRequired("Enter your password.")])


@pages.page("/sign-in", needs=ANYBODY, methods=("GET", "POST"))
def sign_in() -> Answer:
    form, back, status = SignInForm(), own_path(request.args.get("back")), 200
    if request.method == "GET" and current_actor():
        return redirect(back, 303)
    if form.is_submitted():
        status = 400
        proof = None
        if form.validate():
            proof, status = prove_by_password(form.username.data, form.password, "sign-in")
        if proof is not None:
            try:
                return _go_on(proof, back)
            except NotProved as problem:
                wrong(form.password, str(problem))
                status = 403
    return render_template("accounts/sign_in.html", form=form, passkeys=passkeys_work(), back=back), status


def _go_on(proof: Proof, back: str) -> Response:
    """To the second step where one is asked, else in. Raises NotProved where only a link leads on."""
    token = second_step.begin_second_step(installation().store, proof, source())
    if token is None:
        return begin_signed_in(proof, redirect(back, 303))
    return begin_step(redirect(url_for("accounts.second_step", back=back), 303), token)


@pages.page("/sign-out", needs=ANYBODY, methods=("POST",))
def sign_out() -> Response:
    _leave()
    say("pass", "You are signed out.")
    return end_session(make_response(redirect(url_for("accounts.sign_in"), 303)))


@pages.page("/theme", needs=ANYBODY, methods=("POST",))
def theme() -> Response:
    chosen = request.form.get("theme", "")
    if chosen not in THEMES:
        abort(400)
    response = make_response(redirect(own_path(request.form.get("back")), 303))
    secure = installation().settings.secure_cookies
    response.set_cookie("theme", chosen, max_age=A_YEAR_S, secure=secure, httponly=True, samesite="Lax")
    return response


@pages.page("/invitation/<secret>", needs=ANYBODY, methods=("GET", "POST"))
def invitation(secret: str) -> Answer:
    store = installation().store
    found = accounts.open_invitation(db.session(), secret, store.clock())
    if found is None:
        return render_template("accounts/invitation_ended.html"), 410
    person, form, status = db.session.get_one(PersonRow, found.person_id), NewPasswordForm(), 200
    if form.is_submitted():
        status = 400
        if form.validate():
            try:
                by = Acting(store, SYSTEM_ACTOR, source=source())
                username = accounts.accept_invitation(by, secret=secret, password=form.password.data)
            except Invalid as problem:
                form.explain(problem.problems)
            except Refused:
                return render_template("accounts/invitation_ended.html"), 410
            else:
                return _password_set(username)
    return render_template(
        "accounts/invitation.html", form=form, person=person, until=found.expires_at
    ), status


@pages.page("/account", needs=Permission.OWN_ACCOUNT)
def account() -> Answer:
    place, actor = installation(), signed_in_actor()
    idle = timedelta(minutes=place.settings.idle_minutes)
    age = timedelta(hours=place.settings.session_hours)
    return render_template(
        "accounts/account.html",
        profile=profile(db.session(), actor.person_id, AGREEMENT_VERSION),
        permissions=[item.value for item in Permission if actor.may(item)],
        training_url=url_for("training.person", person_id=actor.person_id)
        if actor.may(Permission.READ_BATCHES)
        else "",
        signs=actor.may(Permission.ATTEST),
        sessions=open_sessions(db.session(), actor.person_id, place.store.clock(), idle, age),
        this_one=accounts.token_digest(session_token()),
        idle_minutes=place.settings.idle_minutes,
        session_hours=place.settings.session_hours,
    )


@pages.page("/account/agreement", needs=Permission.OWN_ACCOUNT, methods=("GET", "POST"))
def agreement() -> Answer:
    actor, form, status = signed_in_actor(), AgreementForm(), 200
    if form.is_submitted():
        proof, status = prove_here(form, actor, "agreement")
        if proof is not None:
            accounts.accept_agreement(acting(), proof=proof)
            say("pass", "You have accepted the statement. You can sign from now on.")
            return redirect(url_for("accounts.account"), 303)
    known = profile(db.session(), actor.person_id, AGREEMENT_VERSION)
    assert known is not None, "the signed-in person exists"
    return render_template(
        "accounts/agreement.html",
        form=form,
        username=actor.username,
        statement=AGREEMENT,
        agreed_at=known.agreed_at,
    ), status


@pages.page("/account/password", needs=Permission.OWN_ACCOUNT, methods=("GET", "POST"))
def password() -> Answer:
    actor, form, status = signed_in_actor(), ChangePasswordForm(), 200
    if form.is_submitted():
        proof, status = prove_here(form, actor, "password change")
        if proof is not None:
            try:
                # No key of the form: it holds nothing of the passwords, and would take another one for a repeat.
                by = Acting(installation().store, actor, source=source())
                accounts.change_password(by, proof=proof, password=form.password.data)
            except Invalid as problem:
                form.explain(problem.problems)
                status = 400
            else:
                response = begin_signed_in(proof, redirect(url_for("accounts.account"), 303))
                say("pass", "Your password is changed. All other sessions have ended.")
                return response
    return render_template("accounts/password.html", form=form, username=actor.username), status


@pages.page("/account/sessions", needs=Permission.OWN_ACCOUNT, methods=("POST",))
def sign_out_everywhere() -> Response:
    accounts.sign_out_everywhere(installation().store, signed_in_actor(), source())
    _leave()
    say("pass", "You are signed out everywhere.")
    return end_session(make_response(redirect(url_for("accounts.sign_in"), 303)))


def _leave() -> None:
    """Forget everything of this browser but whose forms are still open in it: who comes back can send them."""
    kept = {name: session[name] for name in ("person", "csrf_token") if name in session}
    session.clear()
    session.update(kept)


def prove_by_password(
    username: str, field: PasswordField, purpose: str, sentence: str = ""
) -> tuple[Proof | None, int]:
    """The proof of identity, or the sentence at the field and the status of the answer."""
    try:
        proof = accounts.prove_identity(installation().store, username, field.data, source(), purpose)
    except TooManyTries as problem:
        wrong(field, str(problem))
        return None, 429
    except NotProved as problem:
        wrong(field, sentence or str(problem))
        return None, 400
    return proof, 200


def prove_here(form: Any, actor: Actor, purpose: str) -> tuple[Proof | None, int]:
    """The proof of who is signed in, by the entry `present` of a form; or None, and the status of the answer."""
    if not form.validate():
        return None, 400
    return prove_by_password(actor.username, form.present, purpose, "This is not your present password.")


def begin_signed_in(proof: Proof, response: AnyResponse) -> Response:
    """Sign in under a new token; a session that was open in this browser ends."""
    store, before, browser = installation().store, held_session(), device()
    if before is not None:
        accounts.sign_out(store, before.actor, session_token(), source())
    if session.get("person") != proof.actor.person_id:
        # The same person who comes back after a lock can still send what was typed; another gets fresh pages.
        session.clear()
        session["person"] = proof.actor.person_id
    if proof.actor.may(Permission.ATTEST) and not accounts.has_agreed(db.session(), proof.actor.person_id):
        say(
            "wait",
            "Before your first signature, accept the signing statement on your account page: your name, above.",
        )
    _, soon = second_step.rule_of(db.session(), proof.actor, store.clock())
    if soon is not None:
        day = times.local(soon, installation().zone).date().isoformat()
        say(
            "wait",
            f"From {day} on your role asks for a second factor. Set it up before, on your account page.",
        )
    return begin_session(make_response(response), accounts.sign_in(store, proof, source(), browser), browser)


def _password_set(username: str) -> Response:
    session.clear()
    token = second_step.begin_by_link(installation().store, username, source())
    if token is not None:
        return begin_step(end_session(make_response(redirect(url_for("accounts.set_up"), 303))), token)
    say("pass", f"Your password is set. Sign in as {username}.")
    return end_session(make_response(redirect(url_for("accounts.sign_in"), 303)))
