"""A served laboratory that is killed under load: real `labrecords serve`, clients that post signed-in acts.

A redirect (303) is the acknowledgement: what was answered by one must be kept. What was sent and not answered may be
kept or not, but never half, and sending the same form again settles it.
"""

from __future__ import annotations

import os
import re
import secrets
import signal
import socket
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import requests
from sqlalchemy import select, text

from labrecords.actions import accounts, projections
from labrecords.actions.door import Actor
from labrecords.actions.signing import Proof
from labrecords.actions.verification import verify_trail
from labrecords.config import Settings
from labrecords.documents.sealing.authority import load_authority
from labrecords.models.people import PersonRow
from labrecords.models.store import Store, server_clock

BATCH, LOT = "batch", "lot"
UNSET = ("LABRECORDS_", "PG")
TOKEN = re.compile(r'name="csrf_token"[^>]*value="([^"]+)"')
START_S, ANSWER_S = 60.0, 30.0
PAUSE_S = 0.5
"""Who is told that it cannot be recorded now does not hammer."""


@dataclass
class Act:
    """A form that a person sends, recognised by a word of its own in what it records."""

    kind: str
    form: dict[str, str]
    word: str
    key: str = field(default_factory=lambda: secrets.token_hex(16))
    by: str = ""
    """The session that sent it first: the key of a form is that of its person, too."""
    status: int | None = None
    """What it was answered; None: it was not."""

    @property
    def path(self) -> str:
        return "/batches/new" if self.kind == BATCH else "/lots/receive"


def lot() -> Act:
    word = f"L-{secrets.token_hex(6)}"
    form = {"material": "Saline", "maker": "Maker", "lot": word, "quantity": "10", "unit": "mL"}
    return Act(LOT, form, word)


def batch(process: str) -> Act:
    word = f"P-{secrets.token_hex(6)}"
    form = {"definition": process, "patient_code": word, "identity_code": "", "how_known": ""}
    return Act(BATCH, form, word)


@dataclass
class Place:
    """An installation that is served by processes of its own, and what its clients have sent."""

    settings: Settings
    process: str
    """Digest of the master record that batches follow."""
    acts: list[Act] = field(default_factory=list)

    def environment(self, **more: str) -> dict[str, str]:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(UNSET)}
        given = {
            "LABRECORDS_DATA_DIR": str(self.settings.data_dir),
            "LABRECORDS_DATABASE_URL": self.settings.database_url,
            "LABRECORDS_OWNER_DATABASE_URL": self.settings.owner_database_url,
            "LABRECORDS_SECRET_KEY": self.settings.secret_key,
        }
        return kept | given | more

    def token(self, username: str) -> str:
        """A session of this person, begun as the sign-in page begins it."""
        store = Store(self.settings.database_url)
        try:
            with store.read() as session:
                row = session.execute(select(PersonRow).where(PersonRow.username == username)).scalar_one()
                proof = Proof(Actor(row.id, row.username, row.name), "", server_clock())
            return accounts.sign_in(store, proof, "127.0.0.1")
        finally:
            store.close()


class Served:
    """A running `labrecords serve` with workers, in a process group of its own, on a free port."""

    def __init__(self, place: Place, log: Path, workers: int = 2) -> None:
        self.port = free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        command = [sys.executable, "-c", "from labrecords.cli import main; main()", "serve"]
        with log.open("ab") as output:
            self.process = subprocess.Popen(
                [*command, "--port", str(self.port), "--workers", str(workers)],
                env=place.environment(), stdout=output, stderr=output, start_new_session=True,
                cwd=Path(__file__).parents[2],
            )  # fmt: skip
        self.log = log

    def wait(self) -> None:
        """Until it answers. Raises with the log where it does not."""
        until = time.monotonic() + START_S
        while time.monotonic() < until and self.process.poll() is None:
            try:
                requests.get(f"{self.address}/sign-in", timeout=ANSWER_S).close()
            except requests.RequestException:
                time.sleep(0.05)
            else:
                return
        raise RuntimeError(f"It does not answer:\n{self.log.read_text()[-3000:]}")

    def kill(self) -> None:
        """End the whole group at once, as a power cut would: nothing can be finished."""
        os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()


@contextmanager
def serving(place: Place, log: Path, workers: int = 2) -> Iterator[Served]:
    """Serve while the block runs; what still runs afterwards is killed."""
    served = Served(place, log, workers)
    try:
        served.wait()
        yield served
    finally:
        if served.process.poll() is None:
            served.kill()


class Client:
    """A browser in which somebody is signed in."""

    def __init__(self, address: str, token: str) -> None:
        self.address, self.token, self.session = address, token, requests.Session()
        self.session.cookies.set("labrecords", token)
        page = self.session.get(f"{address}/lots/receive", timeout=ANSWER_S)
        found = TOKEN.search(page.text)
        assert found, (page.status_code, page.text[:500])
        self.csrf = found[1]

    def send(self, act: Act) -> requests.Response | None:
        """Send a form; None when no answer came."""
        act.by = act.by or self.token
        form = {**act.form, "form_key": act.key, "csrf_token": self.csrf}
        try:
            answer = self.session.post(
                f"{self.address}{act.path}", data=form, allow_redirects=False, timeout=ANSWER_S
            )
        except requests.RequestException:
            return None
        act.status = answer.status_code
        return answer

    def close(self) -> None:
        self.session.close()


class Load:
    """Clients who send act after act until they are told to stop, or, unless they are patient, get no answer."""

    def __init__(
        self, place: Place, addresses: list[str], tokens: list[str], *, patient: bool = False
    ) -> None:
        self.place, self.patient, self.stopped = place, patient, threading.Event()
        pairs = zip(addresses * len(tokens), tokens, strict=False)
        self.clients = [Client(address, token) for address, token in pairs]
        self.threads = [threading.Thread(target=self._run, args=(client,)) for client in self.clients]

    def _run(self, client: Client) -> None:
        while not self.stopped.is_set():
            act = batch(self.place.process) if len(self.place.acts) % 4 == 0 else lot()
            self.place.acts.append(act)
            if client.send(act) is None and not self.patient:
                return
            if act.status != 303:
                self.stopped.wait(PAUSE_S)

    def start(self) -> None:
        for thread in self.threads:
            thread.start()

    def stop(self) -> None:
        self.stopped.set()
        for thread in self.threads:
            thread.join(timeout=60)
        for client in self.clients:
            client.close()


def settle(place: Place, address: str) -> int:
    """Send everything again that was not answered: by who sent it, with its key. Returns how many."""
    open_acts = [act for act in place.acts if act.status != 303]
    clients = {token: Client(address, token) for token in {act.by for act in open_acts}}
    for act in open_acts:
        answer = clients[act.by].send(act)
        assert answer is not None
        assert answer.status_code == 303, answer.text
    for client in clients.values():
        client.close()
    return len(open_acts)


def faults(place: Place) -> list[str]:
    """What is wrong with the database after a crash: empty, or the promise is broken."""
    store = Store(place.settings.database_url)
    certificate = load_authority(place.settings.keys_dir).checkpoint_certificate_pem
    try:
        with store.read() as session:
            report = verify_trail(session, certificate, place.settings.checkpoint_file)
            found = [f"{item.table} {item.row_id}: {item.sentence}" for item in report.problems]
            if store.sqlite and session.execute(text("PRAGMA integrity_check")).scalar() != "ok":
                found.append("integrity_check")
            found += [f"{number}: its lists differ" for number in projections.differences(session)]
            kept: Counter[str] = Counter(session.execute(text("SELECT lot FROM lot")).scalars())
            kept.update(session.execute(text("SELECT patient_code FROM batch")).scalars())
    finally:
        store.close()
    for act in place.acts:
        if act.status == 303 and kept[act.word] != 1:
            found.append(f"{act.kind} {act.word} was acknowledged and stands there {kept[act.word]} times")
        if kept[act.word] > 1:
            found.append(f"{act.kind} {act.word} stands there {kept[act.word]} times")
    return found


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as found:
        found.bind(("127.0.0.1", 0))
        return int(found.getsockname()[1])
