"""The page of a chamber count: the pad beside the table, what the server says of it, and the result afterwards."""

from __future__ import annotations

import json

from tests.support.lab import Lab
from tests.support.pages import forms_of
from tests.support.reading import words
from tests.support.typed import typed


def url(number: str, more: str = "") -> str:
    return f"/batches/{number}/steps/count_after{more}"


LOADINGS = {
    f"squares-{row}-{column}": value
    for row, (live, dead, loading) in enumerate(
        [("90", "6", "1"), ("84", "7", "1"), ("88", "5", "2"), ("91", "8", "2"), ("", "", "")]
    )
    for column, value in (("cells", ""), ("live", live), ("dead", dead), ("loading", loading))
}
BY_SQUARES = {"live": "", "dead": "", "dye": "trypan blue", **LOADINGS}


def test_the_pad_is_there_and_hidden_until_its_script_shows_it(lab: Lab) -> None:
    number = lab.play("sample_after")
    page = lab.client("tess").get(url(number)).text
    assert 'data-tally="squares" data-apart="yes" hidden' in page
    assert "upper and left</b> lines" in page
    assert "tally.js" in page


def test_a_kind_without_a_template_of_its_own_has_no_pad(lab: Lab) -> None:
    number = lab.play("sample_after")
    assert (
        'data-tally="squares"' not in lab.client("tess").get(f"/batches/{number}/steps/spin_1/correct").text
    )


def test_the_server_says_the_verdict_beside_the_pad_while_counting(lab: Lab) -> None:
    number, client = lab.play("sample_after"), lab.client("tess")
    form = next(form for form in forms_of(client.get(url(number)).text) if "squares-0-live" in form.names)
    sent = {name: values[0] for name, values in form.values.items()} | typed(
        lab, number, "count_after", **BY_SQUARES
    )
    answer = json.loads(client.post(url(number, "/judge"), data=sent).text)
    assert "Spread between 2 loadings" in answer["results"]["verdict"]
    assert "Repeat." not in answer["results"]["verdict"]
    assert "live 90 · 84 · 88 · 91; dead 6 · 7 · 5 · 8" in answer["squares"]["echo"]
    apart = sent | {"squares-2-live": "40", "squares-3-live": "38"}
    answer = json.loads(client.post(url(number, "/judge"), data=apart).text)
    assert "Repeat. The loadings lie too far apart" in answer["results"]["verdict"]
    assert "Verdict: repeat." in answer["results"]["echo"]


def test_a_count_by_squares_is_recorded_without_the_totals_that_the_step_requires(lab: Lab) -> None:
    number, client = lab.play("sample_after"), lab.client("tess")
    answer = client.submit(
        url(number), typed(lab, number, "count_after", **BY_SQUARES), having="performed_by"
    )
    assert answer.status_code == 303, words(answer)
    shown = words(client.get(url(number)))
    assert "1. live 90, dead 6, loading 1" in shown
    assert "Spread between 2 loadings" in shown
    assert "93.1 %" in shown


def test_what_is_half_counted_is_asked_back_at_its_square(lab: Lab) -> None:
    number, client = lab.play("sample_after"), lab.client("tess")
    half = BY_SQUARES | {"squares-2-dead": ""}
    answer = client.submit(url(number), typed(lab, number, "count_after", **half), having="performed_by")
    assert answer.status_code == 400
    assert 'id="squares-2-dead-error"' in answer.text
    assert "0 where there was none" in answer.text
