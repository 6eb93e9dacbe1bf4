"""How health is judged: each limit at, below and above it."""

from __future__ import annotations

from datetime import timedelta

import pytest

from labrecords.domain.upkeep.health import (
    BACKUP_LOOK,
    BACKUP_WRONG,
    Finding,
    State,
    age_words,
    by_age,
    by_space,
    size_words,
    worst,
)

A_SECOND = timedelta(seconds=1)
GB = 1024**3


@pytest.mark.parametrize(
    ("age", "state"),
    [
        (timedelta(), State.GOOD),
        (BACKUP_LOOK, State.GOOD),
        (BACKUP_LOOK + A_SECOND, State.LOOK),
        (BACKUP_WRONG, State.LOOK),
        (BACKUP_WRONG + A_SECOND, State.WRONG),
        (None, State.WRONG),
    ],
)
def test_a_backup_is_judged_by_its_age(age: timedelta | None, state: State) -> None:
    assert by_age(age, BACKUP_LOOK, BACKUP_WRONG) is state


@pytest.mark.parametrize(
    ("free", "needed", "state"),
    [
        (100 * GB, 1 * GB, State.GOOD),
        (GB, 1000, State.LOOK),
        (5 * GB, 2 * GB, State.LOOK),
        (GB, 2 * GB, State.WRONG),
    ],
)
def test_a_disk_is_judged_by_what_a_copy_takes(free: int, needed: int, state: State) -> None:
    assert by_space(free, needed) is state


def test_the_worst_finding_counts() -> None:
    good, look = Finding("a", State.GOOD, "."), Finding("b", State.LOOK, ".", "do")
    assert worst([]) is State.GOOD
    assert worst([good, look, good]) is State.LOOK
    assert worst([look, Finding("c", State.WRONG, ".", "do")]) is State.WRONG


def test_ages_and_sizes_are_told_as_people_say_them() -> None:
    assert [age_words(timedelta(minutes=n)) for n in (-5, 0, 119, 120, 2879, 2880)] == [
        "0 min", "0 min", "119 min", "2 h", "47 h", "2 days",
    ]  # fmt: skip
    assert [size_words(n) for n in (0, 999, 1500, 999_499, 1_000_000, 1_049_999, 2_500_000_000)] == [
        "0 bytes", "999 bytes", "2 kB", "999 kB", "1.0 MB", "1.0 MB", "2.5 GB",
    ]  # fmt: skip
