"""The register of equipment: each registration is a new version of the piece with that code."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal

from sqlalchemy import func, select

from labrecords.actions.door import EQUIPMENT, Invalid, Stale, Tx, action
from labrecords.domain.equipment import CATEGORY
from labrecords.domain.numbers import plain
from labrecords.domain.permissions import Permission
from labrecords.domain.record import Equipment
from labrecords.models.batch_record import equipment_now
from labrecords.models.records import EquipmentRow

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,29}")
"""What a code label can carry and an address can hold."""
_SPEED = "Enter the greatest speed in rpm, from 100 to 100000."


@dataclass(frozen=True)
class EquipmentFacts:
    """What is registered of a piece: radii in cm, greatest speed in rpm, the days until which check and cleaning are
    valid."""

    code: str
    category: str
    model: str
    r_max_cm: Decimal | None = None
    r_av_cm: Decimal | None = None
    max_speed_rpm: Decimal | None = None
    next_check: date | None = None
    in_service: bool = True
    next_clean: date | None = None
    serial: str = ""
    software: str = ""
    place: str = ""


@action("equipment.registered", needs=Permission.MANAGE_EQUIPMENT, chains=(EQUIPMENT,))
def register_equipment(tx: Tx, *, facts: EquipmentFacts, seen: int | None = None) -> str:
    """Register a piece, or a new version of one. Batches keep the version they used. Returns the version's id.

    `seen` is how many versions the form knew of; Stale when there are others by now.
    """
    table = EquipmentRow.__table__
    versions = tx.session.execute(select(func.count()).where(table.c.code == facts.code)).scalar_one()
    if seen is not None and seen != versions:
        raise Stale(seen, versions)
    problems = _problems(facts)
    known = {item.code: item for item in equipment_now(tx.session)}
    if facts.code in known and known[facts.code].category != facts.category:
        problems["code"] = f"{facts.code} is registered as a {known[facts.code].category}."
    if problems:
        raise Invalid(problems)
    item = Equipment(
        id=tx.new_id(),
        code=facts.code,
        category=facts.category,
        model=facts.model,
        r_max_cm=_text(facts.r_max_cm),
        r_av_cm=_text(facts.r_av_cm),
        max_speed_rpm=_text(facts.max_speed_rpm),
        next_check=facts.next_check.isoformat() if facts.next_check else None,
        in_service=facts.in_service,
        registered_at=tx.now,
        next_clean=facts.next_clean.isoformat() if facts.next_clean else None,
        serial=facts.serial,
        software=facts.software,
        place=facts.place,
    )
    before = known.get(facts.code)
    if before and item == replace(before, id=item.id, registered_at=item.registered_at):
        raise Invalid({"": "Nothing was changed: this is the version that is registered."})
    tx.subject, tx.detail = facts.code, {"code": facts.code}
    tx.add(item)
    return item.id


def _text(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


def _problems(facts: EquipmentFacts) -> dict[str, str]:
    problems = {}
    if not _CODE.fullmatch(facts.code):
        problems["code"] = (
            "Enter the code on the piece: up to 30 of A to Z, 0 to 9, hyphen, dot and underscore."
        )
    if not facts.model:
        problems["model"] = "Enter maker and model."
    category = CATEGORY.get(facts.category)
    if category is None:
        return {**problems, "category": "Choose what it is."}
    if category.radii:
        if facts.r_max_cm is None or not 1 <= facts.r_max_cm <= 50:
            problems["r_max_cm"] = (
                "Enter the greatest radius in cm, from 1 to 50. Millimetres would be ten times that."
            )
        elif facts.r_av_cm is not None and not 0 < facts.r_av_cm <= facts.r_max_cm:
            problems["r_av_cm"] = "The average radius is not above the greatest one."
        if facts.max_speed_rpm is None:
            problems["max_speed_rpm"] = _SPEED
    elif facts.r_max_cm is not None or facts.r_av_cm is not None:
        problems["r_max_cm"] = (
            f"A {category.word} has no radius of its own: leave it empty, and register its rotor."
            if category.speed
            else f"A {category.word} has no radius: leave it empty."
        )
    if facts.max_speed_rpm is not None and not category.speed:
        problems["max_speed_rpm"] = f"A {category.word} does not turn: leave it empty."
    elif facts.max_speed_rpm is not None and not 100 <= facts.max_speed_rpm <= 100000:
        problems["max_speed_rpm"] = _SPEED
    return problems
