"""One published run, typed into the pages by six people: from the first one-time link to the closed record.

`Run.until(station)` takes the story so far. Each station is played once, by what a person sees and can reach.
"""

from __future__ import annotations

import math
import secrets
import time
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from typing import Any
from zoneinfo import ZoneInfo

from playwright.sync_api import Browser

from labrecords.demo.cast import PEOPLE
from labrecords.demo.story import PATIENT_CODE, published_run
from tests.story.desk import Desk, Person
from tests.story.server import ZONE, Server
from tests.story.watch import Watch

STATIONS = (
    "joined",
    "equipped",
    "opened",
    "harvested",
    "received",
    "counted_before",
    "spun",
    "counted",
    "released",
    "at_the_bedside",
    "administered",
    "closed",
)
FIRST_ADMINISTRATOR = ("ivan", "Ivan Kowalczyk")
WRONG_PATIENT = "P-4417-K"
CHAMBER = "improved Neubauer, 1 mm²"


class Run:
    """The laboratory, its people, each at a desk of their own, and the batch as far as it has come."""

    def __init__(self, browser: Browser, server: Server) -> None:
        self.browser, self.server, self.watch = browser, server, Watch()
        self.people = cast()
        self.desks: dict[str, Desk] = {}
        self.chosen: Mapping[str, Mapping[str, Any]] = published_run()["chosen"]
        self.number = self.identity = ""
        self.played: list[str] = []
        self.broken: BaseException | None = None

    def until(self, station: str) -> None:
        """Play up to and with this station."""
        for name in STATIONS[: STATIONS.index(station) + 1]:
            if name not in self.played:
                if self.broken:
                    raise AssertionError(f"The story has stopped before “{name}”.") from self.broken
                try:
                    getattr(self, f"_{name}")()
                except BaseException as error:
                    self.broken = error
                    raise
                self.played.append(name)

    def desk(self, username: str) -> Desk:
        """The browser of this person, who signs in when they join."""
        if username not in self.desks:
            self.desks[username] = Desk(self.browser, self.server.address, self.watch)
        return self.desks[username]

    def leave(self) -> None:
        """Close every browser context."""
        for desk in self.desks.values():
            desk.context.close()

    def another_desk(self, username: str, *, javascript: bool = True) -> Desk:
        """One more browser in which this person signs in."""
        desk = Desk(self.browser, self.server.address, self.watch, javascript=javascript)
        desk.sign_in(self.people[username])
        return desk

    def seen(self, name: str, desk: Desk) -> None:
        """A picture worth taking. The tests take none."""

    def step(self, key: str, number: str = "") -> str:
        return f"/batches/{number or self.number}/steps/{key}"

    # ---- people and equipment ----------------------------------------------------------------------------------

    def _joined(self) -> None:
        """The administrator sets the password by the link of the command line and invites the others."""
        self.accept("ivan", self.server.first_link)
        for username in ("tess", "vic", "paula", "quentin"):
            self.accept(username, self.invite(self.people[username]))
        ada = self.people["ada"]
        self.accept("ada", self.server.link("person", "add", "ada", "--name", ada.name, "--role", ada.role))
        for username in ("tess", "vic", "paula", "quentin"):
            self._agree(username)

    def invite(self, who: Person) -> str:
        """The administrator adds somebody. Returns the one-time link."""
        desk = self.desk("ivan")
        desk.open("/people")
        desk.follow("Add a person")
        desk.answer({"Full name": who.name, "User name": who.username})
        desk.page.get_by_role("checkbox", name=who.role.capitalize()).check()
        desk.press("Add the person")
        desk.sees(f"Give this link to {who.name}", "It is shown this one time")
        return desk.page.locator("#one-time-link").inner_text()

    def accept(self, username: str, link: str) -> None:
        """Somebody opens the one-time link, sets a password and signs in with it."""
        desk, who = self.desk(username), self.people[username]
        desk.open(link)
        desk.sees("Set your password", who.name)
        desk.answer({"New password": who.password, "The same again": who.password})
        desk.press("Set the password")
        desk.sees(f"Your password is set. Sign in as {username}.")
        desk.sign_in(who)
        desk.sees(who.name, who.role)

    def _agree(self, username: str) -> None:
        desk, who = self.desk(username), self.people[username]
        desk.follow(who.name, desk.page.locator("header"))
        desk.sees("You cannot sign yet.")
        desk.follow("Read the statement")
        desk.answer({"Password": who.password})
        desk.press("I accept")
        desk.sees("You can sign from now on.")

    def _equipped(self) -> None:
        """QA registers the centrifuge and its rotor."""
        spin, desk = self.chosen["spin"], self.desk("quentin")
        check = (datetime.now(UTC) + timedelta(days=90)).date().isoformat()
        centrifuge = {"Code": spin["centrifuge"], "Maker and model": spin["centrifuge_model"]}
        rotor = {
            "Code": spin["rotor"],
            "Maker and model": spin["rotor_model"],
            "Greatest radius": spin["rotor_r_max_cm"],
            "Average radius": spin["rotor_r_av_cm"],
            "Greatest speed": spin["rotor_max_speed_rpm"],
        }
        for category, facts in (("Centrifuge", centrifuge), ("Rotor", rotor)):
            desk.open("/equipment")
            desk.follow("Register a piece")
            desk.answer({"What it is": category, **facts, "Next check": check})
            desk.press("Register it")
            desk.sees(f"{facts['Code']} is registered.")

    # ---- the batch ---------------------------------------------------------------------------------------------

    def open_batch(self, desk: Desk, patient: str) -> str:
        """Open a batch from the start page. Returns its number."""
        desk.open("/")
        desk.follow("Open a batch")
        desk.answer({"Patient code": patient})
        desk.press("Open the batch")
        desk.sees("is open.")
        return desk.heading.strip()

    def _opened(self) -> None:
        tess = self.desk("tess")
        self.number = self.open_batch(tess, PATIENT_CODE)
        self.identity = tess.page.locator(".head code, .head .id").all_inner_texts()[-1].strip()
        self.order("paula", self.number)
        paula = self.desk("paula")
        paula.open(self.step("order"))
        paula.sign("Second operator", "Verify as second", self.people["tess"])
        paula.sees("Tess Arden signed step 1.")
        paula.open(self.step("identity_harvest"))
        paula.answer(
            {"Patient code": PATIENT_CODE.lower(), "Chain-of-identity code": self.identity.replace("-", " ")}
        )
        paula.answer({"How": "Wristband scanned"})
        paula.next()
        self.verify(paula, "identity_harvest")

    def order(self, username: str, number: str) -> None:
        """The physician copies the order."""
        chosen, desk = self.chosen["order"], self.desk(username)
        desk.open(self.step("order", number))
        day = (datetime.now(UTC) - timedelta(days=2)).date().isoformat()
        desk.answer({"Order": chosen["order_code"], "Indication": chosen["indication"]})
        desk.answer({"Consent form and version": chosen["consent_version"], "Consent given on": day})
        for row, level in enumerate(chosen["levels"], start=1):
            target = {"Structure": "intervertebral disc", "Level": level, "Side": "midline"}
            planned = {"Planned volume": self.chosen["injection"]["volume_per_disc_ml"]}
            desk.answer({f"Targets {row}, {label}": text for label, text in (target | planned).items()})
        desk.answer({"Note": self.note("injected_volume")})
        desk.next()
        desk.sees("Step 1 is recorded.")

    def _harvested(self) -> None:
        """Recorded by the technician, performed by the physician, who attests it on the technician's screen."""
        tess, chosen = self.desk("tess"), self.chosen["harvest"]
        tess.open(self.step("harvest"))
        tess.next()
        tess.sees("Nothing was saved yet.", "Fill in: site.", "Choose")
        tess.answer({"Site": chosen["site"], "Side": chosen["side"]})
        tess.answer({"Started at": self.just_now(), "Place": chosen["place"]})
        for row, volume in enumerate(chosen["draws_ml"], start=1):
            tess.answer({f"Draws {row}, Volume": volume})
        tess.answer(
            {
                "Anticoagulant": chosen["anticoagulant"],
                "Anticoagulant volume": chosen["anticoagulant_volume_ml"],
                "Anticoagulant lot": chosen["anticoagulant_lot"],
                "Anticoagulant expiry": (datetime.now(UTC) + timedelta(days=300)).date().isoformat(),
                "Volume in the container": "1,000",
                "Container": chosen["container_code"],
                "Seal number": chosen["seal_number"],
                "Needle": chosen["needle"],
                "Performed by": self.choice("paula"),
            }
        )
        tess.next()
        tess.sees("can mean", "1000")
        tess.answer({"Volume in the container": chosen["total_volume_ml"].replace(".", ",")})
        tess.next()
        tess.sees("Step 3 is recorded.")
        tess.open(self.step("harvest"))
        tess.sees("Marrow without anticoagulant", "54.0 mL")
        tess.sign("Performed by another", "Attest", self.people["paula"])
        tess.sees("Paula Reyes signed step 3.")

    def _received(self) -> None:
        """A third person records the hand-over; giver and receiver both sign on that screen. Then the receipt."""
        vic, tess, chosen = self.desk("vic"), self.desk("tess"), self.chosen["receipt"]
        vic.open(self.step("handover_laboratory"))
        vic.answer(self.handover("C-1", "paula", "tess", "Theatre 2", "Cell lab 1"))
        vic.next()
        vic.open(self.step("handover_laboratory"))
        vic.sign("Given", "Confirm that I gave it", self.people["paula"])
        vic.sign("Received", "Confirm that I received it", self.people["tess"])
        vic.sees("Tess Arden signed step 4.")
        tess.open(self.step("receipt"))
        tess.answer(
            {
                "Container": "C-1",
                "Volume received": chosen["volume_ml"],
                "Temperature": chosen["temperature_c"],
                "Appearance": "Normal",
                "Clots seen": "No",
                "Leaks seen": "No",
                "Label legible": "Yes",
                "Decision": "Accept",
            }
        )
        tess.next()
        self.verify(tess, "receipt")

    def handover(self, container: str, giver: str, receiver: str, place: str, to: str) -> dict[str, str]:
        return {
            "Container": container,
            "Given by": self.choice(giver),
            "Given at": self.just_now(),
            "From": place,
            "To": to,
            "Seal number": self.chosen["harvest"]["seal_number"],
            "Seal and container whole": "Yes",
            "Temperature at receipt": self.chosen["receipt"]["temperature_c"],
            "Received by": self.choice(receiver),
        }

    def _counted_before(self) -> None:
        tess = self.desk("tess")
        self.sample("sample_before", "C-1")
        tess.open(self.step("count_before"))
        tess.answer(self.count("count_before"))
        tess.next()
        tess.open(self.step("count_before"))
        tess.sees("2.15 × 10⁷ /mL")

    def sample(self, key: str, container: str) -> None:
        tess, chosen = self.desk("tess"), self.chosen[key]
        tess.open(self.step(key))
        tess.answer(
            {"Drawn from": container, "Sample": chosen["sample_code"], "Volume drawn": chosen["volume_ml"]}
        )
        tess.next()

    def count(self, key: str) -> dict[str, str]:
        """What is typed of a count: the dilution in parts, the squares, and live and dead where a dye was used."""
        chosen = self.chosen[key]
        parts = {"#sample_part": chosen["sample_part"], "Diluent, lysis and dye": chosen["diluent_part"]}
        squares = {f"Squares counted {n}, Cells": cells for n, cells in enumerate(chosen["squares"], start=1)}
        viability = {"Viability dye": "dye", "Live cells": "live", "Dead cells": "dead"}
        dyed = {label: chosen[name] for label, name in viability.items() if name in chosen}
        sample = {"#sample_code": self.chosen[key.replace("count", "sample")]["sample_code"]}
        return {**sample, "Chamber": CHAMBER, **parts, **squares, **dyed}

    def _spun(self) -> None:
        """The speed is typed with two digits swapped, and corrected with the reason. The second spin is not done."""
        tess, chosen = self.desk("tess"), self.chosen["spin"]
        tess.open(self.step("spin_1"))
        tess.answer(
            {
                "Tube": "C-1",
                "Centrifuge": chosen["centrifuge"],
                "Rotor": chosen["rotor"],
                "Speed": chosen["typed_wrongly_rpm"],
                "Duration": chosen["duration_min"],
                "Temperature": chosen["temperature_c"],
                "Brake": chosen["brake"],
            }
        )
        tess.page.locator("#rcf_g-echo").get_by_text("1 098").wait_for()
        self.seen("step-centrifugation", tess)
        tess.next()
        tess.open(self.step("spin_1"))
        tess.sees("1 098 × g")
        tess.follow("Correct")
        tess.answer({"Speed": chosen["speed_rpm"]})
        tess.answer(
            {
                "Reason for the correction": "Two digits were swapped: the display of the centrifuge shows 2740."
            }
        )
        tess.press("Save the correction")
        tess.sees("Step 8 is corrected.", "1 351 × g", "Two digits were swapped")
        assert tess.read(tess.page.locator("del").first) == "2 470 rpm"
        self.verify(tess, "spin_1")
        tess.open(self.step("spin_2"))
        tess.answer(
            {"Why it was not done": "The method that was chosen for this demonstration has one spin."}
        )
        tess.press("Note: not done")
        tess.sees("Step 9 is noted as not done.")

    def _counted(self) -> None:
        """The syringe is filled, a sample of it drawn and counted: concentration, viability, recovery, dose."""
        tess, chosen = self.desk("tess"), self.chosen["resuspension"]
        tess.open(self.step("resuspension"))
        tess.answer(
            {
                "From container": "C-1",
                "Diluent": chosen["diluent"],
                "Diluent volume": chosen["diluent_volume_ml"],
                "Final volume": chosen["final_volume_ml"],
                "Final container": chosen["container_code"],
            }
        )
        tess.next()
        self.verify(tess, "resuspension")
        self.sample("sample_after", "S-1")
        tess.open(self.step("count_after"))
        tess.answer({**self.count("count_after"), "Note": self.note("nucleated_cells")})
        tess.page.locator("#results-echo").get_by_text("95.0").first.wait_for()
        tess.next()
        tess.open(self.step("count_after"))
        tess.sees("1.21 × 10⁸ /mL", "95.0 %")
        self.verify(tess, "count_after")
        tess.open(f"/batches/{self.number}")
        tess.sees("66.7 %", "Under review")

    # ---- release, injection, closing ---------------------------------------------------------------------------

    def _released(self) -> None:
        quentin, who = self.desk("quentin"), self.people["quentin"]
        quentin.open("/")
        quentin.follow(self.number)
        quentin.open(f"/batches/{self.number}/review")
        quentin.sees(
            "Nothing in the record stands in the way of release", "Two digits were swapped", "66.7 %"
        )
        self.seen("review", quentin)
        quentin.follow("Release")
        quentin.sees(f"Release {self.number}", "Prints as Quentin Marsh")
        self.seen("sign", quentin)
        quentin.answer({"Password": "not the password of Quentin"})
        quentin.press("Sign the release")
        quentin.sees("Nothing was signed.", "is not right")
        quentin.answer({"Password": who.password})
        quentin.press("Sign the release")
        quentin.sees(f"{self.number} is released. Document version 1 is sealed and verified.", "Released")

    def _at_the_bedside(self) -> None:
        """Hand-over to the theatre; then a wrong patient stops the check at the bedside, and the right one does not."""
        tess, paula = self.desk("tess"), self.desk("paula")
        tess.open(self.step("handover_theatre"))
        tess.answer(self.handover("S-1", "tess", "paula", "Cell lab 1", "Theatre 2"))
        tess.next()
        tess.open(self.step("handover_theatre"))
        tess.sign("Received", "Confirm that I received it", self.people["paula"])
        paula.open(self.step("bedside"))
        paula.answer(
            {
                "Patient code": WRONG_PATIENT,
                "Chain-of-identity code on the product": self.identity,
                "Product container": "S-1",
                "How the patient was identified": "Wristband scanned",
                "Product looks as it should": "Yes",
            }
        )
        paula.next()
        paula.sees("Stop. Wrong patient", WRONG_PATIENT, PATIENT_CODE, "Nothing was recorded of step 14")
        assert paula.page.locator("body.stop").count() == 1
        self.seen("stop", paula)
        paula.press("Go back and correct")
        assert paula.page.get_by_label("Product container").input_value() == "S-1"
        paula.answer({"Patient code": PATIENT_CODE})
        paula.next()
        self.verify(paula, "bedside")

    def _administered(self) -> None:
        paula, chosen = self.desk("paula"), self.chosen["injection"]
        paula.open(self.step("injection"))
        paula.answer({"Patient code": PATIENT_CODE, "Product container": "S-1", "Place": chosen["place"]})
        for row, level in enumerate(self.chosen["order"]["levels"], start=1):
            site = {
                "Structure": "intervertebral disc",
                "Level": level,
                "Side": "midline",
                "Guidance": chosen["guidance"],
                "Needle": chosen["needle"],
                "Volume": chosen["volume_per_disc_ml"],
                "Injected at": self.just_now(),
            }
            paula.answer({f"Sites {row}, {label}": text for label, text in site.items()})
        paula.answer({"Note": self.note("injected_volume")})
        paula.next()
        self.verify(paula, "injection")
        chosen = self.chosen["residual"]
        paula.open(self.step("residual"))
        paula.answer({"Volume left": chosen["volume_ml"], "What became of it": chosen["fate"]})
        paula.answer({"How it was destroyed or kept": chosen["method"]})
        paula.next()
        self.verify(paula, "residual")

    def _closed(self) -> None:
        paula = self.desk("paula")
        paula.open("/")
        paula.sees("Administered, not closed")
        paula.follow("Close")
        paula.answer({"Password": self.people["paula"].password})
        paula.press("Sign the administration")
        paula.sees(
            f"The administration of {self.number} is closed. Document version 2 is sealed and verified."
        )
        self.seen("batch", paula)

    # ---- what recurs -------------------------------------------------------------------------------------------

    def verify(self, desk: Desk, key: str) -> None:
        """The second operator confirms the step on the screen of whoever recorded it."""
        desk.open(self.step(key))
        desk.sign("Second operator", "Verify as second", self.people["vic"])
        desk.sees("Vic Okafor signed step")

    def choice(self, username: str) -> str:
        """A person as a list names them."""
        return f"{self.people[username].name} · {username}"

    def note(self, reported: str) -> str:
        run = published_run()
        return (
            f"{run['citation']['short']}: {run['reported'][reported]}. All else here is chosen, not reported."
        )

    @staticmethod
    def just_now() -> str:
        """This second as one types it: not before what was recorded until now. The offset is written for autumn."""
        time.sleep(math.ceil(time.time()) - time.time())
        return datetime.now(ZoneInfo(ZONE)).isoformat(sep=" ", timespec="seconds")


def cast() -> dict[str, Person]:
    """One person for each role, with a password made at this moment."""
    return {name: Person(name, full, role.value, secrets.token_urlsafe(18)) for name, full, role in PEOPLE}
