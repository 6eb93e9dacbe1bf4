"""What makes a chamber count doubtful, and what to do about it: repeat it, dilute otherwise, ask (domain 3.2, 3.7)."""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal
from typing import TYPE_CHECKING

from labrecords.domain.calculations import counting
from labrecords.domain.results.remark import Remark
from labrecords.domain.rules.finding import Severity
from labrecords.domain.steps.chambers import AREAS_MM2, FEWEST_PER_MM2, MOST_PER_MM2
from labrecords.domain.steps.count_numbers import CV, cv_percent
from labrecords.domain.values.limits import Limit, Outcome, judge

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord
    from labrecords.domain.steps.counts import CellCount

CV_LIMIT = Limit(unit="%", decimals=1, acceptance=(None, Decimal(15)))
"""The spread between loadings above which a count is repeated, where the process does not say (domain 4)."""
MIX = "Mix the sample again and repeat the count."
NAMES = {"concentration_per_ml": "concentration", "viability_percent": "viability"}


def remarks(count: CellCount, record: BatchRecord) -> tuple[Remark, ...]:
    """Every doubt about a count, the gravest first."""
    return (
        *_disagreement(count, record),
        *_spread(count, record),
        *_unevenness(count),
        *_few(count, record.process.minimum_cells),
        *_density(count),
    )


def _disagreement(count: CellCount, record: BatchRecord) -> Iterator[Remark]:
    for key in sorted(count.withheld(record)):
        yield Remark(
            "loadings disagree",
            f"The loadings disagree on {NAMES[key]}: one passes the limit, another fails it. No mean is reported.",
            "Repeat the count: a pass is never averaged with a fail.",
            Severity.BLOCKING,
            repeat=True,
        )


def _spread(count: CellCount, record: BatchRecord) -> Iterator[Remark]:
    spread, limits = cv_percent(count), record.process.step(count.step_key).limits
    if spread is None:
        return
    judgement = judge(spread, limits.get(CV, CV_LIMIT))
    if judgement.outcome is Outcome.FAIL:
        # A limit of the process is judged with all others, and is a finding there.
        severity = None if CV in limits else Severity.EXCEPTION
        sentence = f"The loadings lie too far apart: {judgement.sentence}"
        yield Remark("loadings apart", sentence, MIX, severity, repeat=True)


def _unevenness(count: CellCount) -> Iterator[Remark]:
    loadings = count.loadings()
    for loading in loadings:
        if len(loading.cells) < 2 or not any(loading.cells):
            continue
        verdict = counting.evenness(loading.cells).verdict
        whose = f"of loading {loading.number}" if len(loadings) > 1 else "of the squares"
        if verdict == "clumped":
            yield Remark("uneven count", f"Evenness {whose}: clumped.", MIX, repeat=True)
        elif verdict == "too even":
            yield Remark(
                "too even",
                f"Evenness {whose}: too even. Cells scatter more than these counts do.",
                "Quality assurance asks whether every square was counted, and sees the raw data sheet.",
            )


def _few(count: CellCount, minimum: int) -> Iterator[Remark]:
    apart = count.live_and_dead()
    few = sum(apart) if apart else sum(square.total for square in count.squares)
    if few < minimum:
        what, cells = "Viability" if apart else "The count", "cell" if few == 1 else "cells"
        yield Remark(
            "few cells",
            f"{what} rests on {few} {cells} only.",
            f"Count at least {minimum} cells.",
            repeat=True,
        )


def _density(count: CellCount) -> Iterator[Remark]:
    """A hint while counting, and no finding: the result is judged by its interval."""
    cells = [square.total for square in count.squares]
    over_1_mm2 = Decimal(sum(cells)) / len(cells) / AREAS_MM2[count.chamber]
    if over_1_mm2 < FEWEST_PER_MM2:
        words, way_out = (
            f"fewer than {FEWEST_PER_MM2}",
            "Change the dilution: dilute less, or count more squares.",
        )
    elif over_1_mm2 > MOST_PER_MM2:
        words, way_out = (
            f"more than {MOST_PER_MM2}",
            "Change the dilution: dilute more, so that no cell is missed.",
        )
    else:
        return
    yield Remark("dilution", f"On 1 mm² lie {words} cells on average.", way_out, None)
