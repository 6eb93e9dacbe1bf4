"""Timers, pauses and the authors of values on paper."""

from __future__ import annotations

import pytest

from labrecords.documents.batch_record import render
from tests.support import story
from tests.support.example import example_package
from tests.support.example_pen import Example
from tests.support.printed import squeezed, text_of


@pytest.fixture(scope="module")
def text() -> str:
    """The document of a batch whose spin was timed and paused, and a value of which Tess typed."""
    example = Example()
    for key in story.PARTS:
        example.wait(5)
        if key == "spin_1":
            example.time(key, 6, planned_s=240)
            equipment = {"rotor": example.equipment[story.ROTOR]}
            example.pause(
                key, {"speed_rpm": "2400", "note": "Cold.", **equipment}, note="The lid is <b>open</b>."
            )
            tess = example.ids["tess"]
            example.step(key, authors={"speed_rpm": tess})
            break
        example.step(key)
        example.confirm_all(key)
    return squeezed(text_of(render(example_package(example.record, events=example.events)).pdf))


def test_a_timer_is_printed_with_its_times_and_people(text: str) -> None:
    assert squeezed("Timers, by the server's clock") in text
    assert squeezed("finished, Tess Tamm") in text
    assert squeezed("4 min 00 s") in text


def test_a_pause_is_printed_with_what_was_typed_in_words(text: str) -> None:
    assert squeezed("Pauses: what was typed was kept, and not judged") in text
    assert squeezed("The lid is <b>open</b>.") in text
    assert squeezed("rotor: RT-01; speed: 2400; note: Cold.") in text


def test_a_value_is_printed_with_who_typed_it(text: str) -> None:
    assert squeezed("typed by Tess Tamm") in text
