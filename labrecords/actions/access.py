"""Who somebody is, and who has access: checks of identity, and the periodic review by quality assurance."""

from __future__ import annotations

from datetime import date
from zoneinfo import ZoneInfo

from labrecords.actions.door import PEOPLE, SYSTEM_ACTOR, Invalid, Refused, Stale, Tx, action
from labrecords.actions.signing import Proof, sign_over
from labrecords.domain.access_review import listed, shown_as
from labrecords.domain.evidence.signatures import ACCESS_REVIEWED
from labrecords.domain.permissions import Permission
from labrecords.domain.proofing import proofing_problems
from labrecords.domain.reasons import reason_problem
from labrecords.domain.review.release import Blocker
from labrecords.domain.values import times
from labrecords.models.access import AccessReviewRow, IdentityProofRow, accounts_now
from labrecords.models.batch_record import head_of, laboratory
from labrecords.models.people import PersonRow


@action("identity.checked", needs=Permission.MANAGE_PEOPLE, chains=(PEOPLE,))
def note_identity(tx: Tx, *, person_id: str, checked_by: str, how: str, checked_on: date) -> str:
    """Record who checked somebody's identity, how and when: before that they sign nothing (21 CFR 11.100(b)).

    Nobody records it of themselves. Returns the id of the row.
    """
    person = tx.session.get(PersonRow, person_id)
    if person is None:
        raise Refused(Blocker("person", "There is no such person.", "Choose somebody from the list."))
    if tx.actor is not SYSTEM_ACTOR and person_id == tx.actor.person_id:
        raise Refused(Blocker("oneself", "Nobody vouches for themselves.", "Another administrator does."))
    today = times.local(tx.now, ZoneInfo(laboratory(tx.session).zone)).date()
    if problems := proofing_problems(checked_by, how, checked_on, today):
        raise Invalid(problems)
    row = IdentityProofRow(
        id=tx.new_id(),
        person_id=person_id,
        checked_by=checked_by.strip(),
        how=how,
        checked_on=checked_on,
        noted_by=tx.actor.person_id or None,
        noted_at=tx.now,
    )
    tx.detail = {"person": person.username, "how": how}
    tx.add(row)
    return str(row.id)


@action("access.reviewed", needs=Permission.REVIEW_ACCESS, chains=(PEOPLE,))
def review_access(tx: Tx, *, seen: str, comment: str, proof: Proof) -> str:
    """Sign that every account that may sign in was looked at, with what follows (21 CFR 11.300(b)). Returns its id.

    Stale where an account, a role or an idle account is another than was shown.
    """
    if wrong := reason_problem(comment):
        raise Invalid({"reason": wrong})
    accounts = accounts_now(tx.session, tx.now)
    if shown_as(accounts, tx.now) != seen:
        raise Stale(-1, len(accounts))
    lines, zone = listed(accounts, tx.now), laboratory(tx.session).zone
    signature = sign_over(tx, proof, head_of(tx.session, PEOPLE), zone, "", ACCESS_REVIEWED)
    row = AccessReviewRow(
        id=tx.new_id(),
        accounts=len(lines),
        idle=sum(1 for line in lines if line[2]),
        listed=lines,
        comment=comment,
        person_id=tx.actor.person_id,
        signature_id=signature.id,
        reviewed_at=tx.now,
    )
    tx.reason = comment
    tx.add(row)
    return str(row.id)
