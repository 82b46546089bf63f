"""Where there is no browser these tests are left out, and the run's header says so; CI installs one."""

from __future__ import annotations

from tests.browser.browsing import CHROMIUM

collect_ignore = [] if CHROMIUM else ["test_pages_in_a_browser.py"]


def pytest_report_header() -> str:
    return f"browser: {CHROMIUM or 'none found, pages are not tried in one'}"
