"""Containers of one product poured together into a new one: only what is of one chain of identity (1271.220)."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from labrecords.domain import facts
from labrecords.domain.custody.containers import container_stop, only_out_of, own_code_stop, record_before
from labrecords.domain.custody.names import key_of
from labrecords.domain.entries import Entry, Stop
from labrecords.domain.results.contents import held
from labrecords.domain.results.expiry import expiry_stop
from labrecords.domain.results.remark import Remark
from labrecords.domain.rules.finding import Severity
from labrecords.domain.values import codes
from labrecords.domain.values.numbers import plain

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord


@dataclass(frozen=True, kw_only=True)
class Poured:
    """What was taken out of one container."""

    container_code: str = facts.code("Out of container", hint="Scan or type the code on the container")
    volume_ml: Decimal = facts.number("Volume taken", "mL")
    left_ml: Decimal = facts.number("Left in it", "mL", hint="0 when all of it was taken")


@dataclass(frozen=True, kw_only=True)
class Pool(Entry):
    kind: ClassVar[str] = "pool"
    remakes: ClassVar[bool] = True
    performer_label: ClassVar[str] = "Pooled by"

    poured: tuple[Poured, ...] = facts.rows("Poured together", Poured)
    container_code: str = facts.code("Into container", hint="A new one, with a code of its own", new=True)
    total_ml: Decimal = facts.number("Volume of it all", "mL", hint="As it is in the new container")

    @classmethod
    def contradictions(cls, values: Mapping[str, Any]) -> dict[str, str]:
        found = {}
        out_of = [codes.normalise(row.container_code) for row in values["poured"]]
        if len(out_of) < 2:
            found["poured"] = "A pool comes out of two containers or more."
        elif len(set(out_of)) < len(out_of):
            found["poured"] = "One container is there twice: state all that was taken out of it in one row."
        elif any(not row.volume_ml for row in values["poured"]):
            found["poured"] = "More than 0 mL was taken out of each container. Leave out the others."
        if not values["total_ml"]:
            found["total_ml"] = "The new container holds more than 0 mL."
        return found

    def contradictions_in(self, record: BatchRecord) -> dict[str, str]:
        """No container can be poured into what it was itself filled from: nothing comes before its own origin."""
        for row in self.poured:
            if only_out_of(record, row.container_code, self):
                sentence = f"{row.container_code} was filled out of {self.container_code}: it cannot be poured into it."
                return {"poured": sentence}
        return {}

    def sources(self) -> tuple[str, ...]:
        return tuple(row.container_code for row in self.poured)

    def fills(self) -> tuple[str, ...]:
        return (*(row.container_code for row in self.poured if row.left_ml), self.container_code)

    def pours_into(self) -> tuple[str, ...]:
        return (self.container_code,)

    def held_after(self) -> dict[str, Decimal]:
        left = {row.container_code: row.left_ml for row in self.poured}
        return left | {self.container_code: self.total_ml}

    def poured_ml(self) -> Decimal:
        """What was taken out of all containers together, in mL."""
        return sum((row.volume_ml for row in self.poured), Decimal(0))

    def stops(self, record: BatchRecord) -> tuple[Stop, ...]:
        found = [container_stop(record, self.step_key, code) for code in self.sources()]
        found += [expiry_stop(record, self.performed_at, code) for code in self.sources()]
        way_out = "What is pooled goes into a new container with an id of its own, from the page Labels."
        found.append(own_code_stop(record, self.step_key, self.container_code, way_out, *self.sources()))
        return (*(stop for stop in found if stop), *self._overdrawn(record))

    def _overdrawn(self, record: BatchRecord) -> Iterator[Stop]:
        """A stop for each container out of which more is taken than the record says is in it."""
        for row, there in self._before(record):
            if row.volume_ml > there:
                sentence = (
                    f"{plain(row.volume_ml)} mL are more than the {plain(there)} mL in {row.container_code}."
                )
                yield Stop("volume", sentence, "Read the volume on the container again.")

    def _before(self, record: BatchRecord) -> Iterator[tuple[Poured, Decimal]]:
        """Each row with how much (mL) its container held before this act; without those of which nobody stated it."""
        earlier = record_before(record, self)
        for row in self.poured:
            there = held(earlier).get(key_of(earlier, row.container_code))
            if there is not None and there.volume_ml is not None:
                yield row, there.volume_ml

    def remarks(self, record: BatchRecord) -> tuple[Remark, ...]:
        """The pool is as much as was taken, and each container as much as its record, within the tolerance."""
        allowed = record.process.balance_tolerance_percent
        pairs = [("the pool", self.total_ml, "was taken", self.poured_ml())]
        pairs += [
            (row.container_code, row.volume_ml + row.left_ml, "was in it", there)
            for row, there in self._before(record)
        ]
        return tuple(
            Remark(
                "pool",
                f"{what} is {plain(stated)} mL, and {plain(known)} mL {where}: more than {plain(allowed)} % apart.",
                "Measure the containers again, and look where the rest is.",
                Severity.BLOCKING,
            )
            for what, stated, where, known in pairs
            if abs(stated - known) * 100 > allowed * known
        )

    def summary(self, record: BatchRecord) -> str:
        rows = ", ".join(
            f"{plain(row.volume_ml)} mL of {row.container_code}"
            + (f" ({plain(row.left_ml)} mL left)" if row.left_ml else "")
            for row in self.poured
        )
        return f"{rows} into {self.container_code}, {plain(self.total_ml)} mL in all"
