"""Files and functions that have grown: a report to look at, and a bound that nothing passes unnoticed."""

from __future__ import annotations

import ast

from tests.house.source import ROOT, modules

FILE_IS_LONG, FUNCTION_IS_LONG = 460, 90
_MADE = ("labrecords/models/migrations/versions/",)
"""Written by a tool and never read for pleasure."""


def grown(file_lines: int, function_lines: int) -> list[str]:
    """What has more lines than these, the longest first: for the report at the end of `make check`."""
    found = [(length, path) for path, length in long_files(file_lines).items()]
    for path, tree in modules():
        if not path.startswith(_MADE):
            found += [
                (length, f"{path}: {name}") for name, length in long_functions(tree, function_lines).items()
            ]
    return [f"{length:5}  {place}" for length, place in sorted(found, reverse=True)]


def long_files(lines: int) -> dict[str, int]:
    found = {}
    for path, _ in modules():
        length = len((ROOT / path).read_text().splitlines())
        if length > lines and not path.startswith(_MADE):
            found[path] = length
    return found


def long_functions(tree: ast.AST, lines: int) -> dict[str, int]:
    return {
        node.name: length
        for node in ast.walk(tree)
        if isinstance(node, (ast.FunctionDef, ast.AsyncFunctionDef))
        and (length := (node.end_lineno or 0) - node.lineno + 1) > lines
    }


def test_no_file_is_too_long_to_be_about_one_thing() -> None:
    assert long_files(FILE_IS_LONG) == {}


def test_no_function_is_too_long_to_be_seen_at_once() -> None:
    wrong = {
        f"{path}: {name}": length
        for path, tree in modules()
        for name, length in long_functions(tree, FUNCTION_IS_LONG).items()
        if not path.startswith(_MADE)
    }
    assert wrong == {}


def test_a_planted_long_function_is_found() -> None:
    body = "\n".join(f"    x = {n}" for n in range(FUNCTION_IS_LONG))
    assert long_functions(ast.parse(f"def long():\n{body}"), FUNCTION_IS_LONG) == {
        "long": FUNCTION_IS_LONG + 1
    }
