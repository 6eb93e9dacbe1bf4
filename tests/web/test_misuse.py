"""Possible misuse: the alert, who sees it, how it is closed; and what storms and long passwords cost."""

from __future__ import annotations

import threading

import pytest

from labrecords.actions import accounts, misuse
from labrecords.actions.accounts import Busy, NotProved, prove_identity
from labrecords.models.batch_record import events_of
from tests.actions.test_factors import begun, fails, seed_for
from tests.support.lab import Lab

SENTENCE = "Possible misuse"


def fail(lab: Lab, times: int = 1, username: str = "tess", asked_for: str = "sign-in") -> None:
    for _ in range(times):
        with pytest.raises(NotProved):
            prove_identity(lab.store, username, "not the password", "10.0.0.9", asked_for)
        lab.clock.tick(2)


@pytest.mark.req("P11-300d", "D11-8")
def test_after_five_failures_those_who_watch_see_it_on_every_page_at_once(lab_on_both: Lab) -> None:
    lab = lab_on_both
    fail(lab, 4)
    assert SENTENCE not in lab.client("quentin").get("/").text
    fail(lab)
    for watcher, page in (("quentin", "/"), ("quentin", "/batches"), ("ivan", "/people")):
        assert SENTENCE in lab.client(watcher).get(page).text
    assert SENTENCE not in lab.client("tess").get("/").text
    with lab.store.read() as session:
        last = events_of(session, "people")[-1]
    assert b'"act":"misuse.noticed"' in last
    assert b'"about":"tess"' in last


@pytest.mark.req("P11-300d")
def test_failures_at_signatures_are_counted_apart(lab: Lab) -> None:
    fail(lab, 3)
    fail(lab, 4, asked_for="signature")
    assert SENTENCE not in lab.client("quentin").get("/").text
    fail(lab, asked_for="signature")
    assert "5 failures at a signature" in lab.client("quentin").get("/misuse").text


@pytest.mark.req("P11-300d")
def test_wrong_codes_after_a_right_password_raise_an_alert(lab: Lab) -> None:
    seed_for(lab, "tess")
    for _ in range(misuse.ALERT_AFTER):
        assert fails(lab, begun(lab), "000000")
        lab.clock.tick(2)
    assert SENTENCE in lab.client("quentin").get("/").text


def test_one_alert_stands_until_somebody_says_what_it_was(lab: Lab) -> None:
    fail(lab, 8)
    client = lab.client("quentin")
    assert client.get("/misuse").text.count("Say what it was</a>") == 1
    address = client.get("/misuse").text.partition('href="/misuse/')[2].partition('"')[0]
    assert client.submit(f"/misuse/{address}", {"reason": ""}, having="reason").status_code == 400
    shown = client.get(f"/misuse/{address}")
    sent = {"reason": "Tess had the wrong keyboard layout."}
    assert client.submit("/misuse", sent, having="reason", response=shown).status_code in (303, 405)
    assert client.submit(f"/misuse/{address}", sent, having="reason").status_code == 303
    assert "of possible misuse" not in client.get("/").text
    assert "Tess had the wrong keyboard layout." in client.get("/misuse").text


def test_many_names_from_one_place_are_one_alert(lab: Lab) -> None:
    for number in range(misuse.ALERT_AFTER_OF_PLACE + 3):
        fail(lab, username=f"nobody-{number}")
    assert lab.client("ivan").get("/misuse").text.count("from one place") == 1


def test_a_very_long_password_costs_no_memory_and_is_only_wrong(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    monkeypatch.setattr(accounts, "_verify", lambda _, password: asked.append(len(password)))
    with pytest.raises(NotProved):
        prove_identity(lab.store, "tess", "x" * 1_000_000, "10.0.0.9", "sign-in")
    assert asked == []


def test_a_storm_is_answered_with_words_and_does_not_pile_up(
    lab: Lab, monkeypatch: pytest.MonkeyPatch
) -> None:
    gate, held, busy = threading.Event(), [0], [0]

    def slow(*_: object) -> bool:
        held[0] += 1
        gate.wait(20)
        return False

    def one() -> None:
        try:
            prove_identity(lab.store, "tess", "not the password", "10.0.0.9", "sign-in")
        except Busy:
            busy[0] += 1
        except NotProved:
            pass

    monkeypatch.setattr(accounts, "_verify", slow)
    monkeypatch.setattr(accounts, "WAIT_FOR_A_PLACE_S", 0.2)
    storm = [threading.Thread(target=one) for _ in range(12)]
    for thread in storm:
        thread.start()
    for thread in storm:
        thread.join(1)
    gate.set()
    for thread in storm:
        thread.join()
    assert held[0] == accounts.AT_ONCE
    assert busy[0] == 12 - accounts.AT_ONCE


def test_who_comes_into_a_storm_is_told_to_wait_a_moment(lab: Lab, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(accounts, "WAIT_FOR_A_PLACE_S", 0)
    for _ in range(accounts.AT_ONCE):
        accounts._PLACES.acquire()
    try:
        answer = lab.client().submit("/sign-in", {"username": "tess", "password": "anything"})
    finally:
        for _ in range(accounts.AT_ONCE):
            accounts._PLACES.release()
    assert answer.status_code == 429
    assert "Many people are signing in at this moment." in answer.text


@pytest.mark.req("ASVS-6.3.1")
def test_a_forged_address_of_the_client_does_not_get_round_the_throttle(lab: Lab) -> None:
    for number in range(6):
        client = lab.client()
        client.environ_base["HTTP_X_FORWARDED_FOR"] = f"192.0.2.{number}"
        answer = client.submit("/sign-in", {"username": "tess", "password": "wrong"})
    assert answer.status_code == 429


@pytest.mark.req("ASVS-6.1.1")
def test_a_third_person_cannot_lock_somebody_out_at_their_own_place(lab: Lab) -> None:
    lab.client("tess")  # has signed in here before
    fail(lab, 30)
    answer = lab.client().submit("/sign-in", {"username": "tess", "password": lab.cast["tess"].password})
    assert answer.status_code == 303
