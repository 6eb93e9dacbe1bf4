"""Ids of containers: given in one shape."""

from __future__ import annotations

import pytest

from labrecords.domain.custody import container_ids as ids
from labrecords.domain.values import codes

SITE = "KRK"


@pytest.mark.parametrize(
    ("site_code", "part"),
    [("KRK", "KRKXX"), ("a9999", "A999X"), ("LAB123", "LAB1X"), ("7B", "X7BXX"), ("OSLO", "XOSLX")],
)
def test_the_site_part_is_clearly_the_laboratorys_own(site_code: str, part: str) -> None:
    assert ids.site_part(site_code) == part


def test_an_id_has_site_year_sequence_and_check_character() -> None:
    code = ids.new_code(SITE, 2026, 1)
    assert code[:-1] == "KRKXX26000001"
    assert code[-1] == codes.check_character("KRKXX26000001")
    assert ids.shown(code) == f"KRKXX 26 000001 {code[-1]}"
    assert ids.is_own(ids.shown(code).lower(), SITE)
    with pytest.raises(ValueError, match="given out"):
        ids.new_code(SITE, 2026, 1_000_000)
