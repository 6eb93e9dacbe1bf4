"""Second factors: adding one, ending one, recovery codes, and what each role asks.

A factor is added by its person only, who has just given the password (ASVS 7.5.1) or follows a one-time link, from a
seed or a challenge that the server made. Ending one ends the person's sessions (ASVS 6.5.6, 21 CFR 11.300(c)).
"""

from __future__ import annotations

import hmac
import secrets
from datetime import timedelta

import pyotp
from sqlalchemy import delete, insert, select

from labrecords.actions import ceremonies
from labrecords.actions.accounts import end_sessions
from labrecords.actions.ceremonies import ADD_CODES, ADD_PASSKEY
from labrecords.actions.door import PEOPLE, SYSTEM_ACTOR, Acting, Invalid, Refused, Tx, action
from labrecords.actions.passkeys import NotAPasskey, Site, creation_options, read_new_passkey
from labrecords.actions.second_step import about_seed, rule_of
from labrecords.actions.signing import PROOF_LASTS, Proof
from labrecords.domain.factors import (
    CODES,
    LONGEST_NOTICE,
    PASSKEY,
    RECOVERY,
    RECOVERY_CODES,
    RECOVERY_LENGTH,
    RECOVERY_LETTERS,
    Rule,
    accepted,
    recovery_digest,
    satisfied,
    shown_recovery,
    steps_open,
    typed_code,
)
from labrecords.domain.permissions import Permission, Role
from labrecords.domain.reasons import reason_problem
from labrecords.domain.review.release import Blocker
from labrecords.models.factors import (
    FactorEndRow,
    FactorRow,
    FactorRuleRow,
    FactorState,
    RecoveryCode,
    factors_of,
)
from labrecords.models.people import PersonRow

BEGUN_ELSEWHERE = Blocker(
    "factor", "This took too long, or was finished already.", "Begin again on your account page."
)
OWN_FACTORS = Blocker("factor", "Only the person changes the own factors.", "Sign in yourself.")


def begin_codes(by: Acting) -> tuple[str, str]:
    """Make a seed for one-time codes. Returns the token, and the seed as text.

    The seed is kept sealed until the first code proves that the app has it.
    """
    keys = by.keys
    assert keys is not None, "a page has them"
    seed = pyotp.random_base32()
    sealed = keys.seal(seed.encode(), about_seed(by.actor.person_id))
    token, _ = ceremonies.begin(by.store, ADD_CODES, by.source, person_id=by.actor.person_id, seed=sealed)
    return token, seed


def seed_of(by: Acting, token: str) -> str:
    """The seed of codes that this person began to add, to be shown again; empty when it has ended."""
    assert by.keys is not None, "a page has them"
    with by.store.read() as session:
        begun = ceremonies.find(session, token, ADD_CODES, by.store.clock())
    if begun is None or begun.person_id != by.actor.person_id:
        return ""
    return by.keys.open(begun.key_id, begun.sealed_seed, about_seed(by.actor.person_id)).decode()


def codes_address(seed: str, username: str, issuer: str) -> str:
    """The otpauth address that an authenticator app reads from a QR code."""
    return pyotp.TOTP(seed).provisioning_uri(name=username, issuer_name=issuer)


@action("factor.added", needs=Permission.OWN_ACCOUNT, chains=(PEOPLE,))
def add_codes(tx: Tx, *, token: str, code: str, label: str) -> list[str]:
    """Add one-time codes, once the app has shown that it has the seed: its first code (21 CFR 11.300(e)).

    Returns the recovery codes, where these are the person's first; they are told once.
    """
    assert tx.by.keys is not None, "a page has them"
    begun = _begun(tx, token, ADD_CODES)
    seed = tx.by.keys.open(begun.key_id, begun.sealed_seed, about_seed(tx.actor.person_id)).decode()
    typed, codes = typed_code(code), pyotp.TOTP(seed)
    fits = [step for step in steps_open(tx.now, 0) if hmac.compare_digest(codes.generate_otp(step), typed)]
    if not fits:
        raise Invalid(
            {
                "code": "This is not the code that the app shows now. Check the clock of the device, type the next."
            }
        )
    _finish(tx, begun)
    factor = _factor(tx, CODES, label)
    key_id, sealed = tx.by.keys.seal(seed.encode(), about_seed(str(factor.id)))
    _set_state(tx, str(factor.id), fits[-1], key_id, sealed)
    return _with_recovery(tx)


def begin_passkey(by: Acting, site: Site) -> tuple[str, str]:
    """Begin to add a passkey. Returns the token, and what the browser is asked."""
    token, challenge = ceremonies.begin(by.store, ADD_PASSKEY, by.source, person_id=by.actor.person_id)
    who = by.actor
    with by.store.read() as session:
        known = session.execute(
            select(FactorRow.passkey_id).where(
                FactorRow.person_id == who.person_id, FactorRow.passkey_id.is_not(None)
            )
        ).scalars()
        return token, creation_options(site, who.person_id, who.username, who.name, challenge, list(known))


@action("factor.added", needs=Permission.OWN_ACCOUNT, chains=(PEOPLE,))
def add_passkey(tx: Tx, *, site: Site, token: str, answer: str, label: str) -> list[str]:
    """Add the passkey that the browser made for this challenge. Returns what `add_codes` returns."""
    begun = _begun(tx, token, ADD_PASSKEY)
    try:
        made = read_new_passkey(site, begun.challenge, answer)
    except NotAPasskey as problem:
        tx.detail = {"why": str(problem)}
        raise Refused(
            Blocker("factor", "The passkey was not accepted.", "Begin again on your account page.")
        ) from problem
    if tx.session.execute(select(FactorRow.id).where(FactorRow.passkey_id == made.passkey_id)).first():
        raise Refused(Blocker("factor", "This passkey is registered already.", "Use another device."))
    _finish(tx, begun)
    factor = _factor(tx, PASSKEY, label, passkey_id=made.passkey_id, public_key=made.public_key)
    _set_state(tx, str(factor.id), made.sign_count)
    return _with_recovery(tx)


@action("factor.ended", needs=Permission.OWN_ACCOUNT, chains=(PEOPLE,))
def end_factor(tx: Tx, *, factor_id: str, reason: str, proof: Proof) -> str:
    """End one of the own factors, after proof of the password. Ends all sessions. Returns the factor's id.

    Refused where what is left would not do for the own roles.
    """
    _check_proof(tx, proof)
    known = {item.id: item for item in factors_of(tx.session, tx.actor.person_id)}
    if factor_id not in known or known[factor_id].kind == RECOVERY:
        raise Refused(Blocker("factor", "There is no such factor of yours.", "Open your account page."))
    left = {item.kind for item in known.values() if item.id != factor_id}
    if not satisfied(rule_of(tx.session, tx.actor, tx.now)[0], left):
        raise Refused(
            Blocker(
                "factor",
                "Your role asks for a second factor, and this is your last one that counts.",
                "Add another one first, then end this one.",
            )
        )
    _end(tx, factor_id, reason or "Ended by its person.")
    if not left - {RECOVERY}:
        for item in known.values():
            if item.kind == RECOVERY:
                _end(tx, item.id, "The last factor was ended.")
    tx.detail = {"factor": known[factor_id].kind}
    end_sessions(tx.session, tx.actor.person_id, tx.now)
    return factor_id


@action("recovery_codes.made", needs=Permission.OWN_ACCOUNT, chains=(PEOPLE,))
def make_recovery_codes(tx: Tx, *, proof: Proof) -> list[str]:
    """Make ten new recovery codes, after proof of the password; those before count no longer. They are told once."""
    _check_proof(tx, proof)
    known = factors_of(tx.session, tx.actor.person_id)
    if not any(item.kind != RECOVERY for item in known):
        raise Refused(
            Blocker("factor", "You have no second factor.", "Set one up first; recovery codes come with it.")
        )
    for item in known:
        if item.kind == RECOVERY:
            _end(tx, item.id, "New recovery codes were made.")
    return _recovery(tx)


@action("factor.reset", needs=Permission.MANAGE_PEOPLE, chains=(PEOPLE,))
def reset_factors(tx: Tx, *, person_id: str, reason: str) -> int:
    """End every factor of a person who has lost them, with the reason. Ends all sessions. Returns how many ended.

    The password stays. Where a role asks for a factor, the person needs a one-time link to set up a new one.
    """
    person = tx.session.get(PersonRow, person_id)
    if person is None:
        raise Refused(Blocker("person", "There is no such person.", "Choose somebody from the list."))
    if tx.actor is not SYSTEM_ACTOR and person_id == tx.actor.person_id:
        raise Refused(
            Blocker("oneself", "Nobody resets the own factors.", "End them one by one on your account page.")
        )
    if wrong := reason_problem(reason):
        raise Invalid({"reason": wrong})
    known = factors_of(tx.session, person_id)
    if not known:
        raise Invalid({"reason": f"{person.name} has no second factor."})
    for item in known:
        _end(tx, item.id, reason)
    ceremonies.finish_all(tx.session, person_id)
    end_sessions(tx.session, person_id, tx.now)
    tx.reason, tx.detail = reason, {"person": person.username}
    return len(known)


@action("factor_rule.set", needs=Permission.MANAGE_PEOPLE, chains=(PEOPLE,))
def set_rule(tx: Tx, *, role: str, rule: str, in_days: int, reason: str) -> str:
    """Say what a role asks at sign-in from so many days on. Returns the id of the rule.

    Refused to an administrator who has no working factor that the rule accepts: nobody locks the door from outside.
    """
    problems = {}
    if role not in {item.value for item in Role}:
        problems["role"] = "Choose a role."
    if rule not in {item.value for item in Rule}:
        problems["rule"] = "Choose what is asked."
    if not 0 <= in_days <= LONGEST_NOTICE.days:
        problems["in_days"] = f"A whole number of days from 0 to {LONGEST_NOTICE.days}."
    if wrong := reason_problem(reason):
        problems["reason"] = wrong
    if problems:
        raise Invalid(problems)
    wanted = Rule(rule)
    mine = {item.kind for item in factors_of(tx.session, tx.actor.person_id)}
    if wanted is not Rule.NONE and not accepted(wanted) & (mine - {RECOVERY}):
        what = "passkey" if wanted is Rule.PASSKEY else "second factor"
        raise Refused(
            Blocker(
                "factor",
                f"You have no working {what} yourself.",
                "Set one up on your account page, then switch the rule on.",
            )
        )
    row = FactorRuleRow(
        id=tx.new_id(),
        role=role,
        rule=rule,
        begins_at=tx.now + timedelta(days=in_days),
        reason=reason,
        set_by=tx.actor.person_id or None,
        set_at=tx.now,
    )
    tx.reason, tx.detail = reason, {"role": role, "rule": rule}
    tx.add(row)
    return str(row.id)


def _check_proof(tx: Tx, proof: Proof) -> None:
    if proof.actor.person_id != tx.actor.person_id:
        raise Refused(OWN_FACTORS)
    if tx.now - proof.proved_at > PROOF_LASTS or not proof.credential_id:
        raise Refused(Blocker("factor", "The password was given too long ago.", "Give it again."))


def _begun(tx: Tx, token: str, purpose: str) -> ceremonies.Begun:
    begun = ceremonies.find(tx.session, token, purpose, tx.now)
    if begun is None or begun.person_id != tx.actor.person_id:
        raise Refused(BEGUN_ELSEWHERE)
    return begun


def _finish(tx: Tx, begun: ceremonies.Begun) -> None:
    if not ceremonies.finish(tx.session, begun):
        raise Refused(BEGUN_ELSEWHERE)


def _factor(
    tx: Tx, kind: str, label: str, *, passkey_id: str | None = None, public_key: str | None = None
) -> FactorRow:
    row = FactorRow(
        id=tx.new_id(),
        person_id=tx.actor.person_id,
        kind=kind,
        label=label,
        passkey_id=passkey_id,
        public_key=public_key,
        added_at=tx.now,
    )
    tx.add(row)
    tx.detail = {"factor": kind}
    return row


def _set_state(
    tx: Tx, factor_id: str, counter: int, key_id: str | None = None, sealed: bytes | None = None
) -> None:
    values = {"factor_id": factor_id, "key_id": key_id, "sealed_seed": sealed, "counter": counter}
    tx.session.execute(insert(FactorState.__table__).values(values))


def _end(tx: Tx, factor_id: str, reason: str) -> None:
    """End a factor; what it proves with is deleted."""
    row = FactorEndRow(
        id=tx.new_id(),
        factor_id=factor_id,
        reason=reason,
        ended_by=tx.actor.person_id or None,
        ended_at=tx.now,
    )
    tx.add(row)
    for table in (FactorState.__table__, RecoveryCode.__table__):
        tx.session.execute(delete(table).where(table.c.factor_id == factor_id))


def _with_recovery(tx: Tx) -> list[str]:
    known = factors_of(tx.session, tx.actor.person_id)
    return [] if any(item.kind == RECOVERY for item in known) else _recovery(tx)


def _recovery(tx: Tx) -> list[str]:
    """Ten new recovery codes of the person, as they are printed. A repeat of the form is told none."""
    factor = _factor(tx, RECOVERY, f"{RECOVERY_CODES} codes")
    made = [
        "".join(secrets.choice(RECOVERY_LETTERS) for _ in range(RECOVERY_LENGTH))
        for _ in range(RECOVERY_CODES)
    ]
    table = RecoveryCode.__table__
    for code in made:
        tx.session.execute(
            insert(table).values({"code_sha256": recovery_digest(code), "factor_id": factor.id})
        )
    tx.repeat = list[str]()
    return [shown_recovery(code) for code in made]
