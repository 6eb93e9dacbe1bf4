"""Controlled words for what is injected (domain 2.7): structures, levels, sides, guidance, approaches, contrast."""

from __future__ import annotations

import re
from itertools import pairwise

DISC, FACET, SACROILIAC, EPIDURAL = (
    "intervertebral disc",
    "facet joint",
    "sacroiliac joint",
    "epidural space",
)
LIMB_JOINTS = ("knee joint", "hip joint", "shoulder joint")
NAMED = ("ligament", "muscle", "other joint")
"""Structures of which there are many: which one it was is said in words."""
STRUCTURES = (DISC, FACET, SACROILIAC, EPIDURAL, *LIMB_JOINTS, *NAMED)
MIDLINE, LEFT, RIGHT, BOTH = "midline", "left", "right", "both sides"
SIDES = (MIDLINE, LEFT, RIGHT, BOTH)
"""Always from the patient's view."""
GUIDANCE = ("fluoroscopy", "ultrasound", "computed tomography", "none")
APPROACHES = (
    "posterolateral",
    "posterior",
    "interlaminar",
    "transforaminal",
    "caudal",
    "transpedicular",
    "intra-articular",
    "anterior",
    "lateral",
    "medial",
    "other",
)
NO_CONTRAST = "none"
AIR = "air"
CONTRASTS = (NO_CONTRAST, "iodinated", "gadolinium-based", AIR)

_VERTEBRAE = [f"C{n}" for n in range(2, 8)] + [f"T{n}" for n in range(1, 13)] + [f"L{n}" for n in range(1, 6)]


def _level(upper: str, lower: str) -> str:
    return f"{upper}/{lower}" if upper[0] != lower[0] else f"{upper}/{lower[1:]}"


DISC_LEVELS = tuple(_level(upper, lower) for upper, lower in pairwise([*_VERTEBRAE, "S1"]))
"""The 23 discs from C2/3 to L5/S1."""
_FLAG = " (transitional)"
TRANSITIONAL = tuple(level + _FLAG for level in ("T12/13", "T13/L1", "L4/S1", "L5/6", "L6/S1", "S1/2"))
"""Between vertebrae that not everybody has, or that are counted otherwise: the flag is part of the word."""
OF_SACROILIAC, NOT_SPINAL = "sacroiliac", "not spinal"
LEVELS = (*DISC_LEVELS, *TRANSITIONAL, OF_SACROILIAC, NOT_SPINAL)


_BETWEEN_WORDS = re.compile(r"[\s\-\u2010-\u2015.,;()]+")


def is_transitional(level: str) -> bool:
    return level.endswith(_FLAG)


def place_problems(structure: str, level: str, side: str) -> dict[str, str]:
    """What cannot be of one place, as a sentence by "level" or "side": no body has it. Words not chosen yet pass."""
    found = {}
    spinal = level not in (OF_SACROILIAC, NOT_SPINAL)
    if level in LEVELS:
        if structure in (DISC, FACET, EPIDURAL) and not spinal:
            found["level"] = f"Choose the level of the {structure}."
        elif structure == SACROILIAC and level != OF_SACROILIAC:
            found["level"] = f"The level of a {structure} is “{OF_SACROILIAC}”."
        elif structure in LIMB_JOINTS and level != NOT_SPINAL:
            found["level"] = f"The level of a {structure} is “{NOT_SPINAL}”."
    if structure in (FACET, SACROILIAC, *LIMB_JOINTS) and side == MIDLINE:
        found["side"] = f"A {structure} is left or right, seen from the patient."
    return found


def name_problem(structure: str, named: str | None) -> dict[str, str]:
    """That a structure of which there are many is not named, as a sentence by "named"."""
    return {"named": f"Say which {structure} it is."} if structure in NAMED and not named else {}


def compared_name(structure: str, named: str | None) -> str:
    """The name of a structure of which there are many, as two names are compared; empty where there is only one.

    Case, hyphens and spaces say nothing, nor does the word for the structure itself: "Iliolumbar ligament" is
    "iliolumbar".
    """
    if structure not in NAMED or not named:
        return ""
    kind = structure.split()[-1]
    words = _BETWEEN_WORDS.sub(" ", named.casefold()).split()
    return "".join([word for word in words if word not in (kind, f"{kind}s")] or words)


def sides_of(side: str) -> frozenset[str]:
    """The single sides that a word for a side means."""
    return frozenset((LEFT, RIGHT)) if side == BOTH else frozenset((side,))
