"""The installations that the tests of a run share: made once on each database, and put back before every test.

Engines and the web application are kept over the run: compiling their statements and templates anew for each test
would take longer than most tests.
"""

from __future__ import annotations

import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date
from decimal import Decimal
from functools import cached_property
from pathlib import Path

import pytest
from argon2 import PasswordHasher
from flask import Flask

from labrecords import create_app
from labrecords.actions import accounts, equipment, people
from labrecords.actions.access import note_identity
from labrecords.actions.laboratory import shipped_processes
from labrecords.config import Settings
from labrecords.domain.processes.process_text import read_process
from labrecords.installation import SiteFacts, create_installation, open_installation
from labrecords.models.session import db
from tests.support import story
from tests.support.lab import Clock, Kept, Lab, Member
from tests.support.pages import PageClient
from tests.support.postgres import APP_ROLE, PostgresServer
from tests.support.trained import train

SITE = SiteFacts("Cell Laboratory Kraków", "KRK", "Europe/Warsaw")
CHECK = date(2027, 6, 30)
"""Until then the pieces of the bench are checked."""
HIRED = date(2026, 1, 5)
"""When somebody looked at the papers of the cast."""
NEW = ""
"""The name of the state in which every test finds the installation."""


class SharedBench:
    """An installation on SQLite, with its cast and its register of equipment."""

    def __init__(self, folder: Path, database: tuple[str, str] | None = None) -> None:
        self.folder, self.states = folder / "lab", folder / "states"
        url = f"sqlite:///{self.folder / 'labrecords.sqlite3'}"
        application, owner = database or (url, url)
        settings = Settings(
            data_dir=self.folder,
            database_url=application,
            owner_database_url=owner,
            secret_key="the key of the tests, which is long enough",
            secure_cookies=False,
            testing=True,
        )
        self.clock, self.cast, self.kept = Clock(), dict[str, Member](), dict[str, Kept]()
        create_installation(settings, SITE, self.clock)
        self.installation = open_installation(settings, self.clock)
        self._furnish()
        self.keep(NEW)
        self.heads = self.lab().chain_lengths()

    @cached_property
    def app(self) -> Flask:
        app = create_app(self.installation)
        app.test_client_class = PageClient
        app.testing = True
        return app

    def lab(self) -> Lab:
        """The laboratory as a test sees it."""
        return Lab(self)

    def disconnect(self) -> None:
        """Let go of the database; the next use connects again."""
        self.installation.store.close()
        if "app" in self.__dict__:
            with self.app.app_context():
                db.session.remove()
                db.engine.dispose()

    def keep(self, name: str, number: str = "") -> None:
        """Keep the present state under this name, with the number of the batch that was played."""
        self.disconnect()
        shutil.copytree(self.folder, self._state(name))
        self._keep_database(name)
        self.kept[name] = Kept(self.clock.now, number)

    def put_back(self, name: str) -> str:
        """Put a kept state back. Returns the number of its batch."""
        self.disconnect()
        shutil.rmtree(self.folder)
        shutil.copytree(self._state(name), self.folder)
        self._put_database_back(name)
        self.clock.set(self.kept[name].now)
        return self.kept[name].number

    def _state(self, name: str) -> Path:
        return self.states / (name or "new")

    def _keep_database(self, name: str) -> None:
        """SQLite's file lies in the folder."""

    def _put_database_back(self, name: str) -> None:
        """SQLite's file lies in the folder."""

    def _furnish(self) -> None:
        lab = self.lab()
        with cheap_passwords():
            for username, (name, roles) in story.CAST.items():
                added = people.add_person(lab.system, username=username, name=name, roles=roles)
                password = secrets.token_urlsafe(18)
                accounts.accept_invitation(lab.system, secret=added["secret"], password=password)
                self.cast[username] = Member(added["person_id"], username, password)
                note_identity(
                    lab.system,
                    person_id=added["person_id"],
                    checked_by="Ivan Ilić",
                    how="passport",
                    checked_on=HIRED,
                )
                accounts.accept_agreement(lab.by(username), proof=lab.proof(username))
        centrifuge = equipment.EquipmentFacts(
            story.CENTRIFUGE, "centrifuge", "Hettich Rotina 380", next_check=CHECK
        )
        rotor = equipment.EquipmentFacts(
            story.ROTOR,
            "rotor",
            "Swing-out 4 × 290 mL",
            r_max_cm=Decimal("17.2"),
            r_av_cm=Decimal("12.4"),
            max_speed_rpm=Decimal(4500),
            next_check=CHECK,
        )
        counter = equipment.EquipmentFacts(story.COUNTER, "counter", "Cell counter 200", next_check=CHECK)
        for facts in (centrifuge, rotor, counter):
            equipment.register_equipment(lab.by("quentin"), facts=facts)
        for text in shipped_processes():
            lab.make_effective(read_process(text).digest)
        train(lab, "tess", "vic")


class SharedPostgresBench(SharedBench):
    """The same on PostgreSQL, where one role owns the database and another uses it."""

    def __init__(self, folder: Path, server: PostgresServer) -> None:
        self.server, self.database = server, f"lab_{secrets.token_hex(4)}"
        server.create_database(self.database)
        super().__init__(folder, (server.url(self.database, role=APP_ROLE), server.url(self.database)))

    def _keep_database(self, name: str) -> None:
        self.server.create_database(self._copy(name), self.database)

    def _put_database_back(self, name: str) -> None:
        self.server.drop_database(self.database)
        self.server.create_database(self.database, self._copy(name))

    def _copy(self, name: str) -> str:
        return f"{self.database}_{name or 'new'}"


@contextmanager
def cheap_passwords() -> Iterator[None]:
    """Hashes keep their own cost: made cheaply once, they are checked cheaply in every test."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(accounts, "_HASHER", PasswordHasher(time_cost=1, memory_cost=8, parallelism=1))
        yield


def _tested(bench: SharedBench) -> Iterator[Lab]:
    bench.put_back(NEW)
    lab = bench.lab()
    lab.heads = bench.heads
    try:
        yield lab
        if not lab.tampered:
            lab.check()
    finally:
        bench.disconnect()


@pytest.fixture(scope="session")
def sqlite_bench(tmp_path_factory: pytest.TempPathFactory) -> SharedBench:
    """The installation on SQLite that the tests of this run share."""
    return SharedBench(tmp_path_factory.mktemp("sqlite"))


@pytest.fixture(scope="session")
def postgres_bench(
    postgres_server: PostgresServer, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[SharedPostgresBench]:
    """The installation on PostgreSQL that the tests of this run share."""
    bench = SharedPostgresBench(tmp_path_factory.mktemp("postgres"), postgres_server)
    yield bench
    bench.disconnect()


@pytest.fixture
def lab(sqlite_bench: SharedBench) -> Iterator[Lab]:
    """A laboratory on SQLite."""
    yield from _tested(sqlite_bench)


@pytest.fixture(params=["sqlite", "postgresql"])
def lab_on_both(request: pytest.FixtureRequest) -> Iterator[Lab]:
    """A laboratory on SQLite, and the same test once more on PostgreSQL."""
    name = "sqlite_bench" if request.param == "sqlite" else "postgres_bench"
    yield from _tested(request.getfixturevalue(name))


@pytest.fixture
def postgres_lab(postgres_bench: SharedPostgresBench) -> Iterator[Lab]:
    """A laboratory on PostgreSQL, for what only that database has."""
    yield from _tested(postgres_bench)
