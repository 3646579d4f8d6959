from __future__ import annotations

import pytest

TABLE = "oracle table"


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """The tables of all estates, whichever worker made them."""
    for reports in terminalreporter.stats.values():
        for report in reports:
            for name, text in getattr(report, "user_properties", ()):
                if name == TABLE and report.when == "call":
                    terminalreporter.write_line(str(text))
