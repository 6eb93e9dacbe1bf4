"""The balance of the product: what was left for injection = injected + residual (domain B22)."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING

from labrecords.domain.results.results import basis
from labrecords.domain.status import not_administered
from labrecords.domain.steps.administration import Injection
from labrecords.domain.steps.residual import Residual

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord


@dataclass(frozen=True)
class Balance:
    """Volumes in mL; the tolerance in per cent of what was left for injection."""

    available_ml: Decimal
    injected_ml: Decimal
    residual_ml: Decimal
    tolerance_percent: Decimal

    @property
    def difference_ml(self) -> Decimal:
        return self.available_ml - self.injected_ml - self.residual_ml

    @property
    def share_percent(self) -> Decimal | None:
        """The difference in per cent of what was available; None when nothing was, or more was drawn before."""
        return self.difference_ml.copy_abs() / self.available_ml * 100 if self.available_ml > 0 else None

    @property
    def closed(self) -> bool:
        """Whether the balance holds within the tolerance."""
        share = self.share_percent
        return not self.difference_ml if share is None else share <= self.tolerance_percent


def balance(record: BatchRecord) -> Balance | None:
    """The balance, or None until the residual is recorded, and the injection or that there was none."""
    available, injections, residuals = (
        basis(record).volume_left,
        record.of_kind(Injection),
        record.of_kind(Residual),
    )
    if available is None or not residuals or not (injections or not_administered(record)):
        return None
    return Balance(
        available_ml=available,
        injected_ml=sum((injection.injected_volume_ml() for injection in injections), Decimal(0)),
        residual_ml=sum((residual.volume_ml for residual in residuals), Decimal(0)),
        tolerance_percent=record.process.balance_tolerance_percent,
    )
