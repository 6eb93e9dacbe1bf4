"""Reading a process definition: every error at once, each with its place and line; nothing half-read."""

from __future__ import annotations

import time
import tomllib
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from labrecords.actions.laboratory import shipped_processes
from labrecords.domain.kinds import KINDS
from labrecords.domain.processes.process import Problem, ProcessError
from labrecords.domain.processes.process_lines import lines_of
from labrecords.domain.processes.process_text import read_process
from labrecords.domain.results.results import results
from labrecords.domain.results.yield_results import MAKERS, RESULT_UNITS
from tests.support.clean import clean, process_text
from tests.support.story import number_of


def at(key: str, part: str = "") -> str:
    """A place in the text: the number and the key of a step, and what of it."""
    return f"step {number_of(key)} ({key}), {part}"


TEXT = process_text()
HARVEST = at("harvest")
VOLUME = 'limits.total_volume_ml = { unit = "mL", decimals = 1, hard = ["1", "1000"], soft = ["20", "240"] }'
SITES = (
    'limits."sites.volume_ml" = { unit = "mL", decimals = 1, hard = ["0.01", "100"], soft = ["0.2", "5"] }'
)
VIABILITY = 'limit = { unit = "%", decimals = 0, alert = ["80", ""], acceptance = ["70", "100"] }'
ONE_TIME = '[[time_limit]]\nfrom = "harvest"\nto = "receipt"\nlabel = "To the laboratory"\nmax_min = "60"\n'
ASKED = 'kind = "reading"\nasks = { type = "number", label = "Temperature", unit = "°C" }'
WITH_READING = process_text(
    ('kind = "receipt"', ASKED),
    (
        'limits.volume_ml = { unit = "mL", decimals = 1, hard = ["1", "1000"], soft = ["20", "240"] }\n'
        "limits.temperature_c = "
        '{ unit = "°C", decimals = 1, target = "21", hard = ["-30", "60"], soft = ["15", "30"], alert = ["18", "25"], '
        'acceptance = ["2", "30"] }\n',
        "",
    ),
    ('"receipt.volume_ml"', '"sample_before.volume_ml"'),
)


def problems(text: str) -> tuple[Problem, ...]:
    with pytest.raises(ProcessError) as caught:
        read_process(text)
    return caught.value.problems


def only(text: str) -> Problem:
    found = problems(text)
    assert len(found) == 1, found
    return found[0]


def line(part: str, text: str = TEXT) -> int:
    assert text.count(part) == 1
    return text.count("\n", 0, text.index(part)) + 1


@pytest.mark.parametrize("text", shipped_processes(), ids=lambda text: text.split("\n")[0][2:40])
def test_every_shipped_definition_is_without_an_error(text: str) -> None:
    assert read_process(text).steps


# Shape: (case, old, new, where, sentence). The line is that of the new text.
SHAPES = [
    ("text", 'title = "Record the harvest"', "title = 5", HARVEST + "title", "This is a whole number, not text."),
    ("flag", "required = false", 'required = "no"', at("spin_2", "required"), "This is text, not true or false."),
    ("whole", "late_after_min = 15", 'late_after_min = "soon"', "process, late_after_min", "This is text, not a whole"),
    ("negative", "late_after_min = 15", "late_after_min = -1", "process, late_after_min", "from 0 to 1000000"),
    ("float", 'max_age_h = "4"', "max_age_h = 4.0", "process, max_age_h", "Write numbers in quotation marks"),
    ("word", 'max_age_h = "4"', 'max_age_h = "four"', "process, max_age_h", "“four” is not a number."),
    ("NaN", 'max_age_h = "4"', 'max_age_h = "NaN"', "process, max_age_h", "“NaN” is not a number."),
    ("infinity", 'max_age_h = "4"', 'max_age_h = "inf"', "process, max_age_h", "“inf” is not a number."),
    ("exponent", 'max_age_h = "4"', 'max_age_h = "1e3"', "process, max_age_h", "“1e3” is not a number."),
    ("comma", 'max_age_h = "4"', 'max_age_h = "4,5"', "process, max_age_h", "“4,5” is not a number."),
    ("underscore", 'max_age_h = "4"', 'max_age_h = "1_000"', "process, max_age_h", "is not a number."),
    ("other digits", 'max_age_h = "4"', 'max_age_h = "٤"', "process, max_age_h", "is not a number."),
    ("zero age", 'max_age_h = "4"', 'max_age_h = "0"', "process, max_age_h", "This is above 0"),
    ("negative gap", 'custody_gap_min = "2"', 'custody_gap_min = "-2"', "process, custody_gap_min", "negative"),
    ("blank number", 'custody_gap_min = "2"', 'custody_gap_min = ""', "process, custody_gap_min", "is empty"),
    ("date", 'max_age_h = "4"', "max_age_h = 2026-11-22", "process, max_age_h", "This is a date or time, not text."),
    ("pathway", '"LOCAL"', '"MARS"', "process, pathway", "“MARS” is not one of US_SSP"),
    ("phase", 'kind = "bedside_check"\nphase = "administration"', 'kind = "bedside_check"\nphase = "administrationn"',
     at("bedside", "phase"), "Did you mean “administration”?"),
    ("second person", 'kind = "order"', 'kind = "order"\nbypass = "yes"', at("order", "bypass"),
     "not true or false"),
    ("unknown key of a step", 'kind = "order"', 'kind = "order"\ntite = "x"', at("order", "tite"),
     "not known here."),
    ("unknown key of the head", "[process]", "[process]\nshelf_live_h = \"4\"", "process, shelf_live_h",
     "“shelf_live_h” is not known here. Did you mean “shelf_life_h”?"),
    ("unknown table", "[yield]", "[other]\na = 1\n[yield]", "other", "“other” is not known here."),
    ("unknown key of a limit", 'hard = ["0.01", "100"]', 'wide = ["0.01", "100"]',
     at("injection", "limits.sites.volume_ml.wide"), "“wide” is not known here."),
    ("a range of three", 'hard = ["0.01", "100"]', 'hard = ["0", "1", "2"]',
     at("injection", "limits.sites.volume_ml.hard"), 'Write the two ends as text, like ["1", "10"]'),
    ("a range of numbers", 'hard = ["0.01", "100"]', "hard = [0.01, 100]",
     at("injection", "limits.sites.volume_ml.hard"), "Write the two ends as text"),
    ("ends in the wrong order", 'hard = ["0.01", "100"]', 'hard = ["100", "0.01"]',
     at("injection", "limits.sites.volume_ml.hard"),
     "This runs from 100 to 0.01: its ends are in the wrong order."),
    ("rounding", 'soft = ["0.2", "5"]', 'rounding = "down"', at("injection", "limits.sites.volume_ml.rounding"),
     "“down” is not one of half-up, half-even."),
    ("decimals", '"draws.volume_ml" = { unit = "mL", decimals = 1', '"draws.volume_ml" = { unit = "mL", decimals = -1',
     HARVEST + "limits.draws.volume_ml.decimals", "from 0 to 10"),
    ("a yield too many", "[yield]", '[yield]\nmore = "x"', "yield, more", "“more” is not known here."),
    ("control character", 'title = "Record the harvest"', 'title = "Record\\u0000 the harvest"', HARVEST + "title",
     "This holds a character that is not text (U+0000)."),
    ("unprintable", 'title = "Record the harvest"', 'title = "Record שלום"', HARVEST + "title",
     "The record cannot print"),
    ("too long", 'title = "Record the harvest"', f'title = "{"x" * 121}"', HARVEST + "title", "121 characters, and"),
    ("empty", 'title = "Record the harvest"', 'title = ""', HARVEST + "title", "“title” is empty."),
    ("key", 'key = "bedside"', 'key = "Bedside 1"', at("bedside", "key").replace("bedside", "Bedside 1"),
     "“Bedside 1” is no key"),
    ("version", 'version = "1"', 'version = "one two"', "process, version", "A version has 1 to 20 letters"),
    ("list", 'required_facts = ["dye", "live", "dead"]', 'required_facts = "dye"',
     at("count_after", "required_facts"),
     "This is text, not a list."),
    ("a label that nobody knows", '"in-process", "final"', '"in-process", "finale"', "process, label_set",
     "“finale” is not one of harvest, in-process, final, accompanying. Did you mean “final”?"),
    ("a check that nobody knows", "minimum_cells = 100", 'minimum_cells = 100\nidentity_checks = ["realease"]',
     "process, identity_checks", "“realease” is not one of release, dispense. Did you mean “release”?"),
    ("a label without a name", '"in-process", "final"', '"in-process", ""', "process, label_set", "is empty"),
    ("labels without a list", 'label_set = ["harvest", "in-process", "final", "accompanying"]',
     'label_set = "harvest"', "process, label_set", "This is text, not a list."),
    ("twice in a list", '["dye", "live", "dead"]', '["dye", "dye"]', at("count_after", "required_facts"), "twice"),
]  # fmt: skip

# Sense: (case, old, new, where, sentence).
RULES = [
    ("kind", 'kind = "harvest"', 'kind = "harvst"', HARVEST + "kind",
     "There is no step kind “harvst”. Did you mean “harvest”?"),
    ("two steps of one key", 'key = "spin_2"', 'key = "spin_1"', at("spin_2", "key").replace("spin_2", "spin_1"),
     f"Step {number_of('spin_1')} has the key “spin_1” already."),
    ("an age without end", 'max_age_h = "4"', 'max_age_h = "999999999999"', "process, max_age_h", "at most 87600 h"),
    ("equipment", 'kind = "order"', 'kind = "order"\nequipment = ["CF-02"]', at("order", "equipment"),
     "A step of kind order names no equipment."),
    ("required fact", '["dye", "live", "dead"]', '["dye", "life"]', at("count_after", "required_facts"),
     "A step of kind cell_count has no fact “life”. Did you mean “live”?"),
    ("limit", "limits.heparin_iu =", "limits.heparin_ui =", HARVEST + "limits.heparin_ui",
     "A step of kind harvest has no number “heparin_ui”. Did you mean “heparin_iu”?"),
    ("other unit", '"draws.volume_ml" = { unit = "mL"', '"draws.volume_ml" = { unit = "L"',
     HARVEST + "limits.draws.volume_ml.unit", "This number is recorded in mL, not in L."),
    ("no unit", '"draws.volume_ml" = { unit = "mL", ', '"draws.volume_ml" = { ', HARVEST + "limits.draws.volume_ml",
     'The unit is missing: write unit = "mL".'),
    ("unit of a count", 'required_facts = ["dye", "live", "dead"]\nlimits."squares.cells" = { ',
     'required_facts = ["dye", "live", "dead"]\nlimits."squares.cells" = { unit = "cells", ',
     at("count_after", "limits.squares.cells.unit"), "recorded without a unit, not in cells"),
    ("soft wider than hard", VOLUME, VOLUME.replace('"240"', '"2000"'), HARVEST + "limits.total_volume_ml.soft",
     "The soft range is wider than the hard range: its upper end 2000 is above 1000."),
    ("soft apart from hard", VOLUME, VOLUME.replace('["20", "240"]', '["", "0.5"]'),
     HARVEST + "limits.total_volume_ml.soft", "its upper end 0.5 is below 1."),
    ("acceptance outside hard", VOLUME, VOLUME.replace("soft", "acceptance").replace('"20"', '"0.5"'),
     HARVEST + "limits.total_volume_ml.acceptance", "wider than the hard range: its lower end 0.5 is below 1."),
    ("alert wider than acceptance", VIABILITY, VIABILITY.replace('"80"', '"60"'),
     "result 1 (viability_percent), limit.alert", "wider than the acceptance range: its lower end 60 is below 70."),
    ("target", VOLUME, VOLUME.replace("hard", 'target = "300", hard'), HARVEST + "limits.total_volume_ml.target",
     "The target 300 is outside the soft range."),
    ("rows are not judged", SITES, SITES.replace("soft", "acceptance"),
     at("injection", "limits.sites.volume_ml.acceptance"), "The rows of a step are not judged"),
    ("a computed number is not typed", VOLUME,
     'limits.net_volume_ml = { unit = "mL", hard = ["1", "1000"] }\n' + VOLUME,
     HARVEST + "limits.net_volume_ml.hard", "This number is computed and never typed"),
    ("result", 'key = "viable_dose"', 'key = "viable_doses"', "result 4 (viable_doses), key",
     "There is no result “viable_doses”. Did you mean “viable_dose”?"),
    ("unit of a result", VIABILITY, VIABILITY.replace('unit = "%", ', ""), "result 1 (viability_percent), limit",
     'The unit is missing: write unit = "%".'),
    ("a result is not typed", VIABILITY, VIABILITY.replace("alert", "soft"), "result 1 (viability_percent), limit.soft",
     "A result is computed and never typed"),
    ("yield step", 'count_after = "count_after"', 'count_after = "count_afte"', "yield, count_after",
     "There is no step “count_afte”. Did you mean “count_after”?"),
    ("yield count", 'count_after = "count_after"', 'count_after = "receipt"', "yield, count_after",
     "Name a step that counts cells, by its key alone; receipt is of kind receipt."),
    ("yield fact", '"receipt.volume_ml"', '"receipt.volum_ml"', "yield, volume_before",
     "Did you mean “volume_ml”?"),
    ("yield unit", '"receipt.volume_ml"', '"receipt.temperature_c"', "yield, volume_before",
     "This is in °C, and mL is needed."),
    ("backward", "[[result]]\nkey = \"viability_percent\"",
     ONE_TIME.replace('"harvest"', '"residual"') + "[[result]]\nkey = \"viability_percent\"",
     "time limit 1 (To the laboratory), to", "receipt does not come after residual: time only goes forward."),
    ("to itself", "[[result]]\nkey = \"viability_percent\"",
     ONE_TIME.replace('"harvest"', '"receipt"') + "[[result]]\nkey = \"viability_percent\"",
     "time limit 1 (To the laboratory), to", "receipt does not come after receipt"),
    ("unknown end", "[[result]]\nkey = \"viability_percent\"",
     ONE_TIME.replace('"receipt"', '"reciept"') + "[[result]]\nkey = \"viability_percent\"",
     "time limit 1 (To the laboratory), to", "There is no step “reciept”. Did you mean “receipt”?"),
    ("no minutes", "[[result]]\nkey = \"viability_percent\"",
     ONE_TIME.replace('max_min = "60"\n', "") + "[[result]]\nkey = \"viability_percent\"",
     "time limit 1 (To the laboratory)", "A time limit has max_min, min_min or both."),
    ("minutes the wrong way", "[[result]]\nkey = \"viability_percent\"",
     ONE_TIME + 'min_min = "90"\n' + "[[result]]\nkey = \"viability_percent\"",
     "time limit 1 (To the laboratory), min_min", "This is longer than max_min, 60 min."),
    ("twice the same time", "[[result]]\nkey = \"viability_percent\"",
     ONE_TIME * 2 + "[[result]]\nkey = \"viability_percent\"",
     "time limit 2 (To the laboratory), to", "There is a time limit from harvest to receipt already."),
    ("processing after the release", 'key = "residual"\nkind = "residual"\nphase = "administration"',
     'key = "residual"\nkind = "residual"', at("residual", "phase"), "and so after the release"),
    ("a test without sample", 'kind = "receipt"', 'kind = "receipt"\nphase = "testing"', at("receipt", "phase"),
     "A test has a sample"),
    ("late", 'kind = "receipt"', 'kind = "receipt"\nlate = true', at("receipt", "late"), "Only a step of the phase"),
    ("due", 'kind = "receipt"', 'kind = "receipt"\ndue_days = 14', at("receipt", "due_days"),
     "Only a step of the phase"),
    ("a choice without choices", ASKED,
     ASKED.replace('"number"', '"choice"').replace('unit = "°C"', 'choices = ["red"]'),
     at("receipt", "asks.choices"), "A choice has two choices or more."),
    ("a number with choices", ASKED, ASKED.replace('unit', 'choices = ["a", "b"], unit'),
     at("receipt", "asks.choices"), "A number has no choices."),
    ("a text with a unit", ASKED, ASKED.replace('"number"', '"text"'), at("receipt", "asks.unit"),
     "A text has no unit."),
    ("a reading that asks nothing", ASKED, 'kind = "reading"', at("receipt", "asks"), "says what is read"),
    ("unit of a reading", ASKED, ASKED + '\nlimits.number = { unit = "K", hard = ["", "400"] }',
     at("receipt", "limits.number.unit"), "This number is recorded in °C, not in K."),
    ("number of a text", ASKED, ASKED.replace('"number"', '"text"').replace(', unit = "°C"', "")
     + '\nlimits.number = { hard = ["", "400"] }',
     at("receipt", "limits.number"), "A step of kind reading has no number “number”."),
    ("a question of another kind", 'kind = "residual"', 'kind = "residual"\n' + ASKED.split("\n")[1],
     at("residual", "asks"), "and no other step does"),
]  # fmt: skip


@pytest.mark.parametrize(
    ("old", "new", "where", "sentence"),
    [case[1:] for case in (*SHAPES, *RULES)],
    ids=[case[0] for case in (*SHAPES, *RULES)],
)
def test_an_error_is_told_with_its_place_and_its_line(old: str, new: str, where: str, sentence: str) -> None:
    text = TEXT if old in TEXT else WITH_READING
    assert old in text, "the case does not fit the shipped text any more"
    begin = text.index(old)
    changed = text[:begin] + new + text[begin + len(old) :]
    found = only(changed)
    assert found.where == where
    assert sentence in found.sentence
    assert found.line is not None
    first = text.count("\n", 0, begin) + 1
    assert first - 2 <= found.line <= first + new.count("\n") + 1
    assert str(found) == f"{found.where}, line {found.line}: {found.sentence}"


@pytest.mark.parametrize("name", ["key", "kind", "title", "instruction"])
def test_a_step_without_one_of_its_words_is_refused(name: str) -> None:
    lines = TEXT.split("\n")
    at = next(
        number for number in range(line('key = "harvest"') - 1, len(lines)) if lines[number].startswith(name)
    )
    found = problems("\n".join(lines[:at] + lines[at + 1 :]))
    place = ("step", number_of("harvest") - 1, name)
    assert any(item.path == place and item.sentence == f"“{name}” is missing." for item in found)


@pytest.mark.parametrize("name", ["process", "yield", "step"])
def test_a_missing_part_is_named(name: str) -> None:
    found = problems(TEXT.replace(f"[{name}]", f"[{name}s]"))
    assert f"“{name}” is missing." in {item.sentence for item in found}
    assert f"“{name}s” is not known here. Did you mean “{name}”?" in {item.sentence for item in found}


def test_every_error_is_told_at_once_in_the_order_of_the_text() -> None:
    text = TEXT
    for old, new in (
        ('version = "1"', "version = 1"),
        ('kind = "receipt"', 'kind = "reciept"'),
        ('kind = "residual"', 'kind = "residue"'),
        ('key = "viable_dose"', 'key = "dose"'),
    ):
        text = text.replace(old, new, 1)
    found = problems(text)
    assert [item.path for item in found if item.path[0] != "yield"] == [
        ("process", "version"),
        ("step", number_of("receipt") - 1, "kind"),
        ("step", number_of("residual") - 1, "kind"),
        ("result", 3, "key"),
    ]
    assert [item.line for item in found] == sorted(item.line or 0 for item in found)


def test_errors_beyond_counting_are_counted() -> None:
    many = "".join(f"nonsense_{number} = 1\n" for number in range(1000))
    found = problems(many + TEXT)
    assert len(found) == 201
    assert found[-1].sentence == "And 800 more."


def test_a_name_that_is_there_twice_is_refused_with_its_line() -> None:
    found = only(TEXT.replace('kind = "harvest"', 'kind = "harvest"\nkind = "harvest"'))
    assert found.line == line('kind = "harvest"') + 1
    assert "This is not readable TOML" in found.sentence


def test_what_is_no_toml_is_refused_with_line_and_column() -> None:
    found = only(TEXT.replace("[process]", "[process"))
    assert found.line == line("[process]")
    assert found.sentence.startswith("This is not readable TOML at column 9: ")


@pytest.mark.parametrize(
    "text",
    ["x = " + "[" * 5000, "x = " + "1" * 5000, "\x00", "", 'x = "\ud800"', "a = 1\r", '"""', "step = [1, 2]",
     'step = { key = "a" }\n[process]\nkey = "x"', "process = 1\nyield = 2\nstep = 3\nresult = 4\nsources = 5"],
    ids=["deep", "long", "nul", "empty", "surrogate", "return", "open", "numbers", "one table", "no tables"],
)  # fmt: skip
def test_hostile_text_is_refused_and_breaks_nothing(text: str) -> None:
    assert problems(text)


def test_five_megabytes_are_refused_at_once() -> None:
    text = "# " + "x" * 5_000_000
    begin = time.process_time()
    assert "more than 1 MB" in only(text).sentence
    assert time.process_time() - begin < 0.1


@pytest.mark.parametrize("text", ["a{} = 1", "x = {{ a{} = 1 }}", "[a{}]"], ids=["key", "inline", "header"])
def test_a_key_of_thousands_of_parts_is_refused_at_once_with_its_line(text: str) -> None:
    begin = time.process_time()
    found = only("# a process\n" + text.format(" .a" * 20_000))
    assert (found.line, "more than 20 parts" in found.sentence) == (2, True)
    assert time.process_time() - begin < 1


def test_points_within_text_make_no_long_key() -> None:
    assert problems(TEXT + f'# {"a." * 40}\nfoo = "{"a." * 40}"\n')[0].sentence.startswith(
        "“foo” is not known"
    )


def test_thousands_of_unknown_keys_are_told_within_a_second() -> None:
    begin = time.process_time()
    assert problems("".join(f"a{number} = 1\n" for number in range(8000)))
    assert time.process_time() - begin < 2


def test_a_megabyte_of_letters_of_two_bytes_is_too_long() -> None:
    assert "more than 1 MB" in only("# " + "ü" * 600_000).sentence


def test_more_than_two_hundred_steps_are_refused() -> None:
    step = '[[step]]\nkey = "s{}"\nkind = "sample"\ntitle = "Sample"\ninstruction = "Draw."\n'
    found = problems(TEXT + "".join(step.format(number) for number in range(201 - number_of("residual"))))
    assert [item.sentence for item in found] == ["A process has 1 to 200 steps, and this one has 201."]


def test_no_step_is_refused() -> None:
    head = TEXT[: TEXT.index("[[step]]")]
    assert "“step” is missing." in {item.sentence for item in problems(head)}
    assert "this one has 0" in problems("step = []\n" + head)[0].sentence


@given(st.integers(0, len(TEXT) - 1), st.integers(0, 30), st.text(max_size=12))
def test_a_text_that_was_changed_anywhere_is_read_or_refused_and_breaks_nothing(
    at: int, length: int, new: str
) -> None:
    with suppress(ProcessError):
        read_process(TEXT[:at] + new + TEXT[at + length :])


# ---- lines -------------------------------------------------------------------------------------------------------


def test_the_line_of_every_key_is_found() -> None:
    text = (
        'a = 1\n# b = 2\n"c d" = [\n  1, # x = 3\n]\n[e.f]\ng = """\nh = 4\n"""\ni.j = { k = 1 }\n'
        "[[l]]\nm = 'n = 5'\n[l.o]\np = 6\n[[l]]\nm = 7\n[[l.q]]\nr = 8\n"
    )
    tomllib.loads(text)
    assert lines_of(text) == {
        ("a",): 1,
        ("c d",): 3,
        ("e", "f"): 6,
        ("e", "f", "g"): 7,
        ("e", "f", "i"): 10,
        ("e", "f", "i", "j"): 10,
        ("l", 0): 11,
        ("l", 0, "m"): 12,
        ("l", 0, "o"): 13,
        ("l", 0, "o", "p"): 14,
        ("l", 1): 15,
        ("l", 1, "m"): 16,
        ("l", 1, "q", 0): 17,
        ("l", 1, "q", 0, "r"): 18,
    }


# ---- what definitions may name -------------------------------------------------------------------------------------


def test_every_computed_number_of_a_kind_is_declared_with_it() -> None:
    record = clean("residual")
    for entry in record.entries:
        assert {item.limit_key for item in entry.derived(record)} <= set(entry.derived_keys), entry.kind


def test_every_declared_number_is_given_by_some_kind() -> None:
    assert {key for kind in KINDS.values() for key in kind.derived_keys} >= {"rcf_g", "viability_percent"}


def test_every_result_has_its_unit_declared() -> None:
    found = results(clean("residual"))
    assert {item.key: item.unit for item in found.values()}.items() <= RESULT_UNITS.items()
    assert len(RESULT_UNITS) == len(MAKERS)
