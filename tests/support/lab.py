"""A laboratory for a test: a real migrated installation with its cast, a clock that the test sets, and the story.

The fixtures `lab` and `lab_on_both` (tests/support/installations.py) give one to each test. After the test its chains
must verify and its overview must be what the records give; a test that tampers says so with `lab.tampered = True`.
"""

from __future__ import annotations

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any, Protocol

import pytest
from flask import Flask
from sqlalchemy import select

from labrecords.actions import (
    accounts,
    batches,
    issuing,
    laboratory,
    masters,
    projections,
    release,
    steps,
    verification,
)
from labrecords.actions.access import note_identity
from labrecords.actions.attaching import attach_file, file_of
from labrecords.actions.confirming import confirm_step, reenter_step
from labrecords.actions.door import SYSTEM_ACTOR, Acting, Actor, BatchRef, Refused, StepRef
from labrecords.actions.readings import Reading
from labrecords.actions.rights import roles_of
from labrecords.actions.signing import Proof
from labrecords.domain.entries import VERIFIED
from labrecords.domain.facts import Fact, facts_of
from labrecords.domain.kinds import KINDS
from labrecords.domain.processes.masters import FILE, MasterVersion
from labrecords.domain.record import BatchRecord
from labrecords.domain.review.reentry import asked_again, kept_back
from labrecords.installation import Installation
from labrecords.models.batch_record import equipment_now, find_batch, load_record
from labrecords.models.masters import effective_masters, versions
from labrecords.models.people import PersonRow
from labrecords.models.store import Store
from labrecords.models.trail import TrailHead
from tests.support import story
from tests.support.pages import PageClient

BEGIN = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
"""A Monday, eight o'clock in Warsaw."""
RELEASED, CLOSED = "released", "closed"
"""Stations of the story after its steps, for `play(until=...)`."""
STATIONS = [*story.PARTS]
STATIONS.insert(STATIONS.index(story.LAST_STEP_BEFORE_RELEASE) + 1, RELEASED)
STATIONS.append(CLOSED)
_LOOK = 'Measure volume and temperature."\nsecond_person = '
BLIND_RECEIPT = (f'{_LOOK}"verify"', f'{_LOOK}"blind"')
"""The shipped process, where the values of the receipt are entered twice."""
NOT_APPLICABLE = "not applicable"
ALIKE = "The story labels every batch alike."
SHIPPED_KEY = "bone-marrow-concentrate"
"""The master record that the story follows."""


BORN = "1968-04-30"
"""The day of birth of every patient whom the tests register and treat."""


class Clock:
    """The server's clock of a test. It stands still but for a microsecond each time it is read."""

    def __init__(self, now: datetime = BEGIN) -> None:
        self.now = now

    def __call__(self) -> datetime:
        self.now += timedelta(microseconds=1)
        return self.now

    def tick(self, minutes: float = 1) -> None:
        """Let time pass."""
        self.now += timedelta(minutes=minutes)

    def set(self, now: datetime) -> None:
        self.now = now


@dataclass
class Member:
    """One of the cast."""

    id: str
    username: str
    password: str


@dataclass(frozen=True)
class Kept:
    """A state of an installation that can be put back: at which instant, and which batch was played in it."""

    now: datetime
    number: str


class Bench(Protocol):
    """The one installation of a run that every test finds as it was made (tests/support/installations.py)."""

    installation: Installation
    clock: Clock
    cast: dict[str, Member]
    kept: dict[str, Kept]

    @property
    def app(self) -> Flask: ...
    def disconnect(self) -> None: ...
    def keep(self, name: str, number: str = "") -> None: ...
    def put_back(self, name: str) -> str: ...


@dataclass
class Lab:
    bench: Bench
    heads: Mapping[str, int] = field(default_factory=dict)
    """Where the chains stood when the test began."""
    tampered: bool = False
    """A test that changes the database past the system sets this; otherwise everything must verify afterwards."""

    @property
    def installation(self) -> Installation:
        return self.bench.installation

    @property
    def folder(self) -> Path:
        return self.installation.settings.data_dir

    @property
    def clock(self) -> Clock:
        return self.bench.clock

    @property
    def cast(self) -> dict[str, Member]:
        return self.bench.cast

    @property
    def store(self) -> Store:
        return self.installation.store

    def id(self, username: str) -> str:
        """The id of one of the cast."""
        return self.cast[username].id

    def actor(self, username: str) -> Actor:
        with self.store.read() as session:
            person = session.execute(select(PersonRow).where(PersonRow.username == username)).scalar_one()
            return Actor(person.id, person.username, person.name, roles_of(session, person.id, self.clock()))

    def by(self, username: str, key: str | None = None) -> Acting:
        """An act of this person, with the key of a form where a repeat matters."""
        return Acting(
            self.store,
            self.actor(username),
            key or secrets.token_hex(16),
            "test",
            self.installation.identity_keys,
        )

    def identified(self, person_id: str) -> None:
        """Somebody compared this person with a document: before that they sign nothing."""
        note_identity(
            self.system,
            person_id=person_id,
            checked_by="Ivan Ilić",
            how="passport",
            checked_on=date(2026, 9, 1),
        )

    @property
    def system(self) -> Acting:
        return Acting(self.store, SYSTEM_ACTOR)

    def proof(self, username: str) -> Proof:
        """A fresh proof of identity, by the person's real password."""
        return accounts.prove_identity(
            self.store, username, self.cast[username].password, "test", "signature"
        )

    @property
    def app(self) -> Flask:
        """The web application, shared by the tests of a run: leave its settings alone."""
        return self.bench.app

    def client(self, username: str | None = None) -> PageClient:
        """A browser's stand-in, signed in as this person; without a name nobody is."""
        client = self.app.test_client()
        assert isinstance(client, PageClient)
        if username:
            token = accounts.sign_in(self.store, self.proof(username), "127.0.0.1")
            client.set_cookie("labrecords", token)
        return client

    # ---- the story ---------------------------------------------------------------------------------------------

    def open_batch(
        self, by: str = "tess", patient: str = story.PATIENT, identity_code: str = "", process: str = ""
    ) -> str:
        """Open a batch with the process of this digest, or the shipped one. Returns its number."""
        if not process:
            process = self.master().digest
        return batches.open_batch(
            self.by(by), process_digest=process, patient_code=patient, identity_code=identity_code
        )

    def adopt(self, *changes: tuple[str, str], key: str = "") -> str:
        """Save the shipped process with some of its text replaced, under another key, and make it effective.

        Returns its digest.
        """
        with self.store.read() as session:
            own = f"variant-{len(versions(session))}"
        text = next(item for item in laboratory.shipped_processes() if f'key = "{SHIPPED_KEY}"' in item)
        for old, new in ((f'key = "{SHIPPED_KEY}"', f'key = "{key or own}"'), *changes):
            assert old in text, old
            text = text.replace(old, new, 1)
        digest = masters.save_draft(self.by("vic"), text=text, origin=FILE)
        self.make_effective(digest)
        return digest

    def make_effective(self, digest: str) -> None:
        """Let the two sign a draft, effective today."""
        masters.prepare_master(self.by("vic"), digest=digest, proof=self.proof("vic"))
        masters.approve_master(
            self.by("quentin"), digest=digest, effective_from=self.today(), proof=self.proof("quentin")
        )

    def today(self) -> date:
        """The day on the laboratory's calendar."""
        return self.clock().astimezone(self.installation.zone).date()

    def master(self, key: str = SHIPPED_KEY) -> MasterVersion:
        """The effective version of this key."""
        return next(item for item in self.masters() if item.key == key)

    def masters(self) -> tuple[MasterVersion, ...]:
        """The master records that a batch can be opened with today."""
        with self.store.read() as session:
            return effective_masters(session, self.today())

    def record(self, number: str) -> BatchRecord:
        """The record as it is committed now."""
        with self.store.read() as session:
            batch = find_batch(session, number)
            assert batch is not None, f"there is no batch {number}"
            return load_record(session, batch)

    def batch(self, number: str) -> BatchRef:
        """The whole batch as a form rendered just now names it."""
        record = self.record(number)
        return BatchRef(record.batch.id, record.head.seq)

    def step(self, number: str, key: str) -> StepRef:
        """A step as a form rendered just now names it."""
        return _step(self.record(number), key)

    def reading(self, number: str, key: str, **changes: Any) -> Reading:
        """What the story states about a step. `changes` replaces facts or fields of the reading."""
        return self._reading(self.record(number), key, **changes)

    def _reading(
        self, record: BatchRecord, key: str, *, performed_by: str | None = None, **changes: Any
    ) -> Reading:
        now = self.clock()
        with self.store.read() as session:
            pieces = {item.code: item.id for item in equipment_now(session)}
        facts = story.facts_of_step(
            key,
            now=now,
            patient=record.batch.patient_code,
            identity=record.batch.identity_code,
            people={member.username: member.id for member in self.cast.values()},
            equipment=pieces,
        )
        kind = KINDS[record.process.step(key).kind]
        known = {fact.name for fact in facts_of(kind)}
        if record.orders and "second_identifier" in known:
            facts["second_identifier"] = BORN
        # The containers of every batch have the codes of the story.
        changes.setdefault("confirmed", {fact.name: ALIKE for fact in facts_of(kind) if puts_codes(fact)})
        circumstances = {name: changes.pop(name) for name in list(changes) if name not in known}
        facts |= changes
        return replace(
            Reading(
                kind=kind,
                facts=facts,
                performed_by=self.id(performed_by or story.part_of(key).performed_by),
                performed_at=now,
                as_entered=story.as_typed(facts),
                blank_reason=NOT_APPLICABLE,
            ),
            **circumstances,
        )

    def record_step(self, number: str, key: str, *, by: str | None = None, **changes: Any) -> str:
        """Record a step as the story has it, with changes. Returns the entry's id."""
        record = self.record(number)
        return steps.record_step(
            self.by(by or story.part_of(key).recorded_by),
            step=_step(record, key),
            reading=self._reading(record, key, **changes),
        )

    def correct_step(
        self, number: str, key: str, reason: str = "Read again from the raw data sheet.", *, by: str | None = None,
        **changes: Any,
    ) -> str:  # fmt: skip
        """Correct a step. Returns the new entry's id."""
        record = self.record(number)
        old = record.current(key)
        assert old is not None
        stated = {fact.name: getattr(old, fact.name) for fact in facts_of(type(old))}
        reading = replace(self._reading(record, key, **stated | changes), performed_at=old.performed_at)
        return steps.correct_step(
            self.by(by or story.part_of(key).recorded_by),
            step=_step(record, key),
            replaces=old.id,
            reading=reading,
            reason=reason,
        )

    def repeat_step(
        self, number: str, key: str, cause: str = "clumped cells", reason: str = "Mixed again and counted anew.", *,
        by: str | None = None, **changes: Any,
    ) -> str:  # fmt: skip
        """Do a measurement again, as the story has it with changes. Returns the new entry's id."""
        record = self.record(number)
        old = record.current(key)
        assert old is not None
        return steps.repeat_step(
            self.by(by or story.part_of(key).recorded_by),
            step=_step(record, key),
            replaces=old.id,
            reading=self._reading(record, key, **changes),
            cause=cause,
            reason=reason,
        )

    def leave_out(self, number: str, key: str, reason: str = "", *, by: str | None = None) -> str:
        """Note that a step was not done."""
        record = self.record(number)
        return steps.note_not_done(
            self.by(by or story.part_of(key).recorded_by),
            step=_step(record, key),
            reading=self._reading(record, key),
            reason=reason or story.NOT_DONE[key],
        )

    def confirm(self, number: str, key: str, by: str, act: str = VERIFIED) -> str:
        """Confirm the version of a step that counts. Returns the confirmation's id."""
        record, proof = self.record(number), self.proof(by)
        entry = record.current(key)
        assert entry is not None
        acting = Acting(self.store, proof.actor, source="test", keys=self.installation.identity_keys)
        return confirm_step(acting, step=_step(record, key), entry_id=entry.id, act=act, proof=proof)

    def reenter(self, number: str, key: str, by: str = "vic", *, why: str = "", **changes: Any) -> bool:
        """Enter the values of a step again, those that stand there or others. Returns whether both agree."""
        record, proof = self.record(number), self.proof(by)
        entry = record.current(key)
        assert entry is not None
        asked = asked_again(entry, record.process.step(key))
        values = {item.name: item.first for item in asked} | changes
        return reenter_step(
            Acting(self.store, proof.actor, source="test", keys=self.installation.identity_keys),
            step=_step(record, key),
            entry_id=entry.id,
            values=values,
            typed={name: str(value) for name, value in values.items()},
            reason=why,
            proof=proof,
        )

    def attach(
        self,
        number: str,
        key: str,
        name: str,
        data: bytes,
        *,
        by: str = "tess",
        title: str = "",
        role: str | None = None,
    ) -> str:
        """Attach a file to a step. Returns the attachment's id."""
        return attach_file(
            self.by(by),
            batch=BatchRef(self.record(number).batch.id),
            step_key=key,
            title=title or f"What {name} shows",
            file=file_of(name, data),
            role=role,
        )

    def confirm_all(self, number: str, key: str) -> None:
        """Give every confirmation that the step still lacks, each by the person it is wanted of."""
        names = {member.id: member.username for member in self.cast.values()}
        record = self.record(number)
        entry = record.current(key)
        for wanted in record.outstanding(entry) if entry else ():
            name = names[wanted.person_id] if wanted.person_id else story.part_of(key).verified_by
            if wanted.act == VERIFIED and entry and kept_back(record, entry):
                self.reenter(number, key, name)
            else:
                self.confirm(number, key, name, wanted.act)

    def decide(
        self, number: str, decision: str = RELEASED, reason: str = "", by: str = "quentin"
    ) -> issuing.Sealed:
        """Let QA decide, and seal the document of it."""
        batch = self.batch(number)
        issue = release.decide(
            self.by(by), batch=batch, decision=decision, reason=reason, proof=self.proof(by)
        )
        return issuing.seal_document(self.installation.sealing, batch.batch_id, issue)

    def close_administration(self, number: str, by: str = "paula") -> issuing.Sealed:
        """Let the physician close the administration, and seal the final document."""
        batch = self.batch(number)
        issue = release.close_administration(self.by(by), batch=batch, proof=self.proof(by))
        return issuing.seal_document(self.installation.sealing, batch.batch_id, issue)

    def play(self, until: str = CLOSED, number: str | None = None) -> str:
        """Play the story up to and with `until`: the key of a step, "released" or "closed". Returns the number.

        With a number the story goes on with that batch; steps that are answered already stay as they are. Without
        one a batch is opened; what has been played before in this run, from the same beginning, is put back.
        """
        assert until in STATIONS, f"the story has no station {until}"
        wanted = STATIONS[: STATIONS.index(until) + 1]
        fresh = number is None and self.chain_lengths() == self.heads
        played = [station for station in wanted if station in self.bench.kept] if fresh else []
        if played:
            number = self.bench.put_back(played[-1])
            wanted = wanted[wanted.index(played[-1]) + 1 :]
        number = number or self.open_batch()
        for station in wanted:
            self._play_station(number, station)
        if fresh and wanted:
            self.bench.keep(until, number)
        return number

    def _play_station(self, number: str, station: str) -> None:
        record = self.record(number)
        if station in (RELEASED, CLOSED):
            if not (record.decisions if station == RELEASED else record.closures):
                self.clock.tick(3)
                sealed = self.decide(number) if station == RELEASED else self.close_administration(number)
                assert sealed.sha256, sealed.reason
        elif record.current(station) or record.not_done_reason(station):
            return
        elif station in story.NOT_DONE:
            self.clock.tick(1)
            self.leave_out(number, station)
        else:
            self.clock.tick(5)
            self.record_step(number, station)
            self.confirm_all(number, station)

    # ---- checks ------------------------------------------------------------------------------------------------

    def chain_lengths(self) -> dict[str, int]:
        """The number of the last event of each chain."""
        table = TrailHead.__table__
        with self.store.read() as session:
            return {row.chain: row.seq for row in session.execute(select(table.c.chain, table.c.seq))}

    def disconnect(self) -> None:
        """Let go of the database, whose file is then complete; the next use connects again."""
        self.bench.disconnect()

    def check(self) -> None:
        """Fail where a chain, a row, a checkpoint or the overview is not what it must be."""
        with self.store.read() as session:
            report = verification.verify_trail(
                session,
                self.installation.authority.checkpoint_certificate_pem,
                self.installation.settings.checkpoint_file,
            )
            assert report.sound, report.problems
            assert projections.differences(session) == []


def puts_codes(fact: Fact) -> bool:
    """Whether a fact puts codes on new containers or samples, itself or in its rows."""
    return fact.new or (fact.row is not None and any(column.new for column in facts_of(fact.row)))


def _step(record: BatchRecord, key: str) -> StepRef:
    return StepRef(record.batch.id, key, record.step_version(key))


def refusal(act: Callable[[], object]) -> tuple[str, ...]:
    """The rules by which an act is refused; fails when it is not."""
    with pytest.raises(Refused) as refused:
        act()
    return tuple(blocker.rule for blocker in refused.value.blockers)
