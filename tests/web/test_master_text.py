"""The text of a master record changed by a page: only what was meant changes, and the comments stay."""

from __future__ import annotations

import difflib
from copy import deepcopy
from importlib import resources
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from labrecords.web.masters.text import CannotRewrite, plain, rewritten

SHIPPED = {
    item.name: item.read_text()
    for item in (resources.files("labrecords.domain.processes") / "shipped").iterdir()
}
TEXT = SHIPPED["bone_marrow_concentrate.toml"]


def changed_lines(old: str, new: str) -> list[str]:
    """The lines that were taken away (-) and added (+), blank ones aside."""
    found = difflib.ndiff(old.splitlines(), new.splitlines())
    return [line for line in found if line[0] in "+-" and line[2:].strip()]


def step(data: dict[str, Any], key: str) -> dict[str, Any]:
    return next(item for item in data["step"] if item["key"] == key)


@pytest.mark.parametrize("name", list(SHIPPED))
def test_a_text_that_says_what_is_wanted_stays_as_it_is(name: str) -> None:
    assert rewritten(SHIPPED[name], plain(SHIPPED[name])) == SHIPPED[name]


def test_one_limit_changes_one_line() -> None:
    data = plain(TEXT)
    step(data, "receipt")["limits"]["volume_ml"]["soft"] = ["25", "200.0"]
    assert changed_lines(TEXT, rewritten(TEXT, data)) == [
        '- limits.volume_ml = { unit = "mL", decimals = 1, hard = ["1", "1000"], soft = ["20", "240"] }',
        '+ limits.volume_ml = { unit = "mL", decimals = 1, hard = ["1", "1000"], soft = ["25", "200.0"] }',
    ]


def test_limits_are_added_to_a_step_that_had_none_and_taken_from_one_that_had() -> None:
    data = plain(TEXT)
    limit = {"unit": "mL", "hard": ["0", "9"]}
    step(data, "order")["limits"] = {"draws.volume_ml": limit, "volume_ml": limit}
    del step(data, "receipt")["limits"]["volume_ml"]
    del step(data, "residual")["limits"]
    new = rewritten(TEXT, data)
    assert plain(new) == data
    added = [line for line in changed_lines(TEXT, new) if line[0] == "+"]
    assert added == [
        '+ limits."draws.volume_ml" = { unit = "mL", hard = ["0", "9"] }',
        '+ limits.volume_ml = { unit = "mL", hard = ["0", "9"] }',
    ]


def test_a_comment_beside_a_truth_value_stays() -> None:
    text = TEXT.replace("release_required = true", "release_required = true # by QA")
    data = plain(text)
    data["process"]["release_required"] = False
    assert "release_required = false # by QA" in rewritten(text, data)


def test_a_comment_beside_a_value_and_between_steps_stays() -> None:
    text = TEXT.replace('version = "1"', 'version = "1"  # the first')
    text = text.replace('[[step]]\nkey = "harvest"', '# Harvest: in theatre\n[[step]]\nkey = "harvest"')
    data = plain(text)
    data["process"]["version"] = "2"
    step(data, "identity_harvest")["sop"] = "SOP-003"
    new = rewritten(text, data)
    assert 'version = "2"  # the first' in new
    assert "# Harvest: in theatre" in new
    assert new.startswith(text[:400])


def test_a_step_is_added_moved_and_removed() -> None:
    data = plain(TEXT)
    added = {"key": "look", "kind": "sample", "title": "Look “again”", "instruction": "One.\nTwo."}
    data["step"].insert(3, added)
    data["step"].append(data["step"].pop(0))
    data["step"] = [item for item in data["step"] if item["key"] != "residual"]
    new = rewritten(TEXT, data)
    assert plain(new) == data
    assert '\n\n[[step]]\nkey = "look"' in new
    assert "\n\n[[result]]" in new


def test_the_first_time_limit_begins_a_list_and_the_last_ends_it() -> None:
    without = plain(TEXT)
    without.pop("time_limit", None)
    text = rewritten(TEXT, without)
    limits = [{"from": "harvest", "to": "receipt", "label": "Transport", "max_min": "60"}]
    new = rewritten(text, without | {"time_limit": limits})
    assert changed_lines(text, new)[0] == "+ [[time_limit]]"
    assert plain(rewritten(new, without)) == without


def test_tables_with_headings_of_their_own_are_understood() -> None:
    text = TEXT.replace(
        'limits.volume_ml = { unit = "mL", decimals = 1, hard = ["0", "500"] }',
        '[step.limits.volume_ml]\nunit = "mL"\ndecimals = 1\nhard = ["0", "500"]',
    )
    data = plain(text)
    step(data, "residual")["limits"]["volume_ml"]["hard"] = ["0", "250"]
    step(data, "residual")["sop"] = "SOP-9"
    assert plain(rewritten(text, data)) == data


def test_steps_as_one_list_of_inline_tables_become_tables() -> None:
    text = 'step = [{ key = "a", kind = "sample" }, { key = "b", kind = "sample" }]\n'
    data = plain(text)
    data["step"][0]["title"] = "A"
    new = rewritten(text, data)
    assert plain(new) == data
    assert new.count("[[step]]") == 2


def test_steps_scattered_over_the_text_are_changed_where_they_belong() -> None:
    text = '[[step]]\nkey = "a"\n\n[[result]]\nkey = "r"\n\n[[step]]\nkey = "b"\n'
    data = plain(text)
    data["step"][1]["title"] = "B"
    assert plain(rewritten(text, data)) == data


def test_what_does_not_read_as_wanted_is_never_given_back() -> None:
    data = plain(TEXT)
    data["process"]["late_after_min"] = float("nan")
    with pytest.raises(CannotRewrite, match=r"Edit the text itself\."):
        rewritten(TEXT, data)


WORDS = st.text(st.characters(codec="utf-8"), max_size=12)
LIMITS = st.dictionaries(
    st.sampled_from(["volume_ml", "draws.volume_ml", "temperature_c"]),
    st.fixed_dictionaries(
        {"unit": WORDS},
        optional={"hard": st.lists(WORDS, min_size=2, max_size=2), "decimals": st.integers(0, 9)},
    ),
    max_size=3,
)


@settings(max_examples=25)
@given(st.data())
def test_whatever_a_page_wants_the_text_says_it_afterwards(data: st.DataObject) -> None:
    wanted = deepcopy(plain(TEXT))
    for _ in range(data.draw(st.integers(1, 3))):
        steps = wanted["step"]
        chosen = data.draw(st.sampled_from(steps))
        chosen["title"] = data.draw(WORDS)
        chosen["required"] = data.draw(st.booleans())
        limits = data.draw(LIMITS)
        chosen.pop("limits", None)
        if limits:
            chosen["limits"] = limits
        if data.draw(st.booleans()):
            steps.insert(
                data.draw(st.integers(0, len(steps))), steps.pop(data.draw(st.integers(0, len(steps) - 1)))
            )
        if data.draw(st.booleans()) and len(steps) > 2:
            del steps[data.draw(st.integers(0, len(steps) - 1))]
    assert plain(rewritten(TEXT, wanted)) == wanted
