"""A reading of one thing that the process definition asks for: a number, a choice, a text, or yes or no."""

from __future__ import annotations

from dataclasses import dataclass, replace
from decimal import Decimal
from typing import TYPE_CHECKING, ClassVar

from labrecords.domain import facts
from labrecords.domain.entries import Entry
from labrecords.domain.facts import Fact, fact_named
from labrecords.domain.processes.process import Question, Step
from labrecords.domain.values.numbers import plain

if TYPE_CHECKING:
    from labrecords.domain.record import BatchRecord

UNASKED = Question("text", "What was read")
"""What is asked where the definition does not say it."""


@dataclass(frozen=True, kw_only=True)
class Observation(Entry):
    """Of the four facts one is asked: the one that the step's question names, with its label, unit and choices."""

    kind: ClassVar[str] = "reading"
    performer_label: ClassVar[str] = "Read by"

    number: Decimal | None = facts.number("Number", "", required=False)
    choice: str | None = facts.choice("Choice", (), required=False)
    text: str | None = facts.text("Text", required=False)
    yesno: bool | None = facts.yesno("Yes or no", required=False)

    @classmethod
    def asked(cls, step: Step) -> tuple[Fact, ...]:
        question = step.asks or UNASKED
        mine = fact_named(cls, question.type)
        return (
            replace(
                mine,
                label=question.label,
                unit=question.unit,
                choices=question.choices,
                required=True,
                signed=_can_be_negative(question, step),
            ),
        )

    def summary(self, record: BatchRecord) -> str:
        (fact,) = self.asked(record.process.step(self.step_key))
        value = getattr(self, fact.name)
        if isinstance(value, bool):
            value = "yes" if value else "no"
        said = plain(value) if isinstance(value, Decimal) else str(value)
        return f"{fact.label}: {said} {fact.unit}".rstrip()


def _can_be_negative(question: Question, step: Step) -> bool:
    """A temperature can, and what the definition itself lets go below 0."""
    least = step.limits["number"].hard[0] if "number" in step.limits else None
    return question.unit == "°C" or (least is not None and least < 0)
