"""The register of equipment and places: each registration is a new version of the piece or place with that code."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from zoneinfo import ZoneInfo

from sqlalchemy import func, select

from labrecords.actions.door import EQUIPMENT, Invalid, Stale, Tx, action
from labrecords.actions.projections import project_each, project_recent
from labrecords.domain.permissions import Permission, Role
from labrecords.domain.record import Equipment
from labrecords.domain.registers.equipment import CATEGORY, PLACES, Category
from labrecords.domain.registers.place_tree import inside, stands_in_itself
from labrecords.domain.registers.places import called, is_called, place_key
from labrecords.domain.values import times
from labrecords.domain.values.numbers import plain
from labrecords.models.batch_record import equipment_now, laboratory, people
from labrecords.models.people import left_before
from labrecords.models.places import batches_in
from labrecords.models.records import EquipmentRow

_CODE = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,29}")
"""What a code label can carry and an address can hold."""
_OF_PLACES = ("low_c", "high_c", "capacity", "read_every_h", "review_every_d")
"""What is registered of places alone."""
_SPEED = "Enter the greatest speed in rpm, from 100 to 100000."


@dataclass(frozen=True)
class EquipmentFacts:
    """What is registered of a piece or place: radii in cm, greatest speed in rpm, the day of the last check (of a room:
    monitoring), the days until which check and cleaning are valid. `model` is the name of a room."""

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
    last_check: date | None = None
    udi: str = ""
    low_c: Decimal | None = None
    high_c: Decimal | None = None
    capacity: int | None = None
    read_every_h: int | None = None
    review_every_d: int | None = None
    owner: str = ""


@action("equipment.registered", needs=Permission.MANAGE_EQUIPMENT, chains=(EQUIPMENT,))
def register_equipment(tx: Tx, *, facts: EquipmentFacts, seen: int | None = None) -> str:
    """Register a piece, or a new version of one. Batches keep the version they used. Returns the version's id.

    `seen` is how many versions the form knew of; Stale when there are others by now.
    """
    table = EquipmentRow.__table__
    versions = tx.session.execute(select(func.count()).where(table.c.code == facts.code)).scalar_one()
    if seen is not None and seen != versions:
        raise Stale(seen, versions)
    problems = _problems(facts) | _of_last_check(
        facts, times.local(tx.now, ZoneInfo(laboratory(tx.session).zone)).date()
    )
    known = {item.code: item for item in equipment_now(tx.session)}
    if facts.code in known and known[facts.code].category != facts.category:
        problems["code"] = f"{facts.code} is registered as a {known[facts.code].category}."
    if twin := _twin(facts, known.values()):
        problems["model"] = f"{twin.code} is called so already. A step that names it must mean one place."
    if wrong := _owner_problem(tx, facts):
        problems["owner"] = wrong
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
        last_check=facts.last_check.isoformat() if facts.last_check else None,
        udi=facts.udi or None,
        low_c=_text(facts.low_c),
        high_c=_text(facts.high_c),
        capacity=facts.capacity,
        read_every_h=facts.read_every_h,
        review_every_d=facts.review_every_d,
        owner=facts.owner or None,
    )
    if facts.category in PLACES and stands_in_itself(list(known.values()), item):
        raise Invalid({"place": f"{facts.code} would stand in itself, by way of {facts.place}."})
    before = known.get(facts.code)
    if before and item == replace(before, id=item.id, registered_at=item.registered_at):
        raise Invalid({"": "Nothing was changed: this is the version that is registered."})
    tx.subject, tx.detail = facts.code, {"code": facts.code}
    tx.add(item)
    project_recent(tx.session, tx.now)
    if before is None or (before.place, before.model) != (item.place, item.model):
        _project_kept(tx, item)
    return item.id


def _project_kept(tx: Tx, item: Equipment) -> None:
    """What stands in a place that is registered, named or moved now stands elsewhere: its batches are traced anew."""
    if item.category in PLACES:
        names = inside(equipment_now(tx.session), item.code) | {place_key(called(item))}
        project_each(tx.session, batches_in(names))


def _owner_problem(tx: Tx, facts: EquipmentFacts) -> str | None:
    """Why this cannot own what a place keeps, or None: a holder is somebody who can be asked."""
    category = CATEGORY.get(facts.category)
    if not facts.owner or category is None:
        return None
    if not category.place:
        return f"A {category.word} keeps no container: leave it empty."
    left = left_before(tx.session, tx.now)
    names = {person.name for person in people(tx.session) if person.id not in left}
    if facts.owner in names | {role.value for role in Role}:
        return None
    return f"Enter the name of somebody who works here, or a role: {', '.join(role.value for role in Role)}."


def _twin(facts: EquipmentFacts, known: Iterable[Equipment]) -> Equipment | None:
    """Another place that has the name or code of this one; None when there is none."""
    category = CATEGORY.get(facts.category)
    if category is None or not category.place:
        return None
    names = (facts.code, facts.code if category.made else facts.model)
    others = (item for item in known if item.code != facts.code)
    return next((item for item in others if any(is_called(item, name) for name in names)), None)


def _text(value: Decimal | None) -> str | None:
    return None if value is None else plain(value)


def _problems(facts: EquipmentFacts) -> dict[str, str]:
    problems = {}
    if not _CODE.fullmatch(facts.code):
        problems["code"] = (
            "Enter the code on the piece: up to 30 of A to Z, 0 to 9, hyphen, dot and underscore."
        )
    category = CATEGORY.get(facts.category)
    if not facts.model:
        room = category is not None and not category.made
        problems["model"] = "Enter the name of the place." if room else "Enter maker and model."
    if category is None:
        return {**problems, "category": "Choose what it is."}
    return problems | _not_of(category, facts) | _turning(category, facts) | _keeping(category, facts)


def _keeping(category: Category, facts: EquipmentFacts) -> dict[str, str]:
    """What is wrong with the temperatures and the room of a place."""
    found = {}
    if not category.place:
        for name in _OF_PLACES:
            if getattr(facts, name) is not None:
                found[name] = f"A {category.word} keeps no container: leave it empty."
    elif facts.low_c is not None and facts.high_c is not None and facts.low_c > facts.high_c:
        found["low_c"] = "The lowest temperature is above the highest."
    if category.place and facts.capacity is not None and not 1 <= facts.capacity <= 10_000:
        found["capacity"] = "Enter how many containers it takes, from 1 to 10000."
    if category.place and facts.read_every_h is not None and not 1 <= facts.read_every_h <= 8_760:
        found["read_every_h"] = "Enter hours from 1 to 8760, which is a year."
    if category.place and facts.review_every_d is not None and not 1 <= facts.review_every_d <= 366:
        found["review_every_d"] = "Enter days from 1 to 366."
    return found


def _not_of(category: Category, facts: EquipmentFacts) -> dict[str, str]:
    """What was stated that no piece of this category has."""
    if category.made:
        return {}
    stated = {
        "serial": ("serial number", facts.serial),
        "udi": ("UDI", facts.udi),
        "software": ("software", facts.software),
    }
    return {
        name: f"A {category.word} has no {words}: leave it empty."
        for name, (words, text) in stated.items()
        if text
    }


def _of_last_check(facts: EquipmentFacts, today: date) -> dict[str, str]:
    """What is wrong with the day of the last check."""
    if facts.last_check is None:
        return {}
    if facts.last_check > today:
        return {"last_check": "This day is in the future."}
    if facts.next_check and facts.next_check < facts.last_check:
        return {"next_check": "This is before the day on which it was last done. Correct one of the two."}
    return {}


def _turning(category: Category, facts: EquipmentFacts) -> dict[str, str]:
    """What is wrong with radii and speed."""
    problems = {}
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
