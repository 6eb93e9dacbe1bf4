"""Which versions of a step belong to one measurement."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from labrecords.domain.entries import CORRECTED, REPEATED, REPORTED
from labrecords.domain.results.measurements import measurements
from tests.support.clean import clean, entry_of

FIRST = entry_of(clean("count_after"), "count_after")


@given(st.lists(st.sampled_from([CORRECTED, REPEATED, REPORTED]), max_size=8))
def test_every_version_stands_in_one_measurement_and_only_repeats_and_reports_begin_one(
    follows: list[str],
) -> None:
    history = [FIRST, *(replace(FIRST, replaces_id="x", follows_as=word) for word in follows)]
    found = measurements(history)
    assert [entry for versions in found for entry in versions] == history
    begin = (REPEATED, REPORTED)
    assert len(found) == 1 + sum(word in begin for word in follows)
    assert all(later[0].follows_as in begin for _, later in pairwise(found))
    assert all(entry.follows_as not in begin for versions in found for entry in versions[1:])


def test_nothing_recorded_is_no_measurement() -> None:
    assert measurements([]) == ()
