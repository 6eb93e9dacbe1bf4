"""The cast: one person for each role (the second operator also owns the processes), with random passwords."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from datetime import date

from labrecords.actions.access import note_identity
from labrecords.actions.accounts import accept_agreement, accept_invitation, prove_identity
from labrecords.actions.door import SYSTEM_ACTOR, Acting, Actor
from labrecords.actions.identity_keys import IdentityKeys
from labrecords.actions.people import add_person
from labrecords.actions.signing import Proof
from labrecords.domain.permissions import Role
from labrecords.models.store import Store

HIRED = date(2020, 1, 7)
"""When somebody looked at the papers of the cast."""
PEOPLE = (
    ("tess", "Tess Arden", (Role.TECHNICIAN,)),
    ("vic", "Vic Okafor", (Role.SECOND_OPERATOR, Role.PROCESS_OWNER)),
    ("paula", "Paula Reyes", (Role.PHYSICIAN,)),
    ("quentin", "Quentin Marsh", (Role.QA,)),
    ("ada", "Ada Lindqvist", (Role.AUDITOR,)),
    ("ivan", "Ivan Kowalczyk", (Role.ADMINISTRATOR,)),
)


@dataclass(frozen=True)
class Member:
    username: str
    name: str
    roles: tuple[Role, ...]
    password: str
    actor: Actor


class Cast:
    """People who exist in an installation, and who can act and sign there.

    Without the keys of patients' identities they can register nobody, and compare codes alone.
    """

    def __init__(self, store: Store, keys: IdentityKeys | None = None) -> None:
        self.store, self.keys = store, keys
        self.members = {username: self._join(username, name, roles) for username, name, roles in PEOPLE}

    def _join(self, username: str, name: str, roles: tuple[Role, ...]) -> Member:
        system = Acting(self.store, SYSTEM_ACTOR)
        invited = add_person(system, username=username, name=name, roles=tuple(role.value for role in roles))
        password = secrets.token_urlsafe(18)
        accept_invitation(Acting(self.store, SYSTEM_ACTOR), secret=invited["secret"], password=password)
        note_identity(
            Acting(self.store, SYSTEM_ACTOR),
            person_id=invited["person_id"],
            checked_by="Ivan Kowalczyk",
            how="passport",
            checked_on=HIRED,
        )
        proof = prove_identity(self.store, username, password, "demonstration", "sign-in")
        accept_agreement(Acting(self.store, proof.actor), proof=proof)
        return Member(username, name, roles, password, proof.actor)

    def proof(self, username: str) -> Proof:
        """A fresh proof of identity."""
        return prove_identity(
            self.store, username, self.members[username].password, "demonstration", "signature"
        )

    def by(self, username: str) -> Acting:
        """An act of this person."""
        return Acting(self.store, self.members[username].actor, source="demonstration", keys=self.keys)

    def id(self, username: str) -> str:
        """Id of this person."""
        return self.members[username].actor.person_id
