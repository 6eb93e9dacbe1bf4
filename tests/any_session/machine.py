"""People at three browsers, and an administrator, do anything in any order; after each act every browser is asked."""

from __future__ import annotations

import re
from datetime import datetime, time, timedelta
from typing import Any

import pytest
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from werkzeug.test import TestResponse

from labrecords.actions import people, sessions
from labrecords.actions.accounts import token_digest
from labrecords.actions.door import Invalid, Refused
from labrecords.domain.permissions import Permission, Role
from tests.any_session.model import ENDED, LOCKED, OPEN, Grant, Link, Model, Person, Session
from tests.support import story
from tests.support.installations import NEW
from tests.support.lab import Lab
from tests.support.pages import PageClient

BROWSERS, PEOPLE = range(3), ("tess", "vic", "quentin")
PAGES = {
    "/account": Permission.OWN_ACCOUNT,
    "/equipment": Permission.READ_BATCHES,
    "/trail": Permission.READ_WHOLE_TRAIL,
    "/people": Permission.MANAGE_PEOPLE,
}
TICKS_MIN = (0.53, 7.3, 16.1, 61.7, 653, 731, 2903)
"""From within one minute to beyond the two days of a link."""
LATELY = 3
"""So many of the last tokens that no browser holds are tried after each act."""
JSON = {"Accept": "application/json"}
WHY = "As the test wants it."

browsers, persons = st.sampled_from(BROWSERS), st.sampled_from(PEOPLE)
whose_password = st.sampled_from(("own", "own", "own", "wrong", *PEOPLE))


class PeopleAtBrowsers(RuleBasedStateMachine):
    lab: Lab

    def __init__(self) -> None:
        super().__init__()
        self.lab.bench.put_back(NEW)
        self.clients = [self._browser() for _ in BROWSERS]
        self.tokens = ["" for _ in BROWSERS]
        self.passwords = 0
        self.model = Model(
            {
                name: Person(
                    name, self.lab.cast[name].password, [Grant(Role(role)) for role in story.CAST[name][1]]
                )
                for name in PEOPLE
            }
        )

    def teardown(self) -> None:
        self.lab.check()

    # ---- at a browser ------------------------------------------------------------------------------------------

    @initialize(who=persons)
    def somebody_is_signed_in(self, who: str) -> None:
        self.sign_in(0, who, "own")

    @rule(browser=browsers, who=persons, typed=whose_password)
    def sign_in(self, browser: int, who: str, typed: str) -> None:
        person, password, before = self.model.people[who], self._password(who, typed), self._held(browser)
        proved = person.prove(password, self.now)
        answer = self._post(browser, "/sign-in", {"username": who, "password": password})
        assert answer.status_code == {"right": 303, "wrong": 400, "wait": 429}[proved]
        if proved == "right":
            if before is not None:
                before.ended = True
            self._begins(browser, Session(person, browser, self.now, self.now))

    @rule(browser=browsers, page=st.sampled_from(sorted(PAGES)))
    def ask_for_a_page(self, browser: int, page: str) -> None:
        self._reads(self.clients[browser], self.tokens[browser], page)

    @rule(data=st.data(), page=st.sampled_from(sorted(PAGES)))
    @precondition(lambda self: self.model.sessions)
    def use_a_token_elsewhere(self, data: st.DataObject, page: str) -> None:
        """Whoever has a token has the session, and nobody has one by a token that was replaced or ended."""
        token = data.draw(st.sampled_from(list(self.model.sessions)))
        self._reads(self._thief(token), token, page)

    @rule(browser=browsers)
    def lock(self, browser: int) -> None:
        self._post(browser, "/session/lock", {}, JSON)
        if (held := self._held(browser)) is not None:
            held.locked = True

    @rule(browser=browsers, typed=whose_password, who=st.sampled_from(("own", "own", "own", *PEOPLE)))
    def unlock(self, browser: int, typed: str, who: str) -> None:
        held = self._held(browser)
        own = held.person.username if held else PEOPLE[0]
        name = own if who == "own" else who
        password = self._password(name, typed)
        expected, proved = 401, "wrong"
        if held is not None:
            expected = 409
            if name == own:
                proved = held.person.prove(password, self.now)
                expected = {"right": 200, "wrong": 400, "wait": 429}[proved]
        answer = self._post(browser, "/session/unlock", {"username": name, "password": password}, JSON)
        assert answer.status_code == expected
        if held is not None and proved == "right":
            held.ended = True
            self._begins(browser, Session(held.person, held.device, held.started, self.now))

    @rule(browser=browsers)
    def sign_out(self, browser: int) -> None:
        held = self._held(browser)
        assert self._post(browser, "/sign-out", {}).status_code == 303
        if held is not None:
            held.ended = True
        self.tokens[browser] = ""

    @rule(browser=browsers)
    def lose_the_cookie(self, browser: int) -> None:
        """The browser forgets the session and keeps the mark of the device: two sessions may be open there."""
        self.clients[browser].delete_cookie("labrecords")
        self.tokens[browser] = ""

    @rule(browser=browsers)
    def sign_out_everywhere(self, browser: int) -> None:
        if self._may_post(browser, "/account/sessions", {}):
            self.model.end_all(self._person(browser))
            self.tokens[browser] = ""

    @rule(browser=browsers)
    def end_the_others(self, browser: int) -> None:
        if self._may_post(browser, "/account/sessions/end", {"session": ""}):
            self.model.end_all(self._person(browser), but=self.tokens[browser])

    @rule(browser=browsers, data=st.data())
    @precondition(lambda self: self.model.sessions)
    def end_one(self, browser: int, data: st.DataObject) -> None:
        """One's own, by name; that of another is out of reach."""
        token = data.draw(st.sampled_from(list(self.model.sessions)))
        if self._may_post(browser, "/account/sessions/end", {"session": token_digest(token)}):
            meant = self.model.sessions[token]
            meant.ended = meant.ended or meant.person is self._person(browser)

    @rule(browser=browsers, typed=whose_password)
    def change_password(self, browser: int, typed: str) -> None:
        held = self._held(browser)
        if (
            held is None
            or held.used(self.now) != OPEN
            or not held.person.may(Permission.OWN_ACCOUNT, self.now)
        ):
            return
        new, password = self._new_password(), self._password(held.person.username, typed)
        proved = held.person.prove(password, self.now)
        sent = {"present": password, "password": new, "again": new}
        answer = self.clients[browser].submit("/account/password", sent, having="present")
        assert answer.status_code == {"right": 303, "wrong": 400, "wait": 429}[proved]
        if proved == "right":
            held.person.password = new
            self.model.end_all(held.person)
            self._begins(browser, Session(held.person, browser, self.now, self.now))

    @rule(browser=browsers, data=st.data())
    @precondition(lambda self: self.model.links)
    def follow_a_link(self, browser: int, data: st.DataObject) -> None:
        secret = data.draw(st.sampled_from(list(self.model.links)))
        works, held, new = self.model.works(secret, self.now), self._used(browser), self._new_password()
        page = f"/invitation/{secret}"
        shown = self.clients[browser].get(page)
        assert shown.status_code == (200 if works else 410)
        if works:
            sent = {"password": new, "again": new}
            assert self.clients[browser].submit(page, sent, having="again", response=shown).status_code == 303
            link = self.model.links[secret]
            link.used, link.person.password = True, new
            self.model.end_all(link.person)
            if held is not None:
                held.ended = True
            self.tokens[browser] = ""

    # ---- the administrator, and time ---------------------------------------------------------------------------

    @rule(minutes=st.sampled_from(TICKS_MIN))
    def time_passes(self, minutes: float) -> None:
        self.lab.clock.tick(minutes)

    @rule(who=persons)
    def make_a_link(self, who: str) -> None:
        person = self.model.people[who]
        if self._acts(person, people.invite_again, person_id=self.lab.id(who)):
            self.model.links[self.result] = Link(person, self.now)
            person.newest_link = self.result

    @rule(who=persons, role=st.sampled_from(Role), only_today=st.booleans())
    def give_a_role(self, who: str, role: Role, only_today: bool) -> None:
        person = self.model.people[who]
        given = {grant.role for grant in person.grants if grant.counts(self.now)}
        alone = {Role.ADMINISTRATOR, Role.AUDITOR}
        wrong = role in given or bool(given and (role in alone or given & alone))
        today = self.lab.today()
        facts = {"role": role.value, "reason": WHY, "last_day": today if only_today else None}
        if self._acts(person, people.grant_role, wrong=wrong, person_id=self.lab.id(who), **facts):
            midnight = datetime.combine(today + timedelta(days=1), time(), self.lab.installation.zone)
            person.grants.append(Grant(role, midnight if only_today else None))

    @rule(who=persons, role=st.sampled_from(Role))
    def take_a_role(self, who: str, role: Role) -> None:
        person = self.model.people[who]
        held = [grant for grant in person.grants if grant.role == role and grant.counts(self.now)]
        facts = {"person_id": self.lab.id(who), "role": role.value, "reason": WHY}
        if self._acts(person, people.revoke_role, wrong=not held, **facts):
            held[0].revoked = True

    @rule(who=st.sampled_from(PEOPLE[1:]), sure=st.integers(0, 3))
    def deactivate(self, who: str, sure: int) -> None:
        person = self.model.people[who]
        if sure == 0 and self._acts(person, people.deactivate, person_id=self.lab.id(who), reason=WHY):
            person.active = False
            self.model.end_all(person)

    @rule(who=persons)
    def sign_somebody_out(self, who: str) -> None:
        person = self.model.people[who]
        if self._acts(person, people.sign_person_out, person_id=self.lab.id(who), reason=WHY):
            self.model.end_all(person)

    @rule(data=st.data(), lost=st.booleans())
    @precondition(lambda self: self.model.sessions)
    def end_a_session_or_a_lost_tablet(self, data: st.DataObject, lost: bool) -> None:
        token = data.draw(st.sampled_from(list(self.model.sessions)))
        act = sessions.lose_device if lost else sessions.end_session_of
        act(self.lab.by("ivan"), token_sha256=token_digest(token), reason=WHY)
        meant = self.model.sessions[token]
        for session in self.model.sessions.values():
            session.ended = session.ended or session is meant or (lost and session.device == meant.device)

    # ---- what must always be so --------------------------------------------------------------------------------

    @invariant()
    def every_browser_is_told_what_the_model_says(self) -> None:
        others = [token for token in self.model.sessions if token not in self.tokens][-LATELY:]
        asking = [
            *zip(self.clients, self.tokens, strict=True),
            *((self._thief(token), token) for token in others),
        ]
        for client, token in asking:
            session = self.model.sessions.get(token)
            state = session.state(self.now) if session else ENDED
            answer = client.get("/session")
            told: dict[str, Any] = answer.json or {}
            if state == OPEN:
                assert session is not None
                assert (answer.status_code, told.get("who")) == (200, session.person.username)
            else:
                assert (answer.status_code, told) == (401, {"locked": state == LOCKED})

    # ---- how ---------------------------------------------------------------------------------------------------

    @property
    def now(self) -> datetime:
        return self.lab.clock.now

    def _browser(self) -> PageClient:
        return self.lab.client()

    def _thief(self, token: str) -> PageClient:
        """Another browser, into which somebody copied the token."""
        client = self._browser()
        client.set_cookie("labrecords", token)
        return client

    def _new_password(self) -> str:
        self.passwords += 1
        return f"kettle {self.passwords} under the marble stair"

    def _password(self, who: str, typed: str) -> str:
        if typed == "wrong":
            return "not a password of anybody"
        return self.model.people[who if typed == "own" else typed].password

    def _held(self, browser: int) -> Session | None:
        """The session in a browser, locked or open."""
        session = self.model.sessions.get(self.tokens[browser])
        return session if session is not None and session.state(self.now) != ENDED else None

    def _used(self, browser: int) -> Session | None:
        """The same, when a page was asked for."""
        held = self._held(browser)
        if held is not None:
            held.used(self.now)
        return held

    def _person(self, browser: int) -> Person:
        return self.model.sessions[self.tokens[browser]].person

    def _begins(self, browser: int, session: Session) -> None:
        cookie = self.clients[browser].get_cookie("labrecords")
        assert cookie is not None
        assert cookie.value not in self.model.sessions, "a token is never used twice"
        self.tokens[browser] = cookie.value
        self.model.sessions[cookie.value] = session

    def _post(
        self, browser: int, page: str, sent: dict[str, str], headers: dict[str, str] | None = None
    ) -> TestResponse:
        client = self.clients[browser]
        token = re.search(r'name="csrf_token"[^>]*value="([^"]+)"', client.get("/verify").text)
        assert token
        self._used(browser)
        return client.post(page, data={"csrf_token": token[1], **sent}, headers=headers)

    def _may_post(self, browser: int, page: str, sent: dict[str, str]) -> bool:
        """Send a form of the own account; whether it was done, which the model must say too."""
        held = self._held(browser)
        state = held.used(self.now) if held else ENDED
        answer = self._post(browser, page, sent)
        if held is None or state != OPEN:
            assert (answer.status_code, answer.location) == (303, "/sign-in")
            return False
        may = held.person.may(Permission.OWN_ACCOUNT, self.now)
        assert answer.status_code == (303 if may else 403)
        return may

    def _reads(self, client: PageClient, token: str, page: str) -> None:
        session = self.model.sessions.get(token)
        state = session.used(self.now) if session else ENDED
        answer = client.get(page)
        if session is None or state != OPEN:
            assert (answer.status_code, answer.location) == (303, f"/sign-in?back={page}")
        else:
            assert answer.status_code == (200 if session.person.may(PAGES[page], self.now) else 403)

    def _acts(self, person: Person, act: Any, *, wrong: bool = False, **facts: Any) -> bool:
        """An act of the administrator about somebody: refused for who has left, asked back where `wrong`."""
        if not person.active:
            with pytest.raises(Refused):
                act(self.lab.by("ivan"), **facts)
        elif wrong:
            with pytest.raises(Invalid):
                act(self.lab.by("ivan"), **facts)
        else:
            self.result = act(self.lab.by("ivan"), **facts)
        return person.active and not wrong
