"""The check at the bedside and the injection on their pages: red before the needle, and each value named after it."""

from __future__ import annotations

from labrecords.domain.rules.finding import Severity
from labrecords.domain.rules.findings import findings
from tests.support.lab import Lab
from tests.support.reading import words
from tests.support.typed import typed

FORM = "performed_by"


def test_a_wrong_side_turns_the_page_red_before_the_needle_and_stays_critical_after(lab: Lab) -> None:
    number = lab.play("handover_theatre")
    url, client = f"/batches/{number}/steps/bedside", lab.client("paula")
    wrong = typed(lab, number, "bedside", **{"sites-1-side": "left"})
    answer = client.submit(url, wrong, having=FORM)
    said = "Wrong side (midline is ordered there): intervertebral disc L5/S1, left"
    assert said in words(answer)
    assert lab.record(number).current("bedside") is None
    happened = wrong | {"happened_reason": "The side was marked wrongly, and seen after the puncture."}
    assert client.submit(url, happened, having="happened_reason", response=answer).status_code == 303
    (finding,) = [found for found in findings(lab.record(number)) if found.step_key == "bedside"]
    assert (finding.rule, finding.severity) == ("wrong site", Severity.CRITICAL)


def test_an_injection_names_each_of_its_values_and_shows_the_dose_of_each_site(lab: Lab) -> None:
    number = lab.play("injection")
    page = words(lab.client("paula").get(f"/batches/{number}/steps/injection"))
    for part in ("needle gauge 22 G", "contrast none", "volume 2.0 mL", "Dose at site 2"):
        assert part in page, part
