"""The balance of each container: what it held = injected out of it + left in it (domain B22)."""

from __future__ import annotations

from collections.abc import Iterable
from decimal import Decimal
from typing import TYPE_CHECKING

from labrecords.domain.custody.names import key_of
from labrecords.domain.results.balance import Balance
from labrecords.domain.results.contents import held
from labrecords.domain.rules.finding import Finding, Severity
from labrecords.domain.status import not_administered
from labrecords.domain.steps.administration import Injection
from labrecords.domain.steps.residual import Residual
from labrecords.domain.values.numbers import plain

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord


def container_balances(record: BatchRecord) -> dict[str, Balance]:
    """By code, for a product in several containers; empty until the residual is recorded, and for a single one.

    A container of which nobody says what was left in it is open by all that was not injected out of it.
    """
    containers, residuals, injections = held(record), record.of_kind(Residual), record.of_kind(Injection)
    if len(containers) < 2 or not residuals or not (injections or not_administered(record)):
        return {}
    injected, left = (
        _sums(record, (out for one in injections for out in one.containers().items())),
        _left(record, residuals),
    )
    return {
        one.code: Balance(
            available_ml=one.volume_ml,
            injected_ml=injected.get(key, Decimal(0)),
            residual_ml=left.get(key, Decimal(0)),
            tolerance_percent=record.process.balance_tolerance_percent,
        )
        for key, one in containers.items()
        if one.volume_ml is not None
    }


def container_findings(record: BatchRecord) -> list[Finding]:
    """A standing finding for each container whose balance is open."""
    residuals = record.of_kind(Residual)
    return [
        Finding(
            "balance",
            Severity.EXCEPTION,
            f"The balance of {code} is open: {_words(found)}, more than {plain(found.tolerance_percent)} %.",
            residuals[-1].step_key,
            residuals[-1].performed_at,
            residuals[-1].id,
            "Measure what is left in each container, and correct the step that states it wrongly.",
        )
        for code, found in container_balances(record).items()
        if not found.closed
    ]


def _words(found: Balance) -> str:
    much = plain(found.difference_ml.copy_abs())
    whole = f"{plain(found.available_ml)} mL"
    if found.difference_ml > 0:
        return f"of {whole} {much} mL are unaccounted for"
    return f"{much} mL more came out than the {whole} that it held"


def _left(record: BatchRecord, residuals: Iterable[Residual]) -> dict[str, Decimal]:
    return _sums(record, ((row.container_code, row.volume_ml) for one in residuals for row in one.containers))


def _sums(record: BatchRecord, pairs: Iterable[tuple[str, Decimal]]) -> dict[str, Decimal]:
    found: dict[str, Decimal] = {}
    for code, volume_ml in pairs:
        key = key_of(record, code)
        found[key] = found.get(key, Decimal(0)) + volume_ml
    return found
