"""Possible misuse: too many failures to show who one is are told at once to those who watch (21 CFR 11.300(d)).

Failures at sign-in and at signatures are counted apart, within the hour. Of one account, or one place, there is one
alert until somebody has looked into it.
"""

from __future__ import annotations

from sqlalchemy import ColumnElement, func, select

from labrecords.actions.door import (
    PEOPLE,
    SYSTEM_ACTOR,
    Acting,
    Invalid,
    Refused,
    Tx,
    action,
)
from labrecords.actions.throttle import FORGOTTEN_AFTER, kept_form, second_step_of
from labrecords.domain.permissions import Permission
from labrecords.domain.reasons import reason_problem
from labrecords.domain.review.release import Blocker
from labrecords.models.misuse import MisuseRow, MisuseSeenRow, open_alerts
from labrecords.models.people import SignInFailure
from labrecords.models.store import Store

ALERT_AFTER, ALERT_AFTER_OF_PLACE = 5, 25
"""Failures within the hour after which there is an alert: of an account, and from a place whatever the names."""


def watch(store: Store, account: str, *, known: bool, asked_for: str, source: str) -> None:
    """After one more failure: raise an alert where there were too many and none is open."""
    failure = SignInFailure
    counts: list[tuple[str, int, ColumnElement[bool]]] = [
        ("", ALERT_AFTER_OF_PLACE, failure.source == source)
    ]
    if known:
        names = (kept_form(account), kept_form(second_step_of(account)))
        counts.append((account, ALERT_AFTER, failure.account.in_(names)))
    with store.read() as session:
        alerts = {(item.about, item.asked_for) for item in open_alerts(session)}
        due = []
        for about, most, of in counts:
            query = select(func.count()).where(
                of, failure.asked_for == asked_for, failure.at > store.clock() - FORGOTTEN_AFTER
            )
            failures = session.execute(query).scalar_one()
            if failures >= most and (about, asked_for) not in alerts:
                due.append((about, failures))
    for about, failures in due:
        by = Acting(store, SYSTEM_ACTOR, source=source)
        notice_misuse(by, about=about, asked_for=asked_for, source=source, failures=failures)


@action("misuse.noticed", needs=None, chains=(PEOPLE,))
def notice_misuse(tx: Tx, *, about: str, asked_for: str, source: str, failures: int) -> str:
    """Raise an alert. Returns its id."""
    row = MisuseRow(
        id=tx.new_id(),
        about=about,
        asked_for=asked_for,
        source=source,
        failures=failures,
        noticed_at=tx.now,
    )
    tx.add(row)
    return str(row.id)


@action("misuse.seen", needs=Permission.WATCH_MISUSE, chains=(PEOPLE,))
def see_misuse(tx: Tx, *, misuse_id: str, comment: str) -> str:
    """Say what an alert was about; it is no longer shown. Returns the id. Refused for one that is closed."""
    if wrong := reason_problem(comment):
        raise Invalid({"reason": wrong})
    if misuse_id not in {item.id for item in open_alerts(tx.session)}:
        raise Refused(Blocker("misuse", "This alert is closed already.", "Nothing needs to be done."))
    row = MisuseSeenRow(
        id=tx.new_id(), misuse_id=misuse_id, comment=comment, seen_by=tx.actor.person_id, seen_at=tx.now
    )
    tx.reason = comment
    tx.add(row)
    return str(row.id)
