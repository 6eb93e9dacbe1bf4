"""Setting up an installation: laboratory, certificates, the texts shipped with the system. From the command line."""

from __future__ import annotations

from importlib import resources

from sqlalchemy import select

from labrecords.actions.door import LABORATORY, SYSTEM, Refused, Tx, action
from labrecords.domain.evidence.canonical import sha256_hex
from labrecords.domain.review.release import Blocker
from labrecords.models.laboratory import CertificateRow, LaboratoryRow


def shipped_processes() -> tuple[str, ...]:
    """The texts of the master records that come with the system."""
    folder = resources.files("labrecords.domain.processes") / "shipped"
    return tuple(item.read_text() for item in sorted(folder.iterdir(), key=lambda item: item.name))


@action("laboratory.set_up", needs=None, chains=(LABORATORY, SYSTEM))
def set_up_laboratory(
    tx: Tx, *, name: str, site_code: str, zone: str, certificates: dict[str, str], demonstration: str = ""
) -> str:
    """Name the laboratory and register its certificates (purpose to PEM). Only once. Returns the row's id.

    `demonstration` states in the trail that this installation's clock is played, not real.
    """
    if tx.session.execute(select(LaboratoryRow.id)).first():
        raise Refused(
            Blocker("set up", "This installation is set up already.", "Use it, or choose another folder.")
        )
    row = LaboratoryRow(id=tx.new_id(), name=name, site_code=site_code, zone=zone, set_at=tx.now)
    tx.add(row)
    for purpose, pem in certificates.items():
        digest = sha256_hex(pem.encode())
        tx.add(CertificateRow(id=tx.new_id(), purpose=purpose, pem=pem, sha256=digest, added_at=tx.now))
    if demonstration:
        tx.detail = {"demonstration": demonstration}
    return str(row.id)
