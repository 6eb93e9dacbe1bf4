"""At the end of `make check`: what has grown, to be looked at. Never a reason to split what is one thing."""

from __future__ import annotations

import pytest

FILE_LOOKS_LONG, FUNCTION_LOOKS_LONG = 250, 45


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    if not any("house" in argument for argument in terminalreporter.config.args):
        return
    from tests.house.test_size import grown

    terminalreporter.section("files over 250 lines and functions over 45, to be looked at")
    for line in grown(FILE_LOOKS_LONG, FUNCTION_LOOKS_LONG):
        terminalreporter.line(line)
