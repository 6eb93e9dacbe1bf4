"""Where in a TOML text each value stands: the standard reader gives the values without their lines."""

from __future__ import annotations

import re

Path = tuple[str | int, ...]
"""Keys from the outside inwards, with the number (from 0) of each table in a list of tables."""

_TOKEN = re.compile(
    r"""(?P<string>\"{3}(?:\\.|[^\\])*?\"{3,5}|'{3}.*?'{3,5}|"(?:\\.|[^"\\\n])*"|'[^'\n]*')"""
    r"""|(?P<comment>\#[^\n]*)|(?P<line>\n)|(?P<word>[A-Za-z0-9_-]+)|(?P<sign>[][{}=.])|.""",
    re.DOTALL | re.VERBOSE,
)


def lines_of(text: str) -> dict[Path, int]:
    """For each key and table of a text that is valid TOML: the number of its first line.

    What stands within an inline table or a list has the line of the key before it.
    """
    found: dict[Path, int] = {}
    arrays: dict[Path, int] = {}
    table: Path = ()
    words: list[str] = []
    line, begun, opened, depth, in_value = 1, 1, 0, 0, False
    for token in _TOKEN.finditer(text):
        kind, said = token.lastgroup, token.group()
        if kind == "line" and not depth:
            if opened:
                table = _header(words, arrays, is_list=opened == 2)
                found.setdefault(table, begun)
            words, opened, in_value = [], 0, False
        elif kind == "sign" and said == "=" and not in_value and not opened:
            in_value = True
            for length in range(1, len(words) + 1):
                found.setdefault((*table, *words[:length]), begun)
        elif kind == "sign" and in_value:
            depth += (said in "[{") - (said in "]}")
        elif kind == "sign" and said == "[":
            opened, begun = opened + 1, line
        elif kind in ("word", "string") and not in_value:
            begun = line if not words else begun
            words.append(said if kind == "word" else said[1:-1])
        line += said.count("\n")
    return found


def line_of_long_key(text: str, parts: int) -> int | None:
    """The line of the first key of more than so many parts with points between, or None. The text may be anything.

    The standard reader takes the square of their number: twenty thousand would keep it for half a minute.
    """
    line, points = 1, 0
    for token in _TOKEN.finditer(text):
        said = token.group()
        if said == ".":
            points += 1
            if points >= parts:
                return line
        elif token.lastgroup not in ("word", "string") and said not in (" ", "\t"):
            points = 0
        line += said.count("\n")
    return None


def line_of(lines: dict[Path, int], path: Path) -> int | None:
    """The line of a value, or of the nearest thing around it that has one."""
    for length in range(len(path), 0, -1):
        if path[:length] in lines:
            return lines[path[:length]]
    return None


def _header(words: list[str], arrays: dict[Path, int], *, is_list: bool) -> Path:
    """The path of a table's header; a list of tables begins its next one."""
    path: Path = ()
    for number, word in enumerate(words, start=1):
        path = (*path, word)
        if is_list and number == len(words):
            arrays[path] = arrays.get(path, -1) + 1
        if path in arrays:
            path = (*path, arrays[path])
    return path
