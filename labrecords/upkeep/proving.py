"""Proving a copy: everything in it is verified as if it were the installation, and compared with the one in use.

Nothing of the copy is believed: chains are hashed anew, rows replayed, checkpoints recomputed, identities opened, lists
rebuilt, sealed documents verified.
"""

from __future__ import annotations

import shutil
from dataclasses import dataclass, field, replace
from datetime import datetime
from pathlib import Path

from cryptography import x509
from sqlalchemy import func, select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from labrecords.actions.checkpoints import leaves_of
from labrecords.actions.projections import differences, project_missing
from labrecords.actions.vault_check import identity_problems
from labrecords.actions.verification import verify_trail
from labrecords.config import Settings
from labrecords.documents.sealing.authority import (
    Authority,
    KeySelfTestFailed,
    KeyUnreadable,
    load_authority,
    self_test,
)
from labrecords.documents.verifying.verdict import SUPERSEDED, VALID
from labrecords.documents.verifying.verifier import verify
from labrecords.domain.evidence import merkle
from labrecords.domain.upkeep.manifest import Heads
from labrecords.models import guards, migrate, schema
from labrecords.models.engine import read_engine
from labrecords.models.records import DocumentRow
from labrecords.models.register import standing
from labrecords.models.store import Store
from labrecords.models.stored import as_bytes
from labrecords.models.trail import TrailEvent, TrailHead
from labrecords.models.upkeep import newest_checkpoint
from labrecords.upkeep.copying import CHECKPOINTS, IDENTITY_KEYS
from labrecords.upkeep.disk import settle
from labrecords.upkeep.failure import UpkeepFailed

REHEARSAL = "rehearsal"
MOST_TOLD = 3


@dataclass
class Proof:
    """What a copy holds, and what is wrong with it: nothing is, if `problems` is empty."""

    heads: Heads
    migration: str
    checkpoint: int
    documents: int = 0
    verified_documents: int = 0
    rehearsed: bool = False
    """Whether the copy was brought to the newest migration, apart, to be verified."""
    problems: list[str] = field(default_factory=list)

    def told(self) -> str:
        """The first problems, as one text."""
        more = len(self.problems) - MOST_TOLD
        return " ".join(self.problems[:MOST_TOLD]) + (f" And {more} more." if more > 0 else "")


@dataclass(frozen=True)
class Copy:
    """A copy that can be read, and changed without harm: its address, and the folder of its files and keys."""

    address: str
    files: Path


def prove(copy: Copy, *, live: Store | None = None, documents_since: datetime | None = None) -> Proof:
    """Verify a copy whole. Documents sealed after `documents_since` are verified to the last page, older ones by their
    digest in the trail. With `live`, each chain of the copy is compared with the installation in use.

    A copy at an older migration is migrated first: the copy of it, never what is kept. Raises UpkeepFailed for a copy
    that cannot be read at all.
    """
    try:
        proof, heads = look(copy.address)
    except (DBAPIError, UnicodeError) as error:
        raise UpkeepFailed(f"The copy cannot be read: {getattr(error, 'orig', error)}.") from error
    if live is not None:
        proof.problems += _differing(heads, live)
    if proof.migration != schema.newest():
        copy = _rehearse(copy, proof)
    if not proof.problems:
        _verify(copy, proof, documents_since)
    return proof


def heads_of(session: Session) -> dict[str, tuple[int, str]]:
    """All chains that have begun: number and hash of their last event."""
    table = TrailHead.__table__
    query = select(table.c.chain, table.c.seq, table.c.digest).where(table.c.seq > 0)
    return {row.chain: (row.seq, row.digest) for row in session.execute(query)}


def summed(heads: dict[str, tuple[int, str]]) -> Heads:
    """All heads as one root."""
    events = sum(seq for seq, _ in heads.values())
    return Heads(len(heads), events, merkle.root(leaves_of(heads)).hex())


def look(address: str) -> tuple[Proof, dict[str, tuple[int, str]]]:
    """Where a copy stands, and the heads of its chains; nothing of it is verified yet."""
    engine = read_engine(address)
    try:
        with Session(engine) as session:
            migration = schema.current(session.connection())
            if migration is None:
                raise UpkeepFailed("The copy is empty.")
            heads, newest = heads_of(session), newest_checkpoint(session)
            return Proof(summed(heads), migration, newest[0] if newest else 0), heads
    finally:
        engine.dispose()


def _differing(heads: dict[str, tuple[int, str]], live: Store) -> list[str]:
    """Chains of the copy that are no beginning of the chain in use."""
    event, found = TrailEvent.__table__, []
    with live.read() as session:
        now = heads_of(session)
        for chain, head in heads.items():
            if now.get(chain) == head:
                continue
            query = select(event.c.digest).where(event.c.chain == chain, event.c.seq == head[0])
            if session.execute(query).scalar() != head[1]:
                found.append(f"The chain {chain} of the copy is not that of the installation.")
    return found


def _rehearse(copy: Copy, proof: Proof) -> Copy:
    """Bring the copy, or a copy of it, to the newest migration, as an upgrade would."""
    address = copy.address
    if address.startswith("sqlite"):
        file = Path(address.removeprefix("sqlite:///"))
        again = file.with_name(REHEARSAL)
        shutil.copyfile(file, again)
        settle(again)
        address = f"sqlite:///{again}"
    proof.rehearsed = True
    try:
        migrate.migrate(address, address)
        store = Store(address)
        try:
            _, failed = project_missing(store)
            proof.problems += [
                f"The record of batch {number} cannot be judged by this program." for number in failed
            ]
        finally:
            store.close()
    except schema.MigrationRefused as error:
        proof.problems.append(str(error))
    except Exception as error:  # whatever a migration says of a database that is not as it should be
        said = " ".join(str(getattr(error, "orig", error)).split())
        half = "already exists" in said or "duplicate column" in said
        proof.problems.append(
            f"The database stands at migration {proof.migration} and cannot be brought to {schema.newest()} ({said})."
            + (
                " A part of a later migration is there: one was interrupted. Go back to the backup before it."
                if half
                else ""
            )
        )
    return replace(copy, address=address)


def _verify(copy: Copy, proof: Proof, documents_since: datetime | None) -> None:
    try:
        authority = load_authority(copy.files / "keys")
        self_test(authority)
    except (KeyUnreadable, KeySelfTestFailed) as error:
        proof.problems.append(str(error))
        return
    engine = read_engine(copy.address)
    try:
        with Session(engine) as session:
            missing = guards.missing(session.connection())
            proof.problems += [f"The trigger {name} is missing." for name in missing]
            report = verify_trail(session, authority.checkpoint_certificate_pem, copy.files / CHECKPOINTS)
            report.problems += identity_problems(session, copy.files / IDENTITY_KEYS)
            proof.problems += [
                f"{problem.table} {problem.row_id}: {problem.sentence}" for problem in report.problems
            ]
            if report.sound:
                proof.problems += [
                    f"The lists say something else than the record of batch {number}."
                    for number in differences(session)
                ]
                _verify_documents(session, authority, proof, documents_since)
    finally:
        engine.dispose()


def _verify_documents(
    session: Session, authority: Authority, proof: Proof, documents_since: datetime | None
) -> None:
    table, roots = DocumentRow.__table__, [authority.root]
    proof.documents = session.execute(select(func.count()).select_from(table)).scalar_one()
    query = select(table.c.sha256).order_by(table.c.sealed_at)
    if documents_since is not None:
        query = query.where(table.c.sealed_at > documents_since)
    for sha256 in session.execute(query).scalars().all():
        proof.problems += verify_document(session, sha256, roots)
        proof.verified_documents += 1


def verify_document(session: Session, sha256: str, roots: list[x509.Certificate]) -> list[str]:
    """What is wrong with one stored document: its seal, its record, its pages, its place in the register."""
    table = DocumentRow.__table__
    data = as_bytes(session.execute(select(table.c.pdf).where(table.c.sha256 == sha256)).scalar_one())
    verdict = verify(data, roots, lambda found: standing(session, found))
    if verdict.kind in (VALID, SUPERSEDED) and verdict.sha256 == sha256:
        return []
    return [f"The document {sha256[:12]} does not verify: {verdict.sentence}"]


def keys_problem(settings: Settings) -> str:
    """What is wrong with the keys of an installation; empty when nothing is."""
    try:
        self_test(load_authority(settings.keys_dir))
    except (KeyUnreadable, KeySelfTestFailed) as error:
        return str(error)
    return ""
