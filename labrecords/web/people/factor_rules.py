"""What each role asks at sign-in, as the administrator sets it; and the factors of somebody who has lost them."""

from __future__ import annotations

from flask import abort, redirect, render_template, url_for
from wtforms import RadioField
from wtforms.fields.choices import SelectChoice

from labrecords.actions import factors
from labrecords.actions.door import Invalid, Refused
from labrecords.domain.factors import LONGEST_NOTICE, Rule
from labrecords.domain.permissions import Role
from labrecords.models.factors import people_without, rules_now
from labrecords.models.session import db
from labrecords.web.forms.shared import Parsed
from labrecords.web.people.pages import (
    MANAGE,
    ROLE_WORDS,
    Act,
    Answer,
    ReasonForm,
    do_act,
    known_person,
    pages,
)
from labrecords.web.signed_in import acting, installation
from labrecords.web.site import say

RULE_WORDS = {
    Rule.NONE: "The password alone",
    Rule.SECOND: "A second factor: one-time codes or a passkey",
    Rule.PASSKEY: "A passkey only",
}


def _days(text: str) -> int:
    bare = text.strip()
    if not (bare.isascii() and bare.isdigit() and len(bare) <= 3):
        raise ValueError(f"A whole number of days from 0 to {LONGEST_NOTICE.days}.")
    return int(bare)


class RuleForm(ReasonForm):
    rule = RadioField(
        "What is asked",
        choices=[SelectChoice(rule.value, RULE_WORDS[rule]) for rule in Rule],
        validate_choice=False,
    )
    in_days = Parsed("Begins in so many days", _days, missing="Enter the days until it begins.", default="7")


@pages.page("/people/factors", needs=MANAGE)
def factor_rules() -> Answer:
    rules, now = rules_now(db.session()), installation().store.clock()
    rows = []
    for role in Role:
        known = rules.get(role.value)
        wanted = known.rule if known and known.rule is not Rule.NONE else Rule.SECOND
        rows.append(
            (
                role.value,
                known,
                RULE_WORDS[known.rule if known else Rule.NONE],
                bool(known and known.begins_at > now),
                people_without(db.session(), role.value, wanted),
            )
        )
    return render_template("people/factor_rules.html", rows=rows)


@pages.page("/people/factors/<role>", needs=MANAGE, methods=("GET", "POST"))
def factor_rule(role: str) -> Answer:
    if role not in {item.value for item in Role}:
        abort(404)
    known = rules_now(db.session()).get(role)
    form, status, blockers = RuleForm(), 200, ()
    if form.is_submitted():
        status = 400
        if form.validate():
            try:
                factors.set_rule(
                    acting(),
                    role=role,
                    rule=form.rule.data or "",
                    in_days=form.in_days.value,
                    reason=form.reason.text,
                )
            except Invalid as problem:
                form.explain(problem.problems)
            except Refused as problem:
                blockers, status = problem.blockers, 403  # type: ignore[assignment]
            else:
                say("pass", f"The rule for the role {role} is set.")
                return redirect(url_for("people.factor_rules"), 303)
    else:
        form.rule.data = (known.rule if known else Rule.NONE).value
    return render_template(
        "people/factor_rule.html",
        form=form,
        role=ROLE_WORDS[Role(role)],
        blockers=blockers,
        without=people_without(db.session(), role, Rule.SECOND),
    ), status


@pages.page("/people/<person_id>/factors/reset", needs=MANAGE, methods=("GET", "POST"))
def reset_factors(person_id: str) -> Answer:
    known, form = known_person(person_id), ReasonForm()
    act = Act(
        f"End the second factors of {known.member.name}",
        "For a phone or a key that is lost or stolen. All factors end, and every session. Where the role asks for a "
        "factor, make a one-time link afterwards: with it the person sets a new password and a new factor.",
        "End the factors",
        f"{known.member.name} has no second factor any longer.",
        grave=True,
    )
    return do_act(
        form, act, known, lambda by: factors.reset_factors(by, person_id=person_id, reason=form.reason.text)
    )
