"""What is where: the places of the laboratory in each other, and the containers that each keeps now."""

from __future__ import annotations

from dataclasses import dataclass

from flask import render_template
from flask.typing import ResponseReturnValue

from labrecords.domain.custody.traces import stored_key
from labrecords.domain.permissions import Permission
from labrecords.domain.record import Equipment
from labrecords.domain.registers.place_tree import levels, owner_of, range_kept, takes, words
from labrecords.domain.registers.places import called
from labrecords.domain.rules.temperature_findings import range_words
from labrecords.models.batch_record import equipment_now
from labrecords.models.places import Stored, stored_now
from labrecords.models.session import db
from labrecords.web.guard import Pages
from labrecords.web.signed_in import installation

pages = Pages("storage", __name__)


@dataclass(frozen=True)
class PlaceRow:
    """One place with what it keeps."""

    item: Equipment
    deep: int
    words: str
    keeps_at: str
    """The temperatures that it keeps, its own or those of the place around it; empty where nobody stated them."""
    owner: str
    """Its own, or that of the place around it; empty where nobody was registered."""
    stored: list[Stored]

    @property
    def takes(self) -> int | None:
        return takes(self.item)

    @property
    def over(self) -> bool:
        """Whether it keeps more than it takes."""
        return self.takes is not None and len(self.stored) > self.takes


@pages.page("/storage", needs=Permission.READ_BATCHES)
def tree() -> ResponseReturnValue:
    register = [item for item in equipment_now(db.session()) if item.in_service]
    left = list(stored_now(db.session()))
    rows, now = [], installation().store.clock()
    for deep, item in levels(register):
        begins = {stored_key(item.code), stored_key(called(item))}
        here = [one for one in left if one.key.partition("\n")[0] + "\n" in begins]
        left = [one for one in left if one not in here]
        owner = owner_of(register, item.code, now)
        rows.append(PlaceRow(item, deep, words(item), _keeps_at(register, item), owner, here))
    return render_template("storage/tree.html", rows=rows, elsewhere=left)


def _keeps_at(register: list[Equipment], item: Equipment) -> str:
    found = range_kept(register, item.code, installation().store.clock())
    return range_words(found) if found else ""
