"""People as the administrator sees them: who is here, with which roles, and the one-time links. Never a password."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from flask import abort, redirect, render_template, request, url_for
from werkzeug.wrappers import Response
from wtforms import BooleanField, RadioField, StringField
from wtforms.fields.choices import SelectChoice

from labrecords.actions import people
from labrecords.actions.door import Acting, Invalid
from labrecords.domain.evidence.signatures import AGREEMENT_VERSION
from labrecords.domain.permissions import ROLES, Permission, Role
from labrecords.models.access import proof_of
from labrecords.models.directory import Member, Profile, RoleHeld, members, profile
from labrecords.models.factors import factors_of
from labrecords.models.session import db
from labrecords.web.forms.fields import parse_day
from labrecords.web.forms.shared import Line, Parsed, Reason, WritingForm
from labrecords.web.guard import Pages
from labrecords.web.signed_in import acting, installation, signed_in_actor
from labrecords.web.site import say

pages = Pages("people", __name__)
Answer = str | Response | tuple[str, int]
MANAGE = Permission.MANAGE_PEOPLE

ROLE_WORDS = {role: f"{role.value[:1].upper()}{role.value[1:]}" for role in Role}


class AddForm(WritingForm):
    name = Line("Full name", missing="Enter the full name as it is to be printed.", limit=120)
    username = StringField("Username")

    def roles(self) -> tuple[str, ...]:
        """The roles that were ticked."""
        return tuple(role.value for role in Role if self[role.name.lower()].data)


for _role in Role:
    setattr(AddForm, _role.name.lower(), BooleanField(ROLE_WORDS[_role]))


class LinkForm(WritingForm):
    pass


class ReasonForm(WritingForm):
    reason = Reason()


class GrantForm(ReasonForm):
    first_day = Parsed("First day, if not from now on", parse_day)
    last_day = Parsed("Last day, if it is to end by itself", parse_day)
    role = RadioField(
        "Role", choices=[SelectChoice(role.value, ROLE_WORDS[role]) for role in Role], validate_choice=False
    )


class SameHumanForm(ReasonForm):
    other = Line(
        "Username of the other account", missing="Enter the username of the other account.", limit=40
    )


@dataclass(frozen=True)
class Act:
    """One thing the administrator does to an account: what the page says, and what is called."""

    title: str
    text: str
    button: str
    done: str
    grave: bool = False


@pages.page("/people", needs=MANAGE)
def listing() -> Answer:
    found, older = members(db.session(), request.args.get("after", ""))
    now = installation().store.clock()
    rows = [(member, state_of(member, now)) for member in found]
    return render_template(
        "people/listing.html", rows=rows, older=older, begins=bool(request.args.get("after"))
    )


@pages.page("/people/add", needs=MANAGE, methods=("GET", "POST"))
def add() -> Answer:
    form, status, no_role = AddForm(), 200, ""
    if form.is_submitted():
        status = 400
        if form.validate():
            username = (form.username.data or "").strip()
            try:
                added = people.add_person(
                    acting(), username=username, name=form.name.text, roles=form.roles()
                )
            except Invalid as problem:
                no_role = problem.problems.pop("roles", "")
                form.explain(problem.problems | ({"": f"Roles: {no_role}"} if no_role else {}))
            else:
                return _link_page(added["person_id"], added["secret"])
    return render_template("people/add.html", form=form, ticks=_role_ticks(form), no_role=no_role), status


@pages.page("/people/<person_id>", needs=MANAGE)
def person(person_id: str) -> Answer:
    known = known_person(person_id)
    return render_template(
        "people/person.html",
        profile=known,
        state=state_of(known.member, installation().store.clock()),
        oneself=person_id == signed_in_actor().person_id,
        factors=factors_of(db.session(), person_id),
        proofed=proof_of(db.session(), person_id),
        rights=[(item, counts_still(item)) for item in known.held],
    )


@pages.page("/people/<person_id>/link", needs=MANAGE, methods=("GET", "POST"))
def link(person_id: str) -> Answer:
    known, form = known_person(person_id), LinkForm()
    if form.validate_on_submit():
        return _link_page(person_id, people.invite_again(acting(), person_id=person_id))
    act = Act(
        f"Make a one-time link for {known.member.name}",
        "With it the person sets a password, within 48 hours. Links made before can no longer be used. "
        "A password that is set now counts until the new one is.",
        "Make the link",
        "",
    )
    return render_template("people/act.html", form=form, act=act, member=known.member)


@pages.page("/people/<person_id>/roles/add", needs=MANAGE, methods=("GET", "POST"))
def grant(person_id: str) -> Answer:
    known, form = known_person(person_id), GrantForm()
    held = {item.role for item in known.held if counts_still(item)}
    form.role.choices = [
        SelectChoice(role.value, ROLE_WORDS[role]) for role in Role if role.value not in held
    ]
    act = Act(
        f"Give {known.member.name} a role",
        "It counts from now on, or on the days that you state. Who, when and why stands in the trail.",
        "Give the role",
        f"The role is given to {known.member.name}.",
    )
    return do_act(
        form,
        act,
        known,
        lambda by: people.grant_role(
            by,
            person_id=person_id,
            role=form.role.data or "",
            reason=form.reason.text,
            first_day=form.first_day.value,
            last_day=form.last_day.value,
        ),
    )


@pages.page("/people/<person_id>/roles/<role>/end", needs=MANAGE, methods=("GET", "POST"))
def revoke(person_id: str, role: str) -> Answer:
    known, form = known_person(person_id), ReasonForm()
    if role not in {item.role for item in known.held if counts_still(item)}:
        abort(404)
    act = Act(
        f"Take the role {role} from {known.member.name}",
        "It ends at once, also where the person is signed in. What was recorded and signed with it stays.",
        "Take the role",
        f"{known.member.name} no longer has the role {role}.",
        grave=True,
    )
    return do_act(
        form,
        act,
        known,
        lambda by: people.revoke_role(by, person_id=person_id, role=role, reason=form.reason.text),
    )


@pages.page("/people/<person_id>/sign-out", needs=MANAGE, methods=("GET", "POST"))
def sign_out(person_id: str) -> Answer:
    known, form = known_person(person_id), ReasonForm()
    act = Act(
        f"Sign {known.member.name} out everywhere",
        "For a lost tablet, or a session that is not theirs. The password stays as it is.",
        "Sign out everywhere",
        f"{known.member.name} is signed out everywhere.",
    )
    return do_act(
        form, act, known, lambda by: people.sign_person_out(by, person_id=person_id, reason=form.reason.text)
    )


@pages.page("/people/<person_id>/same-human", needs=MANAGE, methods=("GET", "POST"))
def same_human(person_id: str) -> Answer:
    known, form = known_person(person_id), SameHumanForm()
    act = Act(
        f"Another account of {known.member.name}",
        "Two accounts of one person count as one: what was done with one cannot be verified, released or checked "
        "with the other. This cannot be undone.",
        "Link the accounts",
        "The two accounts count as one person from now on.",
    )
    return do_act(
        form,
        act,
        known,
        lambda by: people.link_accounts(
            by, person_id=person_id, other_username=form.other.text, reason=form.reason.text
        ),
    )


@pages.page("/people/<person_id>/deactivate", needs=MANAGE, methods=("GET", "POST"))
def deactivate(person_id: str) -> Answer:
    known, form = known_person(person_id), ReasonForm()
    act = Act(
        f"Deactivate {known.member.name}",
        "For good: the person is signed out, can never sign in again, and the username is never used again. "
        "What they recorded and signed stays.",
        "Deactivate for good",
        f"{known.member.name} is deactivated.",
        grave=True,
    )
    return do_act(
        form, act, known, lambda by: people.deactivate(by, person_id=person_id, reason=form.reason.text)
    )


def state_of(member: Member, now: datetime) -> tuple[str, str]:
    """Kind and words for the state of an account."""
    if member.deactivated_at:
        return "", "deactivated"
    if member.link_until and member.link_until >= now:
        return "wait", "link not used yet"
    if member.password_set_at:
        return "pass", "active"
    return "alert", "no password, link expired"


def counts_still(item: RoleHeld) -> bool:
    """Whether a role counts now or will: it was neither taken away nor is over."""
    return item.ended_at is None and (item.ends_at is None or item.ends_at > installation().store.clock())


def known_person(person_id: str) -> Profile:
    found = profile(db.session(), person_id, AGREEMENT_VERSION)
    if found is None:
        abort(404)
    return found


def do_act(form: ReasonForm, act: Act, known: Profile, call: Callable[[Acting], Any]) -> Answer:
    """Show the page of an act, or do it and go back to the person."""
    status = 200
    if form.is_submitted():
        status = 400
        if form.validate():
            try:
                call(acting())
            except Invalid as problem:
                form.explain(problem.problems)
            else:
                say("pass", act.done)
                return redirect(url_for("people.person", person_id=known.member.id), 303)
    return render_template("people/act.html", form=form, act=act, member=known.member), status


def _link_page(person_id: str, secret: str) -> str:
    """The page that shows a one-time link, once: straight from the POST, since an address or a cookie would keep it."""
    address = url_for("accounts.invitation", secret=secret, _external=True) if secret else ""
    return render_template("people/link.html", member=known_person(person_id).member, address=address)


def _role_ticks(form: AddForm) -> list[tuple[Any, list[str]]]:
    """The tick of each role, with what the role may do besides signing in."""
    return [
        (
            form[role.name.lower()],
            [item.value for item in Permission if item in ROLES[role] and item is not Permission.OWN_ACCOUNT],
        )
        for role in Role
    ]
