"""Where there is no browser these tests are left out, and the run says so at its end; CI installs one."""

from __future__ import annotations

import pytest

from tests.browser.browsing import CHROMIUM

collect_ignore = [] if CHROMIUM else ["test_pages_in_a_browser.py"]


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    terminalreporter.write_line(f"browser: {CHROMIUM or 'none found, pages were not tried in one'}")
