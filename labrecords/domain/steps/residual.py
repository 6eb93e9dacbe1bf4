"""What was left after the injection and what became of it (domain B22)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, ClassVar

from labrecords.domain import facts
from labrecords.domain.custody.containers import container_stop
from labrecords.domain.entries import Entry, Stop
from labrecords.domain.permissions import Permission
from labrecords.domain.review.decisions import expired_word
from labrecords.domain.review.expired import FATE_AFTER, waiting_stop
from labrecords.domain.steps.administration import Injection
from labrecords.domain.values.numbers import plain

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

NOTHING_LEFT = "nothing left"
FATES = ("destroyed", "retained for quality control", "returned", NOTHING_LEFT)


@dataclass(frozen=True, kw_only=True)
class Leftover:
    """What was left in one container."""

    container_code: str = facts.code("Container", hint="Scan or type the code on it")
    volume_ml: Decimal = facts.number("Left in it", "mL")


@dataclass(frozen=True, kw_only=True)
class Residual(Entry):
    kind: ClassVar[str] = "residual"
    needs: ClassVar[Permission] = Permission.RECORD_CLINICAL

    volume_ml: Decimal = facts.number("Volume left", "mL", hint="0 when nothing was left")
    fate: str = facts.choice("What became of it", FATES)
    method: str | None = facts.text("How it was destroyed or kept", required=False)
    containers: tuple[Leftover, ...] = facts.rows(
        "Left in each container", Leftover, required=False, hint="Where the product was in several"
    )

    @classmethod
    def contradictions(cls, values: Mapping[str, Any]) -> dict[str, str]:
        found, rows = {}, values.get("containers") or ()
        whole = sum((row.volume_ml for row in rows), Decimal(0))
        if rows and whole != values["volume_ml"]:
            found["volume_ml"] = f"The containers hold {plain(whole)} mL together."
        if values["fate"] == NOTHING_LEFT and values["volume_ml"]:
            found["fate"] = "Something was left: say what became of it."
        return found

    @classmethod
    def answered(cls, values: Mapping[str, Any]) -> frozenset[str]:
        return frozenset({"containers"})

    def stops(self, record: BatchRecord) -> tuple[Stop, ...]:
        found = [container_stop(record, self.step_key, row.container_code) for row in self.containers]
        if not record.of_kind(Injection):
            found.append(waiting_stop(record, self.performed_at) or self._other_fate(record))
        return tuple(stop for stop in found if stop)

    def _other_fate(self, record: BatchRecord) -> Stop | None:
        """A stop where something else was done with an expired product than quality assurance had signed."""
        word = expired_word(record, self.performed_at)
        if word is None or self.fate == FATE_AFTER[word.decision]:
            return None
        return Stop(
            rule="disposition",
            sentence=f"It was {self.fate}, and quality assurance had signed “{word.decision}”.",
            way_out="Do what was signed, or have it signed anew.",
        )

    def summary(self, record: BatchRecord) -> str:
        rows = ", ".join(f"{row.container_code} {plain(row.volume_ml)} mL" for row in self.containers)
        return f"{plain(self.volume_ml)} mL, {self.fate}" + (f"; {rows}" if rows else "")
