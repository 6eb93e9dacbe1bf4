"""What differs is said in the labels that a person knows: no name of a key is left, whatever was changed."""

from __future__ import annotations

import re

import pytest

from labrecords.domain.processes.difference_words import in_words
from labrecords.domain.processes.differences import Difference, differences
from labrecords.domain.processes.process_text import read_process
from tests.domain.test_differences import EVERY, OLD
from tests.support.shipped import shipped_text

FAT = read_process(shipped_text("svf_enzymatic"))


def test_no_single_change_is_told_with_the_name_of_a_key() -> None:
    told = [in_words(item, OLD, new) for new in EVERY for item in differences(OLD, new)]
    raw = [item for item in told if re.search(r"[a-z]_[a-z]|\w\.\w", f"{item.where} {item.label}")]
    assert raw == []
    assert len(told) > 600


@pytest.mark.parametrize(
    ("item", "where", "label", "before"),
    [
        (
            Difference("step digest", "limits.temperature_c.soft", "30 to 40", ""),
            "Step 8: Digest the fat",
            "Temperature, usual",
            "30 to 40",
        ),
        (
            Difference("result viability_percent", "limit.alert", "80 to open", ""),
            "Result: Viability",
            "No alert",
            "80 to open",
        ),
        (
            Difference("process", "label_set", "harvest | in-process", ""),
            "Whole batch",
            "Labels of a batch",
            "harvest container, containers in process, final container, accompanying record",
        ),
        (Difference("process", "max_age_h", "4", "6"), "Whole batch", "Age since harvest, at most", "4"),
        (
            Difference("yield", "mass", "wash_fat.fat_mass_g", ""),
            "Yield",
            "Mass of the tissue",
            "7 Wash the fat and weigh it",
        ),
        (
            Difference("step digest", "kind", "enzymatic_digestion", ""),
            "Step 8: Digest the fat",
            "Kind",
            "enzymatic digestion",
        ),
    ],
)
def test_place_label_and_value_are_those_of_page_and_print(
    item: Difference, where: str, label: str, before: str
) -> None:
    told = in_words(item, FAT, FAT)
    assert (told.where, told.label) == (where, label)
    assert told.before.startswith(before)
