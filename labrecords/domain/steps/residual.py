"""What was left after the injection and what became of it (domain B22)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from labrecords.domain import facts
from labrecords.domain.entries import Entry
from labrecords.domain.permissions import Permission
from labrecords.domain.values.numbers import plain

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

FATES = ("destroyed", "retained for quality control", "nothing left")


@dataclass(frozen=True, kw_only=True)
class Residual(Entry):
    kind: ClassVar[str] = "residual"
    needs: ClassVar[Permission] = Permission.RECORD_CLINICAL

    volume_ml: Decimal = facts.number("Volume left", "mL", hint="0 when nothing was left")
    fate: str = facts.choice("What became of it", FATES)
    method: str | None = facts.text("How it was destroyed or kept", required=False)

    def summary(self, record: BatchRecord) -> str:
        return f"{plain(self.volume_ml)} mL, {self.fate}"
