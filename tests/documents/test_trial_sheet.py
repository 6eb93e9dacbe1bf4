"""The sheet to set a scanner up: every code on it is read by another decoder, as it is printed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import zxingcpp
from PIL import Image
from werkzeug.test import TestResponse

from labrecords.documents.labels.trial_sheet import trial_sheet
from labrecords.domain.custody.trial_codes import TRIALS
from tests.support.lab import Lab
from tests.support.reading import words
from tests.support.tools import require_tool


def test_every_code_of_the_sheet_is_decoded_from_its_picture(tmp_path: Path) -> None:
    file = tmp_path / "sheet.pdf"
    file.write_bytes(trial_sheet())
    assert trial_sheet() == file.read_bytes()
    tool = require_tool("pdftoppm", package="poppler-utils")
    subprocess.run([tool, "-r", "200", "-gray", "-png", str(file), str(tmp_path / "sheet")], check=True)
    (picture,) = tmp_path.glob("sheet*.png")
    with Image.open(picture) as opened:
        read = {found.text for found in zxingcpp.read_barcodes(opened)}
    assert read == {trial.text for trial in TRIALS}


def test_the_page_says_what_arrived(lab: Lab) -> None:
    client = lab.client("tess")
    assert "Right." not in words(client.get("/scan/set-up"))

    def scanned(text: str) -> TestResponse:
        return client.submit("/scan/set-up", {"arrived": text}, having="arrived")

    assert "Right." in words(scanned(TRIALS[0].text))
    wrong = scanned("<b>" + TRIALS[1].text.replace("Z", "Y"))
    assert "Z arrived as Y." in words(wrong)
    assert "Arrived from the box below, 2" in words(wrong)
    assert "<b>TRIAL" not in wrong.text
    assert "x" * 301 not in scanned("x" * 2000).text
    made_up = client.get("/scan/set-up", query_string={"arrived": "Call 555 for a new password."})
    assert "Call 555" not in words(made_up)
    assert client.get("/scan/set-up.pdf").mimetype == "application/pdf"
    assert "/scan/set-up" in client.get("/scan").text
