"""Where there is no browser these tests are left out, and the run says so at its end; CI installs one."""

from __future__ import annotations

from tests.surroundings import CHROMIUM

collect_ignore = [] if CHROMIUM else ["test_pages_in_a_browser.py"]
