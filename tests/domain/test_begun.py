"""While a step is filled in, whatever is still blank is no fault; a rule that fails though all is stated is one."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import pytest

from labrecords.domain import facts
from labrecords.domain.entries import Entry, Stop
from labrecords.domain.facts import FactType, facts_of
from labrecords.domain.rules.begun import materials_so_far, stops_so_far
from tests.support.example import example_record

PLAIN = ("id", "batch_id", "step_key", "performed_by", "recorded_by", "performed_at", "recorded_at")
ENTRIES = {entry.kind: entry for entry in example_record().entries}


@dataclass(frozen=True, kw_only=True)
class Faulty(Entry):
    """A kind whose rule compares a text with a number: wrong, however much is stated."""

    kind: ClassVar[str] = "faulty"
    word: str = facts.text("Word")

    def stops(self, record: Any) -> tuple[Stop, ...]:
        assert self.word > 1  # type: ignore[operator]
        return ()


@pytest.mark.parametrize("kind", sorted(ENTRIES))
def test_any_blank_in_a_half_filled_form_is_no_fault(kind: str) -> None:
    entry = ENTRIES[kind]
    blanks: dict[str, Any] = {
        fact.name: () if fact.type is FactType.ROWS else None for fact in facts_of(type(entry))
    }
    forms = [{name: value} for name, value in blanks.items()]
    forms += [{name: value for name, value in blanks.items() if name != kept} for kept in blanks]
    for form in [*forms, blanks]:
        begun = replace(entry, **form)
        assert all(stop.sentence for stop in stops_so_far(example_record(), begun))
        materials_so_far(begun)


def test_a_rule_that_fails_although_all_is_stated_is_not_silenced() -> None:
    told: dict[str, Any] = {name: getattr(ENTRIES["receipt"], name) for name in PLAIN}
    half = Faulty(**told, word=None)  # type: ignore[arg-type]
    assert stops_so_far(example_record(), half) == ()
    with pytest.raises(TypeError):
        stops_so_far(example_record(), replace(half, word="two"))
