"""The register of lots: each delivery with its status, and whether a lot may be used at an act (GMP-184, HCT-210).

A delivery is received into quarantine by one person and released by another (GMP-101d). A lot is matched by its number
as it is printed, spaces, hyphens and case aside; where several materials have the number, by the material's name too.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from typing import TYPE_CHECKING

from labrecords.domain.entries import Entry, Stop
from labrecords.domain.registers.materials import named_materials
from labrecords.domain.rules.finding import Finding, Severity
from labrecords.domain.values import times
from labrecords.domain.values.codes import normalise

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord
    from labrecords.domain.registers.materials import Material

QUARANTINE, LOT_RELEASED, LOT_REJECTED, LOT_RECALLED = "quarantine", "released", "rejected", "recalled"
STATUSES = (QUARANTINE, LOT_RELEASED, LOT_REJECTED, LOT_RECALLED)
MILLILITRES, PIECES = "mL", "pieces"
UNITS = (MILLILITRES, "L", "g", "mg", "IU", PIECES)
_PER_LITRE = Decimal(1000)


@dataclass(frozen=True)
class Lot:
    """One registered version of one delivery of a lot."""

    id: str
    delivery_id: str
    """Id of the delivery's first version: it names the delivery for good."""
    material: str
    material_key: str
    """The name as it is compared: capitals, without spaces and hyphens."""
    maker: str
    catalogue_number: str
    lot: str
    """The number as it is printed on the pack."""
    lot_key: str
    """The number as it is compared."""
    expiry: date | None
    quantity: Decimal
    unit: str
    place: str
    certificate: str
    """File name of the maker's certificate, or empty."""
    certificate_sha256: str
    status: str
    reason: str
    """Why it was changed or rejected."""
    person_id: str
    by_name: str
    """Printed name of who registered this version."""
    signature_id: str | None
    registered_at: datetime


@dataclass(frozen=True)
class LotUse:
    """How much of a lot one act used: mL where it is stated, and how many packs of it the act names."""

    volume_ml: Decimal | None
    pieces: int


@dataclass(frozen=True)
class Reconciliation:
    """What became of a lot, in the unit in which it was received (21 CFR 211.184(c))."""

    received: Decimal
    unit: str
    used: Decimal | None
    """None where it cannot be added up: the unit is another one, or an act does not say how much."""
    acts: int

    @property
    def left(self) -> Decimal | None:
        return None if self.used is None else self.received - self.used


def key_of(text: str) -> str:
    """A name or number as it is compared."""
    return normalise(text)


def reconciled(received: Decimal, unit: str, uses: Sequence[LotUse]) -> Reconciliation:
    """Add up what acts used of a lot: volumes for mL and L, one pack for each naming where pieces were received."""
    volumes = [use.volume_ml for use in uses if use.volume_ml is not None]
    used: Decimal | None = None
    if unit == PIECES:
        used = Decimal(sum(use.pieces for use in uses))
    elif unit in (MILLILITRES, "L") and len(volumes) == len(uses):
        used = sum(volumes, Decimal(0))
        used = used / _PER_LITRE if unit == "L" else used
    return Reconciliation(received, unit, used, len(uses))


def which(lot: Lot) -> str:
    """Which of the lots with one number it is, as it is compared: number, material, maker and catalogue number."""
    return "\n".join((lot.lot_key, lot.material_key, key_of(lot.maker), key_of(lot.catalogue_number)))


def lots_meant(register: Sequence[Lot], material: Material) -> tuple[Lot, ...]:
    """The versions of deliveries that an act may have meant with this material and number, whenever registered.

    An act names the material, and sometimes the maker: where the register knows the number of several, that tells them
    apart, and else nothing does.
    """
    same = [lot for lot in register if material.lot and lot.lot_key == key_of(material.lot)]
    of_material = [lot for lot in same if lot.material_key == key_of(material.name)] or same
    of_maker = [lot for lot in of_material if key_of(lot.maker) == key_of(material.maker)]
    return tuple(of_maker or of_material)


def told_apart(lots: Sequence[Lot]) -> dict[str, Lot]:
    """Of several deliveries in all their versions the lots that they are of now, each under `which`."""
    newest = {lot.delivery_id: lot for lot in sorted(lots, key=lambda lot: lot.registered_at)}
    return {which(lot): lot for lot in newest.values()}


def words_of_lot(lot: Lot) -> str:
    """Which lot it is, as people read it: "AC778 of Maker, Heparin, catalogue number H-1"."""
    catalogue = f", catalogue number {lot.catalogue_number}" if lot.catalogue_number else ""
    return f"{lot.lot} of {lot.maker}, {lot.material}{catalogue}"


def lots_at(record: BatchRecord, material: Material, at: datetime) -> tuple[Lot, ...]:
    """The deliveries of the lot that an act named, each as it was registered at the minute of the act."""
    end, newest = times.end_of_minute(at), dict[str, Lot]()
    for lot in record.lots:
        if material.lot and lot.lot_key == key_of(material.lot) and lot.registered_at <= end:
            newest[lot.delivery_id] = lot
    same_name = tuple(lot for lot in newest.values() if lot.material_key == key_of(material.name))
    return same_name or tuple(newest.values())


def lot_stops(record: BatchRecord, entry: Entry) -> tuple[Stop, ...]:
    """A stop for every material of which no delivery of this lot was released, or in date, at the act."""
    day = record.day_of(entry.performed_at)
    return tuple(
        stop
        for material in named_materials(entry)
        for stop in _stops(material, lots_at(record, material, entry.performed_at), day)
    )


def _stops(material: Material, lots: tuple[Lot, ...], day: date) -> Iterator[Stop]:
    released = [lot for lot in lots if lot.status == LOT_RELEASED]
    if lots and not released:
        lot = lots[-1]
        state = {
            QUARANTINE: "is in quarantine",
            LOT_RECALLED: "is set aside, as it is recalled",
        }.get(lot.status, f"was rejected ({lot.reason})")
        yield Stop(
            "lot",
            f"Lot {lot.lot} of {lot.material} {state}.",
            "Take a lot that is released, or have this one released first."
            if lot.status == QUARANTINE
            else "Take another lot, and put this one away.",
        )
    expired = [lot for lot in released if lot.expiry and lot.expiry < day]
    if released and len(expired) == len(released) and not (material.expiry and material.expiry < day):
        lot = expired[-1]
        yield Stop(
            "expired lot",
            f"Lot {lot.lot} of {lot.material} expired on {lot.expiry}, as it is registered.",
            "Take a lot that is in date.",
        )


def lot_findings(record: BatchRecord, entry: Entry) -> list[Finding]:
    """Lots that the register does not know although it is kept for the material, and an expiry that differs from it."""
    title, found = record.process.step(entry.step_key).title, []
    for material in entry.materials():
        lots = lots_at(record, material, entry.performed_at)
        if material.lot and not lots and _kept(record, material, entry.performed_at):
            later = any(lot.lot_key == key_of(material.lot) for lot in record.lots)
            said = "was registered only after the act" if later else "is not in the register of lots"
            found.append(("lot not registered", f"{title}: lot {material.lot} of {material.name} {said}."))
        other = next((lot.expiry for lot in lots if lot.expiry and lot.expiry != material.expiry), None)
        if other and material.expiry and all(lot.expiry != material.expiry for lot in lots):
            sentence = (
                f"{title}: the expiry of lot {material.lot} was recorded as {material.expiry}, "
                f"and is {other} in the register."
            )
            found.append(("lot differs", sentence))
    return [
        Finding(rule, Severity.EXCEPTION, sentence, entry.step_key, entry.performed_at, entry.id)
        for rule, sentence in found
    ]


def _kept(record: BatchRecord, material: Material, at: datetime) -> bool:
    """Whether the register held any lot of this material by the act: before that it says nothing about it."""
    end = times.end_of_minute(at)
    return any(lot.material_key == key_of(material.name) and lot.registered_at <= end for lot in record.lots)
