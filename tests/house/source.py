"""The tree as the house tests read it."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

ROOT = Path(__file__).parents[2]
PACKAGE = ROOT / "labrecords"


def modules(*folders: str) -> Iterator[tuple[str, ast.Module]]:
    """Path and syntax tree of every module of the package, or of some of its folders."""
    for folder in folders or ("",):
        for file in sorted((PACKAGE / folder).rglob("*.py")):
            yield str(file.relative_to(ROOT)), ast.parse(file.read_text())


def imported(tree: ast.AST) -> set[str]:
    """Names of all modules that a tree imports, wherever the import stands."""
    found = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module} | {f"{node.module}.{name.name}" for name in node.names}
    return found
