"""The legends of a label as a table: which stands on which kind, when, and by which rule (domain 5.6)."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

from labrecords.domain.labels.prints import Line
from labrecords.domain.results.assay_results import open_late_tests
from labrecords.domain.review.decisions import RELEASED, sealed_decisions
from labrecords.domain.rules.exclusions import MARKERS, NEGATIVE, POSITIVE
from labrecords.domain.steps.order import Order
from labrecords.domain.values.typography import mid_sentence

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

HARVEST, IN_PROCESS, FINAL, SAMPLE, QUARANTINED = "harvest", "in-process", "final", "sample", "quarantine"
MATERIAL = (HARVEST, IN_PROCESS, FINAL, QUARANTINED)
"""The kinds of labels of what may go back to the patient; a sample never does."""
EVERY = (*MATERIAL, SAMPLE)


@dataclass(frozen=True)
class Legend:
    """A legend: its name, the kinds of labels it stands on, its text where it applies, and the rule it comes from."""

    name: str
    kinds: tuple[str, ...]
    text: Callable[[BatchRecord], str | None]
    why: str
    partial: bool = False
    """Whether a partial label bears it too; the others then stand in the record that accompanies the container."""


def legends(record: BatchRecord, kind: str, partial: bool = False) -> tuple[Line, ...]:
    """The legends that a label of this kind bears as the record stands, in the order of the table."""
    return tuple(
        Line(legend.name, words, legend.why)
        for legend in LEGENDS
        if kind in legend.kinds
        and (legend.partial or not partial)
        and (words := legend.text(record)) is not None
    )


def _always(text: str) -> Callable[[BatchRecord], str | None]:
    return lambda record: text


def _on_pathway(pathways: tuple[str, ...], text: str) -> Callable[[BatchRecord], str | None]:
    return lambda record: text if record.process.pathway in pathways else None


def _results(record: BatchRecord) -> dict[str, str | None]:
    """The result of each marker by its words; None where nobody stated one. The last order counts."""
    orders = record.of_kind(Order)
    return {words: getattr(orders[-1], name) if orders else None for name, words in MARKERS.items()}


def _unreleased(record: BatchRecord) -> str | None:
    release = any(made.decision == RELEASED for made, _ in sealed_decisions(record))
    return "In quarantine until released" if record.process.release_required and not release else None


def _not_evaluated(record: BatchRecord) -> str | None:
    """Without a result for every marker the donor was not evaluated, whatever the results there are."""
    complete = all(result in (NEGATIVE, POSITIVE) for result in _results(record).values())
    return None if complete else "NOT EVALUATED FOR INFECTIOUS SUBSTANCES"


def _reactive(record: BatchRecord) -> str | None:
    found = [words for words, result in _results(record).items() if result == POSITIVE]
    return f"BIOHAZARD. WARNING: Reactive test results for {', '.join(found)}" if found else None


def _conditional(record: BatchRecord) -> str | None:
    waiting = [mid_sentence(item.step.title) for item in open_late_tests(record)]
    return f"Conditional release: {', '.join(waiting)} pending" if waiting else None


LEGENDS = (
    Legend(
        "quarantine",
        (QUARANTINED,),
        _always("QUARANTINE - not released"),
        "21 CFR 1271.60(a): material before release is told apart",
        partial=True,
    ),
    Legend(
        "in quarantine",
        (HARVEST, IN_PROCESS),
        _unreleased,
        "21 CFR 1271.60(a): what travels before its release is told apart",
    ),
    Legend("autologous", MATERIAL, _always("FOR AUTOLOGOUS USE ONLY"), "21 CFR 1271.90(c)(1)", partial=True),
    Legend(
        "not evaluated",
        MATERIAL,
        _not_evaluated,
        "21 CFR 1271.90(c)(2): the order has no result for each marker",
    ),
    Legend(
        "biohazard",
        EVERY,
        _reactive,
        "21 CFR 1271.90(c)(3) to (5): a marker of the order is positive",
        partial=True,
    ),
    Legend("conditional", (FINAL,), _conditional, "21 CFR 1271.60(d): results come after the release"),
    Legend(
        "investigational",
        (FINAL,),
        _on_pathway(
            ("US_351_PH1",),
            "Caution: New Drug - Limited by Federal (or United States) law to investigational use.",
        ),
        "21 CFR 312.6(a)",
    ),
    Legend(
        "clinical trial",
        (FINAL,),
        _on_pathway(("EU_ATMP_IMP",), "For clinical trial use only"),
        "Regulation (EU) 536/2014, Annex VI",
    ),
    Legend("prescription", (FINAL,), _on_pathway(("US_351",), "Rx only"), "21 CFR 201.100(b)(1)"),
)
