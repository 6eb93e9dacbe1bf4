"""A laboratory for a test: a real migrated installation with its cast, a clock that the test sets, and the story.

The installation is made once a run and copied for each test. After the test its chains must verify and its overview
must be what the records give; a test that tampers says so with `lab.tampered = True`.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from argon2 import PasswordHasher
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from labrecords import create_app
from labrecords.actions import accounts, batches, equipment, issuing, people, projections, release, steps, verification
from labrecords.actions.door import SYSTEM_ACTOR, Acting, Actor, BatchRef, StepRef, roles_of
from labrecords.actions.signing import Proof
from labrecords.config import Settings
from labrecords.domain.entries import VERIFIED
from labrecords.domain.kinds import KINDS
from labrecords.domain.record import BatchRecord
from labrecords.installation import Installation, SiteFacts, create_installation, open_installation
from labrecords.models.batch_record import equipment_now, find_batch, load_record, processes
from labrecords.models.people import PersonRow
from labrecords.models.session import db
from labrecords.models.store import Store
from labrecords.models.trail import TrailHead
from tests.support import story
from tests.support.pages import PageClient
from tests.support.postgres import APP_ROLE, PostgresServer

BEGIN = datetime(2026, 11, 23, 7, 0, tzinfo=UTC)
"""A Monday, eight o'clock in Warsaw."""
SITE = SiteFacts("Cell Laboratory Kraków", "KRK", "Europe/Warsaw")
RELEASED, CLOSED = "released", "closed"
"""Stations of the story after its steps, for `play(until=...)`."""
STATIONS = [*story.PARTS]
STATIONS.insert(STATIONS.index(story.LAST_STEP_BEFORE_RELEASE) + 1, RELEASED)
STATIONS.append(CLOSED)


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


@dataclass
class Lab:
    folder: Path
    installation: Installation
    clock: Clock
    cast: dict[str, Member]
    plays: dict[str, Template] = field(default_factory=dict)
    """Stories played before in this run, by station; shared by all labs of the run."""
    heads: Mapping[str, int] = field(default_factory=dict)
    """Where the chains stood when the test began."""
    tampered: bool = False
    """A test that changes the database past the system sets this; otherwise everything must verify afterwards."""
    _app: Flask | None = None

    @property
    def store(self) -> Store:
        return self.installation.store

    def id(self, username: str) -> str:
        """The id of one of the cast."""
        return self.cast[username].id

    def actor(self, username: str) -> Actor:
        with self.store.read() as session:
            person = session.execute(select(PersonRow).where(PersonRow.username == username)).scalar_one()
            return Actor(person.id, person.username, person.name, roles_of(session, person.id))

    def by(self, username: str, key: str | None = None) -> Acting:
        """An act of this person, with the key of a form where a repeat matters."""
        return Acting(self.store, self.actor(username), key or secrets.token_hex(16), source="test")

    @property
    def system(self) -> Acting:
        return Acting(self.store, SYSTEM_ACTOR)

    def proof(self, username: str) -> Proof:
        """A fresh proof of identity, by the person's real password."""
        return accounts.prove_identity(self.store, username, self.cast[username].password, "test", "signature")

    @property
    def app(self) -> Flask:
        if self._app is None:
            self._app = create_app(self.installation)
            self._app.test_client_class = PageClient
            self._app.testing = True
        return self._app

    def client(self, username: str | None = None) -> PageClient:
        """A browser's stand-in, signed in as this person; without a name nobody is."""
        client: FlaskClient = self.app.test_client()
        assert isinstance(client, PageClient)
        if username:
            token = accounts.sign_in(self.store, self.proof(username), "127.0.0.1")
            client.set_cookie("labrecords", token)
        return client

    # ---- the story ---------------------------------------------------------------------------------------------

    def open_batch(self, by: str = "tess", patient: str = story.PATIENT, identity_code: str = "") -> str:
        """Open a batch. Returns its number."""
        with self.store.read() as session:
            digest = processes(session)[0].digest
        return batches.open_batch(
            self.by(by), process_digest=digest, patient_code=patient, identity_code=identity_code
        )

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
        record = self.record(number)
        return StepRef(record.batch.id, key, record.step_version(key))

    def reading(self, number: str, key: str, *, performed_by: str | None = None, **changes: Any) -> steps.Reading:
        """What the story states about a step. `changes` replaces facts or fields of the reading."""
        record, now = self.record(number), self.clock()
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
        circumstances = {name: changes.pop(name) for name in list(changes) if name not in facts}
        facts |= changes
        return replace(
            steps.Reading(
                kind=KINDS[record.process.step(key).kind],
                facts=facts,
                performed_by=self.id(performed_by or story.PARTS[key].performed_by),
                performed_at=now,
                as_entered=story.as_typed(facts),
            ),
            **circumstances,
        )

    def record_step(self, number: str, key: str, *, by: str | None = None, **changes: Any) -> str:
        """Record a step as the story has it, with changes. Returns the entry's id."""
        reading = self.reading(number, key, **changes)
        return steps.record_step(
            self.by(by or story.PARTS[key].recorded_by), step=self.step(number, key), reading=reading
        )

    def correct_step(
        self, number: str, key: str, reason: str = "Read again from the raw data sheet.", *, by: str | None = None,
        **changes: Any,
    ) -> str:  # fmt: skip
        """Correct a step. Returns the new entry's id."""
        old = self.record(number).current(key)
        assert old is not None
        reading = replace(self.reading(number, key, **changes), performed_at=old.performed_at)
        return steps.correct_step(
            self.by(by or story.PARTS[key].recorded_by),
            step=self.step(number, key),
            replaces=old.id,
            reading=reading,
            reason=reason,
        )

    def leave_out(self, number: str, key: str, reason: str = "", *, by: str | None = None) -> str:
        """Note that a step was not done."""
        return steps.note_not_done(
            self.by(by or story.PARTS[key].recorded_by),
            step=self.step(number, key),
            reading=self.reading(number, key),
            reason=reason or story.NOT_DONE[key],
        )

    def confirm(self, number: str, key: str, by: str, act: str = VERIFIED) -> str:
        """Confirm the version of a step that counts. Returns the confirmation's id."""
        entry = self.record(number).current(key)
        assert entry is not None
        return steps.confirm_step(
            self.by(by), step=self.step(number, key), entry_id=entry.id, act=act, proof=self.proof(by)
        )

    def confirm_all(self, number: str, key: str) -> None:
        """Give every confirmation that the step still lacks, each by the person it is wanted of."""
        names = {member.id: member.username for member in self.cast.values()}
        record = self.record(number)
        entry = record.current(key)
        for wanted in record.outstanding(entry) if entry else ():
            name = names[wanted.person_id] if wanted.person_id else story.PARTS[key].verified_by
            self.confirm(number, key, name, wanted.act)

    def decide(self, number: str, decision: str = RELEASED, reason: str = "", by: str = "quentin") -> issuing.Sealed:
        """Let QA decide, and seal the document of it."""
        batch = self.batch(number)
        issue = release.decide(self.by(by), batch=batch, decision=decision, reason=reason, proof=self.proof(by))
        return issuing.seal_document(self.installation.sealing, batch.batch_id, issue)

    def close_administration(self, number: str, by: str = "paula") -> issuing.Sealed:
        """Let the physician close the administration, and seal the final document."""
        batch = self.batch(number)
        issue = release.close_administration(self.by(by), batch=batch, proof=self.proof(by))
        return issuing.seal_document(self.installation.sealing, batch.batch_id, issue)

    def play(self, until: str = CLOSED, number: str | None = None) -> str:
        """Play the story up to and with `until`: the key of a step, "released" or "closed". Returns the number.

        With a number the story goes on from where that batch stands. Without one a batch is opened; what has been
        played before in this run, by a lab that was as fresh as this one, is copied.
        """
        assert until in STATIONS, f"the story has no station {until}"
        fresh = number is None and self.store.sqlite and self._heads() == self.heads
        if fresh and until in self.plays:
            return self._copy_play(until)
        number = number or self.open_batch()
        for station in STATIONS[: STATIONS.index(until) + 1]:
            self._play_station(number, station)
        if fresh:
            self._keep_play(until, number)
        return number

    def _play_station(self, number: str, station: str) -> None:
        record = self.record(number)
        if station in (RELEASED, CLOSED):
            if not (record.decisions if station == RELEASED else record.closures):
                self.clock.tick(3)
                sealed = self.decide(number) if station == RELEASED else self.close_administration(number)
                assert sealed.sha256, sealed.reason
        elif station in story.NOT_DONE:
            if not (record.current(station) or record.not_done_reason(station)):
                self.clock.tick(1)
                self.leave_out(number, station)
        else:
            if not record.current(station):
                self.clock.tick(5)
                self.record_step(number, station)
            self.confirm_all(number, station)

    # ---- copies and checks -------------------------------------------------------------------------------------

    def _heads(self) -> dict[str, int]:
        table = TrailHead.__table__
        with self.store.read() as session:
            return {row.chain: row.seq for row in session.execute(select(table.c.chain, table.c.seq))}

    def disconnect(self) -> None:
        """Let go of the database; the next use connects again."""
        self.store.close()
        if self._app is not None:
            with self._app.app_context():
                db.session.remove()
                db.engine.dispose()

    def _keep_play(self, until: str, number: str) -> None:
        self.disconnect()
        kept = self.plays[""].folder.parent / f"play-{until}"
        shutil.copytree(self.folder, kept)
        self.plays[until] = Template(kept, self.clock.now, self.cast, number)

    def _copy_play(self, until: str) -> str:
        self.disconnect()
        played = self.plays[until]
        shutil.copytree(played.folder, self.folder, dirs_exist_ok=True)
        self.clock.set(played.now)
        return played.number

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

    def close(self) -> None:
        self.disconnect()
        self.installation.close()


@dataclass
class Template:
    """A folder to be copied, and what one must know of it."""

    folder: Path
    now: datetime
    cast: dict[str, Member]
    number: str = ""


def _settings(folder: Path, url: str = "", owner_url: str = "") -> Settings:
    url = url or f"sqlite:///{folder / 'labrecords.sqlite3'}"
    return Settings(
        data_dir=folder,
        database_url=url,
        owner_database_url=owner_url or url,
        secret_key="the key of a test, which is long enough",
        secure_cookies=False,
        testing=True,
    )


@contextmanager
def _cheap_passwords() -> Iterator[None]:
    """Hashes keep their own cost: made cheaply once, they are checked cheaply in every test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


def _build(settings: Settings) -> Template:
    """Make the installation, the cast with their passwords and agreements, and the register of equipment."""
    clock, cast = Clock(), dict[str, Member]()
    create_installation(settings, SITE, clock)
    installation = open_installation(settings, clock)
    lab = Lab(settings.data_dir, installation, clock, cast)
    with _cheap_passwords():
        for username, (name, role) in story.CAST.items():
            added = people.add_person(lab.system, username=username, name=name, roles=(role,))
            cast[username] = Member(added["person_id"], username, secrets.token_urlsafe(18))
            accounts.accept_invitation(lab.system, secret=added["secret"], password=cast[username].password)
            accounts.accept_agreement(lab.by(username), proof=lab.proof(username))
    for facts in (
        equipment.EquipmentFacts(story.CENTRIFUGE, "centrifuge", "Hettich Rotina 380"),
        equipment.EquipmentFacts(
            story.ROTOR,
            "rotor",
            "Swing-out 4 × 290 mL",
            r_max_cm=Decimal("17.2"),
            r_av_cm=Decimal("12.4"),
            max_speed_rpm=Decimal(4500),
            next_check=datetime(2027, 6, 30, tzinfo=UTC).date(),
        ),
    ):
        equipment.register_equipment(lab.by("quentin"), facts=facts)
    lab.close()
    return Template(settings.data_dir, clock.now, cast)


@pytest.fixture(scope="session")
def lab_plays(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Template]:
    """The installation that every test's copy is made of (at ""), and what was played on such a copy."""
    folder = tmp_path_factory.mktemp("labs")
    return {"": _build(_settings(folder / "template"))}


def _opened(template: Template, folder: Path, settings: Settings, plays: dict[str, Template]) -> Lab:
    clock = Clock(template.now)
    lab = Lab(folder, open_installation(settings, clock), clock, template.cast, plays)
    lab.heads = lab._heads()
    return lab


@pytest.fixture
def lab(lab_plays: dict[str, Template], tmp_path: Path) -> Iterator[Lab]:
    """A laboratory on SQLite."""
    yield from _sqlite_lab(lab_plays, tmp_path)


def _sqlite_lab(plays: dict[str, Template], tmp_path: Path) -> Iterator[Lab]:
    folder = tmp_path / "lab"
    shutil.copytree(plays[""].folder, folder)
    lab = _opened(plays[""], folder, _settings(folder), plays)
    try:
        yield lab
        if not lab.tampered:
            lab.check()
    finally:
        lab.close()


@pytest.fixture(scope="session")
def postgres_template(
    postgres_server: PostgresServer, lab_plays: dict[str, Template], tmp_path_factory: pytest.TempPathFactory
) -> Iterator[tuple[str, Template]]:
    """The same installation on PostgreSQL, owned by one role and used by another: database and folder."""
    folder = tmp_path_factory.mktemp("labs") / "postgres"
    shutil.copytree(lab_plays[""].folder / "keys", folder / "keys")
    with postgres_server.database() as name:
        settings = _settings(folder, postgres_server.url(name, role=APP_ROLE), postgres_server.url(name))
        yield name, _build(settings)


def _postgres_lab(server: PostgresServer, name: str, template: Template, tmp_path: Path) -> Iterator[Lab]:
    folder = tmp_path / "lab"
    shutil.copytree(template.folder, folder)
    with server.database(name) as database:
        settings = _settings(folder, server.url(database, role=APP_ROLE), server.url(database))
        lab = _opened(template, folder, settings, {})
        try:
            yield lab
            if not lab.tampered:
                lab.check()
        finally:
            lab.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def lab_on_both(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Lab]:
    """A laboratory on SQLite, and the same test once more on PostgreSQL."""
    if request.param == "sqlite":
        yield from _sqlite_lab(request.getfixturevalue("lab_plays"), tmp_path)
    else:
        name, template = request.getfixturevalue("postgres_template")
        yield from _postgres_lab(request.getfixturevalue("postgres_server"), name, template, tmp_path)


def refusal(act: Callable[[], object]) -> tuple[str, ...]:
    """The rules by which an act is refused; fails when it is not."""
    from labrecords.actions.door import Refused

    with pytest.raises(Refused) as refused:
        act()
    return tuple(blocker.rule for blocker in refused.value.blockers)
