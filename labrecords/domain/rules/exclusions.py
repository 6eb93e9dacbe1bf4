"""What is asked before a harvest: reasons against it, and infectious markers of the patient (domain B1).

Everything is a fact of the order. A reason against the harvest stops nothing here: the physician decides, and whoever
reviews the batch sees it. An unasked question is no answer, and is seen too.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from labrecords.domain.results.remark import Remark

NO, YES, NOT_ASKED = "no", "yes", "not asked"
ANSWERS = (NO, YES, NOT_ASKED)
NEGATIVE, POSITIVE, NOT_TESTED = "negative", "positive", "not tested"
MARKER_RESULTS = (NEGATIVE, POSITIVE, NOT_TESTED)
EXCLUSIONS = {
    "infection": "active infection",
    "malignancy": "malignancy",
    "anticoagulant_drugs": "anticoagulant drugs",
    "allergy": "allergy to heparin, citrate or contrast medium",
}
"""Names of the facts that are answered with one of ANSWERS, in words."""
MARKERS = {"hiv": "HIV", "hbv": "HBV", "hcv": "HCV", "syphilis": "syphilis"}
"""Names of the facts that are answered with one of MARKER_RESULTS, in words."""
WORDS, TESTED_ON = "exclusion_words", "markers_tested_on"
_WAY_OUT = "The physician decides whether the harvest goes on. Quality assurance reads this at the review."


def _answered(values: Mapping[str, Any], names: Mapping[str, str], *answers: str) -> list[str]:
    return [words for name, words in names.items() if values.get(name) in answers]


def exclusion_problems(values: Mapping[str, Any]) -> dict[str, str]:
    """What cannot stand alone: a yes without words, a result without the day of the test. A sentence per fact."""
    found = {}
    if (yes := _answered(values, EXCLUSIONS, YES)) and not values.get(WORDS):
        found[WORDS] = f"Write what is known: {', '.join(yes)}."
    tested = _answered(values, MARKERS, NEGATIVE, POSITIVE)
    if tested and values.get(TESTED_ON) is None:
        found[TESTED_ON] = f"A result is stated with the day of the test: {', '.join(tested)}."
    if values.get(TESTED_ON) is not None and not tested:
        found[TESTED_ON] = "A day is stated, and no marker was tested. State the results, or leave it empty."
    return found


def needless(values: Mapping[str, Any]) -> frozenset[str]:
    """The facts that nothing that was answered asks for: words without a yes, a day without a test."""
    words = frozenset() if _answered(values, EXCLUSIONS, YES) else frozenset({WORDS})
    return words if _answered(values, MARKERS, NEGATIVE, POSITIVE) else words | {TESTED_ON}


def exclusion_remarks(values: Mapping[str, Any]) -> tuple[Remark, ...]:
    """What speaks against the harvest, what was not asked, and which marker is positive: each a finding."""
    found = []
    if yes := _answered(values, EXCLUSIONS, YES):
        found.append(f"The patient has a reason against the harvest ({', '.join(yes)}): {values[WORDS]}")
    if unasked := _answered(values, EXCLUSIONS, NOT_ASKED):
        found.append(f"The patient was not asked about {', '.join(unasked)}.")
    if positive := _answered(values, MARKERS, POSITIVE):
        found.append(f"An infectious marker is positive: {', '.join(positive)}.")
    return tuple(Remark("exclusion check", sentence, _WAY_OUT) for sentence in found)
