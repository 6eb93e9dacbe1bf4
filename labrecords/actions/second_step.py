"""The second step of signing in: after the password a one-time code, a recovery code or a passkey; or a passkey alone.

Nothing is signed in before the last step. Failures are throttled under a name of their own, so that a right password
does not forgive wrong codes (OWASP ASVS 6.3.1, 6.5.1).
"""

from __future__ import annotations

import hmac
from dataclasses import dataclass
from datetime import datetime

import pyotp
from sqlalchemy import select, update
from sqlalchemy.orm import Session

from labrecords.actions import ceremonies, misuse, throttle
from labrecords.actions.accounts import NotProved, TooManyTries, credential_of, fresh_token, is_deactivated
from labrecords.actions.ceremonies import ALONE, BY_LINK, SECOND_STEP, Begun
from labrecords.actions.door import SYSTEM_ACTOR, Acting, Actor, note_access, transaction
from labrecords.actions.identity_keys import IdentityKeys, IdentityUnreadable
from labrecords.actions.passkeys import NotAPasskey, Site, id_in, request_options, signed_count
from labrecords.actions.rights import roles_of
from labrecords.actions.signing import Proof
from labrecords.domain.factors import (
    CODES,
    PASSKEY,
    RECOVERY,
    Rule,
    accepted,
    recovery_digest,
    rule_for,
    satisfied,
    steps_open,
    typed_code,
)
from labrecords.models.factors import (
    FactorEndRow,
    FactorRow,
    FactorState,
    RecoveryCode,
    kinds_of,
    rules_now,
)
from labrecords.models.people import PersonRow
from labrecords.models.store import Store

WRONG_CODE = "This code is not right, or was used already. Wait for the next one and type that."
NOT_ACCEPTED = "The passkey was not accepted. Try again, or take another way."
ENDED = "This sign-in took too long or was finished already. Begin again with your password."


@dataclass(frozen=True)
class Asked:
    """What a person has to do after the password."""

    kinds: frozenset[str]
    """The kinds of factor that finish the sign-in; empty where none is asked, or none of the person's would do."""
    locked_out: bool
    """The role asks a factor that the person does not have: only a link of the administrator leads on."""


def rule_of(session: Session, actor: Actor, now: datetime) -> tuple[Rule, datetime | None]:
    """What the roles of somebody ask now, and when more is asked, if it will be."""
    rules = {role: (item.rule, item.begins_at) for role, item in rules_now(session).items()}
    return rule_for((role.value for role in actor.roles), rules, now)


def asked_of(session: Session, actor: Actor, now: datetime) -> Asked:
    """What is asked of somebody whose password was right: the factors they have, or what their roles demand."""
    rule, _ = rule_of(session, actor, now)
    kinds = kinds_of(session, actor.person_id)
    if not satisfied(rule, kinds):
        return Asked(frozenset(), True)
    # Whoever has a factor is asked for it, whatever the role asks. Codes for recovery alone are none.
    return Asked(kinds & accepted(rule) if kinds - {RECOVERY} else frozenset(), False)


def begin_second_step(store: Store, proof: Proof, source: str) -> str | None:
    """Begin the second step for somebody whose password was right; None where none is asked. Returns its token.

    Raises NotProved where the role asks a factor that the person does not have.
    """
    with store.read() as session:
        asked = asked_of(session, proof.actor, store.clock())
    if asked.locked_out:
        note_access(Acting(store, proof.actor, source=source), "sign-in refused", reason="no second factor")
        raise NotProved(
            "Your role asks for a second factor, and you have none that counts. Ask an administrator for a one-time "
            "link: with it you set one up."
        )
    if not asked.kinds:
        return None
    return ceremonies.begin(
        store, SECOND_STEP, source, person_id=proof.actor.person_id, credential_id=proof.credential_id
    )[0]


def begin_by_link(store: Store, username: str, source: str) -> str | None:
    """After a password was set by a link: the token by which a factor that the role asks is set up; None if none is.

    Only the link leads here, never the password alone: who has guessed or stolen that cannot add a factor of their own.
    """
    with store.read() as session:
        person = session.execute(select(PersonRow).where(PersonRow.username == username)).scalar_one()
        actor = _actor(session, person, store.clock())
        if not asked_of(session, actor, store.clock()).locked_out:
            return None
        credential = credential_of(session, person.id)
        assert credential is not None, "it was just set"
    return ceremonies.begin(store, BY_LINK, source, person_id=person.id, credential_id=str(credential.id))[0]


def whose(store: Store, token: str, purpose: str) -> tuple[Begun, Actor] | None:
    """The ceremony of this purpose, and its person; None where it cannot be finished any longer.

    It ends with the password that it was begun with, and with the account.
    """
    with store.read() as session:
        begun = ceremonies.find(session, token, purpose, store.clock())
        if begun is None:
            return None
        person = session.get(PersonRow, begun.person_id)
        credential = credential_of(session, begun.person_id)
        if person is None or is_deactivated(session, person.id):
            return None
        if credential is None or credential.id != begun.credential_id:
            return None
        return begun, _actor(session, person, store.clock())


def kinds_asked(store: Store, actor: Actor) -> frozenset[str]:
    """The kinds of factor by which this person can finish the sign-in."""
    with store.read() as session:
        return asked_of(session, actor, store.clock()).kinds


def passkey_options(store: Store, site: Site, begun: Begun) -> str:
    """What the browser of a sign-in under way is asked: a signature by one of the person's passkeys."""
    with store.read() as session:
        return request_options(site, begun.challenge, _passkeys(session, begun.person_id), alone=False)


def finish_with_code(store: Store, keys: IdentityKeys, token: str, typed: str, source: str) -> Proof:
    """Finish a sign-in by a one-time code or a recovery code. Raises NotProved or TooManyTries.

    A code counts once, within 30 s and one step of skew by the server's clock; a recovery code counts once.
    """
    begun, actor = _under_way(store, token)
    _wait(store, actor, source)
    kinds = kinds_asked(store, actor)
    code, recovery = typed_code(typed), recovery_digest(typed)
    if code and CODES in kinds and _use_code(store, keys, actor, code):
        used = CODES
    elif recovery and RECOVERY in kinds and _use_recovery(store, actor, recovery):
        used = RECOVERY
    else:
        raise _failed(store, actor, source, "wrong or used code", WRONG_CODE)
    return _finished(store, begun, actor, source, used)


def finish_with_passkey(store: Store, site: Site, token: str, answer: str, source: str) -> Proof:
    """Finish a sign-in by a passkey. Raises NotProved or TooManyTries."""
    begun, actor = _under_way(store, token)
    _wait(store, actor, source)
    if PASSKEY not in kinds_asked(store, actor):
        raise _failed(store, actor, source, "no passkey is accepted", NOT_ACCEPTED)
    try:
        _use_passkey(store, site, begun, answer, alone=False, person_id=actor.person_id)
    except NotAPasskey as problem:
        raise _failed(store, actor, source, str(problem), NOT_ACCEPTED) from problem
    return _finished(store, begun, actor, source, PASSKEY)


def end_by_link(store: Store, token: str) -> bool:
    """End the set-up by a link, once the factor is there. False where it had ended before."""
    found = whose(store, token, BY_LINK)
    if found is None:
        return False
    with transaction(store) as session:
        return ceremonies.finish(session, found[0])


def begin_alone(store: Store, site: Site, source: str) -> tuple[str, str]:
    """Begin a sign-in by a passkey without a password. Returns the token, and what the browser is asked."""
    token, challenge = ceremonies.begin(store, ALONE, source)
    return token, request_options(site, challenge, [], alone=True)


def finish_alone(store: Store, site: Site, token: str, answer: str, source: str) -> Proof:
    """Sign in by a passkey that checked its user, without a password. Raises NotProved or TooManyTries.

    The proof has no password behind it, and so signs nothing.
    """
    nobody = Actor("", "unknown", "")
    with store.read() as session:
        begun = ceremonies.find(session, token, ALONE, store.clock())
    _wait(store, nobody, source)
    if begun is None:
        raise NotProved(ENDED)
    try:
        person_id = _use_passkey(store, site, begun, answer, alone=True)
    except NotAPasskey as problem:
        raise _failed(store, nobody, source, str(problem), NOT_ACCEPTED) from problem
    with store.read() as session:
        person = session.get_one(PersonRow, person_id)
        actor = _actor(session, person, store.clock())
        if is_deactivated(session, person_id):
            raise _failed(store, actor, source, "deactivated", NOT_ACCEPTED)
    return _finished(store, begun, actor, source, f"{PASSKEY} alone")


def _under_way(store: Store, token: str) -> tuple[Begun, Actor]:
    found = whose(store, token, SECOND_STEP)
    if found is None:
        raise NotProved(ENDED)
    return found


def _finished(store: Store, begun: Begun, actor: Actor, source: str, used: str) -> Proof:
    with transaction(store) as session:
        ours = ceremonies.finish(session, begun)
    if not ours:
        raise NotProved(ENDED)
    throttle.forget_failures(store, _account(actor), source)
    note_access(Acting(store, actor, source=source), "second step passed", factor=used)
    return Proof(actor, begun.credential_id, store.clock())


def _use_code(store: Store, keys: IdentityKeys, actor: Actor, code: str) -> bool:
    """Whether this is a code of one of the person's seeds that counts now; then it never counts again."""
    now, state = store.clock(), FactorState.__table__
    with store.read() as session:
        rows = session.execute(
            select(state).where(state.c.factor_id.in_(_live(actor.person_id, CODES)))
        ).all()
    for row in rows:
        try:
            seed = keys.open(row.key_id, row.sealed_seed, about_seed(row.factor_id)).decode()
        except IdentityUnreadable:
            continue
        codes = pyotp.TOTP(seed)
        for step in steps_open(now, row.counter):
            if not hmac.compare_digest(codes.generate_otp(step), code):
                continue
            with transaction(store) as session:
                done = session.execute(
                    update(state)
                    .where(state.c.factor_id == row.factor_id, state.c.counter < step)
                    .values(counter=step, used_at=now)
                )
            return bool(done.rowcount)  # type: ignore[attr-defined]
    return False


def _use_recovery(store: Store, actor: Actor, digest: str) -> bool:
    """Whether this is an unused recovery code of the person; then it is used."""
    table = RecoveryCode.__table__
    with transaction(store) as session:
        done = session.execute(
            update(table)
            .where(
                table.c.code_sha256 == digest,
                table.c.used_at.is_(None),
                table.c.factor_id.in_(_live(actor.person_id, RECOVERY)),
            )
            .values(used_at=store.clock())
        )
    return bool(done.rowcount)  # type: ignore[attr-defined]


def _use_passkey(
    store: Store, site: Site, begun: Begun, answer: str, *, alone: bool, person_id: str = ""
) -> str:
    """The id of the person whose passkey signed the challenge, which is spent. Raises NotAPasskey."""
    if not ceremonies.spend_challenge(store, begun):
        raise NotAPasskey("the challenge was answered already")
    factor, state, ended = FactorRow.__table__, FactorState.__table__, FactorEndRow.__table__
    with store.read() as session:
        row = session.execute(
            select(factor.c.id, factor.c.person_id, factor.c.public_key, state.c.counter)
            .join(state, state.c.factor_id == factor.c.id)
            .outerjoin(ended, ended.c.factor_id == factor.c.id)
            .where(factor.c.passkey_id == id_in(answer), ended.c.id.is_(None))
        ).first()
    if row is None or (person_id and row.person_id != person_id):
        raise NotAPasskey("an unknown passkey")
    count = signed_count(site, begun.challenge, answer, row.public_key, row.counter, alone=alone)
    with transaction(store) as session:
        done = session.execute(
            update(state)
            .where(state.c.factor_id == row.id, state.c.counter == row.counter)
            .values(counter=count, used_at=store.clock())
        )
    if not done.rowcount:  # type: ignore[attr-defined]
        raise NotAPasskey("it was used elsewhere at the same time")
    return str(row.person_id)


def about_seed(factor_id: str) -> str:
    """What a sealed seed is bound to: moved to another factor it does not open."""
    return f"one-time codes {factor_id}"


def _live(person_id: str, kind: str) -> list[str] | object:
    """The ids of a person's factors of a kind that count, as a part of a query."""
    factor, ended = FactorRow.__table__, FactorEndRow.__table__
    return (
        select(factor.c.id)
        .outerjoin(ended, ended.c.factor_id == factor.c.id)
        .where(factor.c.person_id == person_id, factor.c.kind == kind, ended.c.id.is_(None))
    )


def _passkeys(session: Session, person_id: str) -> list[str]:
    factor = FactorRow.__table__
    ids = session.execute(
        select(factor.c.passkey_id).where(factor.c.id.in_(_live(person_id, PASSKEY)))
    ).scalars()
    return [str(item) for item in ids]


def _actor(session: Session, person: PersonRow, now: datetime) -> Actor:
    return Actor(person.id, person.username, person.name, roles_of(session, person.id, now))


def _account(actor: Actor) -> str:
    """Under which name failures count. Where nobody is known each has its own: a challenge cannot be guessed, and one
    browser must not shut out the passkeys of all others behind the same address."""
    return throttle.second_step_of(actor.username if actor.person_id else fresh_token())


def _wait(store: Store, actor: Actor, source: str) -> None:
    with store.read() as session:
        person = session.get(PersonRow, actor.person_id)
        wait = throttle.wait_s(session, person, _account(actor), source, store.clock())
    if wait > 0:
        _note(store, actor, source, "too many tries")
        raise TooManyTries(f"Too many tries. Wait {wait} s, then try again.")


def _failed(store: Store, actor: Actor, source: str, why: str, sentence: str) -> NotProved:
    throttle.count_failure(store, _account(actor), source)
    _note(store, actor, source, why)
    misuse.watch(store, actor.username, known=bool(actor.person_id), asked_for="sign-in", source=source)
    return NotProved(sentence)


def _note(store: Store, actor: Actor, source: str, why: str) -> None:
    by = Acting(store, SYSTEM_ACTOR, source=source)
    note_access(by, "second step refused", reason=why, account=actor.username)
