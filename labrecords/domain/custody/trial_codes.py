"""Trial codes to set a scanner up with, and what is said of what arrived: prefix, keyboard layout, capitals, control
characters. No container, lot or person has such a code."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from labrecords.domain.custody.scans import AIM


@dataclass(frozen=True)
class Trial:
    """One code of the sheet."""

    title: str
    text: str
    proves: str


TRIALS = (
    Trial(
        "Digits", "TRIAL0123456789", "The ten digits arrive, whichever keyboard the scanner pretends to be."
    ),
    Trial(
        "Letters",
        "TRIALABCDEFGHIJKLMNOPQRSTUVWXYZ",
        "No letters are exchanged: on other keyboards Y and Z are.",
    ),
    Trial(
        "Dash, slash, point, star",
        "TRIAL-A/B.C*D",
        "The signs that stand in codes arrive as they are printed.",
    ),
    Trial("Small letters", "TRIALaBcXyZ", "Capitals and small letters stay apart: Caps Lock is off."),
)


@dataclass(frozen=True)
class Verdict:
    """What is said of one trial."""

    good: bool
    sentences: tuple[str, ...]


def verdict(arrived: str) -> Verdict:
    """What arrived of a trial code, judged. `arrived` is as the browser got it, without the Enter that sent it."""
    if not arrived:
        return Verdict(False, ("Nothing arrived. Put the cursor into the box, and scan one of the codes.",))
    before, trial, text, after = _nearest(arrived)
    if trial is None:
        return Verdict(
            False, ("This is none of the trial codes, or hardly anything of one arrived. Scan one code.",)
        )
    wrong = tuple(_exchanged(trial.text, text))
    around = tuple(_around(before, after))
    harmless = not before or bool(AIM.fullmatch(before))
    if not wrong and harmless and not after.strip():
        return Verdict(True, (f"{trial.title}: arrived as printed.", *around))
    return Verdict(False, (*wrong, *around))


def _nearest(arrived: str) -> tuple[str, Trial | None, str, str]:
    """What came before, the trial that was meant, what arrived of it, and what came after."""
    found: tuple[int, str, Trial | None, str, str] = (0, "", None, "", "")
    for trial in TRIALS:
        length = len(trial.text)
        for start in range(max(1, len(arrived) - length + 1)):
            part = arrived[start : start + length]
            alike = sum(one.lower() == other.lower() for one, other in zip(part, trial.text, strict=False))
            # Three of four: of a trial read with the wrong layout most still arrives.
            if alike * 4 >= length * 3 and alike > found[0]:
                found = alike, arrived[:start], trial, part, arrived[start + length :]
    return found[1:]


def _exchanged(printed: str, arrived: str) -> Iterator[str]:
    if arrived == printed:
        return
    if arrived.swapcase() == printed:
        yield "Capitals and small letters are exchanged: Caps Lock is on, or the scanner is set to exchange them."
        return
    if arrived.upper() == printed.upper():
        yield "Capitals and small letters do not stay apart. The laboratory's codes are read all the same."
        return
    if len(arrived) < len(printed):
        yield f"{len(printed) - len(arrived)} characters are missing at the end: set the scanner to a slower pace."
    pairs = dict.fromkeys(
        (one, other) for one, other in zip(printed, arrived, strict=False) if one.lower() != other.lower()
    )
    for one, other in pairs:
        yield f"{one} arrived as {_called(other)}."
    if pairs:
        yield "Set the scanner to the keyboard layout of this computer, or the computer to that of the scanner."


def _around(before: str, after: str) -> Iterator[str]:
    if AIM.fullmatch(before):
        yield f"Before it came {before}, by which the scanner says which kind of code it read. It may stay."
    elif before:
        yield f"Before it came {_named(before)}: take this prefix out of the scanner's settings."
    if after.strip():
        yield f"After it came {_named(after)}: let it end with Enter, with Tab or with nothing."
    elif after:
        yield "After it came a Tab or a line end. It may stay."


def _named(text: str) -> str:
    return " ".join(map(_called, text))


def _called(character: str) -> str:
    """A character, or the number of one that is not seen."""
    if character == " ":
        return "a space"
    return character if character.isprintable() else f"the control character {ord(character)}"
