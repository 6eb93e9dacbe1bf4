"""The first stations: people join by one-time links, equipment is registered, and a batch is opened."""

from __future__ import annotations

import re

from tests.story import processing
from tests.story.desk import Person
from tests.story.laboratory import Laboratory


def joined(lab: Laboratory) -> None:
    """The administrator sets the password by the link of the command line and invites the others."""
    accept(lab, "ivan", lab.server.first_link)
    for username in ("tess", "vic", "paula", "quentin"):
        accept(lab, username, invite(lab, lab.people[username]))
    ada = lab.people["ada"]
    accept(lab, "ada", lab.server.link("person", "add", "ada", "--name", ada.name, "--role", *ada.roles))
    for username in ("tess", "vic", "paula", "quentin"):
        _identified(lab, lab.people[username])
        _agree(lab, username)


def invite(lab: Laboratory, who: Person) -> str:
    """The administrator adds somebody. Returns the one-time link."""
    desk = lab.desk("ivan")
    desk.open("/people")
    desk.follow("Add a person")
    desk.answer({"Full name": who.name, "Username": who.username})
    for role in who.roles:
        desk.page.get_by_role("checkbox", name=role.capitalize()).check()
    desk.press("Add the person")
    desk.sees(f"Give this link to {who.name}", "It is shown this one time")
    return desk.page.locator("#one-time-link").inner_text()


def accept(lab: Laboratory, username: str, link: str) -> None:
    """Somebody opens the one-time link, sets a password and signs in with it."""
    desk, who = lab.desk(username), lab.people[username]
    desk.open(link)
    desk.sees("Set your password", who.name)
    desk.answer({"New password": who.password, "The same again": who.password})
    desk.press("Set the password")
    desk.sees(f"Your password is set. Sign in as {username}.")
    desk.sign_in(who)
    desk.sees(who.name, *who.roles)


def _identified(lab: Laboratory, who: Person) -> None:
    """The administrator records that somebody compared the person with a document."""
    desk = lab.desk("ivan")
    desk.open("/people")
    desk.follow(who.name)
    desk.follow("Identity checked")
    desk.answer(
        {"Checked by": "Iwona Nowak", "Day of the check": lab.day(0), "Established by": "Identity card"}
    )
    desk.press("Record the check")
    desk.sees("Iwona Nowak")


def _agree(lab: Laboratory, username: str) -> None:
    desk, who = lab.desk(username), lab.people[username]
    desk.follow(who.name, desk.page.locator("header"))
    desk.sees("You cannot sign yet.")
    desk.follow("Read the statement")
    desk.answer({"Password": who.password})
    desk.press("I accept")
    desk.sees("You can sign from now on.")


def equipped(lab: Laboratory) -> None:
    """QA registers the centrifuge and its rotor."""
    spin, desk = lab.chosen["spin"], lab.desk("quentin")
    check = lab.day(90)
    centrifuge = {
        "Code": spin["centrifuge"],
        "Maker and model, or name of the place": spin["centrifuge_model"],
    }
    rotor = {
        "Code": spin["rotor"],
        "Maker and model, or name of the place": spin["rotor_model"],
        "Greatest radius": spin["rotor_r_max_cm"],
        "Average radius": spin["rotor_r_av_cm"],
        "Greatest speed": spin["rotor_max_speed_rpm"],
    }
    for category, facts in (("Centrifuge", centrifuge), ("Rotor", rotor)):
        desk.open("/equipment")
        desk.follow("Register a piece")
        desk.answer({"What it is": category, **facts, "Calibration or monitoring due": check})
        desk.press("Register it")
        desk.sees(f"{facts['Code']} is registered.")


def approved(lab: Laboratory) -> None:
    """The process owner prepares the shipped master record, quality assurance checks and approves it."""
    for username, act, button in (
        ("vic", "Sign as prepared", "Sign as prepared"),
        ("quentin", "Check and approve", "Sign the approval"),
    ):
        desk, who = lab.desk(username), lab.people[username]
        desk.open("/masters")
        row = desk.page.locator("main tr", has_text="Bone marrow concentrate by centrifugation").first
        desk.follow("1", row)
        desk.follow(act)
        desk.answer({"Signed by": who.username, "Password": who.password})
        desk.press(button)
    desk.sees("Effective")


def trained(lab: Laboratory) -> None:
    """QA records that the technician is trained on every procedure that the master names."""
    desk = lab.desk("quentin")
    desk.open("/masters")
    desk.follow("1", desk.page.locator("main tr", has_text="Bone marrow concentrate by centrifugation").first)
    for sop in sorted(set(re.findall(r"procedure: (SOP-[A-Z]+-\d+)/1", desk.text))):
        desk.open("/")
        desk.follow("Training")
        desk.follow("Tess Arden")
        desk.follow("Record a training")
        desk.answer({"Procedure": sop, "Version": "1", "Trained on": lab.day(-30)})
        desk.answer({"Counts until": lab.day(300), "Trained or assessed by": "Vic Okafor"})
        desk.press("Record it")
    desk.sees("SOP-SPIN-01, version 1", "current")


def opened(lab: Laboratory) -> None:
    tess = lab.desk("tess")
    lab.number = lab.open_batch(tess, lab.patient)
    lab.identity = tess.page.locator(".head code, .head .id").all_inner_texts()[-1].strip()
    paula = lab.desk("paula")
    paula.open(lab.step("order"))
    paula.answer({**lab.order(), "Note": lab.note("injected_volume")})
    paula.next()
    paula.sees("Step 1 is recorded.")
    paula.open(lab.step("order"))
    paula.sign("Second operator", "Verify as second", lab.people["tess"])
    paula.sees("Tess Arden signed step 1.")
    lab.passes(4)
    processing.cleared(lab, "area_before", "Before this batch")
    lab.passes(3)
    processing.anticoagulant_prepared(lab)
    lab.passes(6)
    paula.open(lab.step("identity_harvest"))
    paula.answer(
        {"Patient code": lab.patient.lower(), "Chain-of-identity code": lab.identity.replace("-", " ")}
    )
    paula.answer({"How": "Wristband scanned"})
    paula.next()
    lab.verify(paula, "identity_harvest")
