"""The pages work in a real browser, and ask nobody but this service."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.browser.browsing import Browser
from tests.conftest import RunningServer


@pytest.fixture
def browser(tmp_path: Path) -> Iterator[Browser]:
    with Browser(tmp_path / "profile") as opened:
        yield opened


def hosts(browser: Browser) -> set[str]:
    return {urlsplit(url).netloc for url in browser.requested if not url.startswith(("data:", "about:", "blob:"))}


def test_the_documentation_renders_without_another_host(browser: Browser, server: RunningServer) -> None:
    browser.open(f"{server.url}/docs")
    browser.wait_for("document.querySelectorAll('.opblock').length > 30")
    browser.run("document.querySelector('#operations-decisions-decide button.opblock-summary-control').click()")
    browser.wait_for("document.querySelector('#operations-decisions-decide .opblock-body') !== null")
    assert hosts(browser) == {urlsplit(server.url).netloc}
    assert browser.errors == []


def test_a_trade_is_cleared_from_the_explorer(browser: Browser, server: RunningServer) -> None:
    browser.open(f"{server.url}/")
    browser.wait_for("document.querySelector('#clear [name=venue]')?.options.length >= 28")
    browser.wait_for("document.querySelector('#clear [name=policy]').options.length >= 4")
    browser.run("document.querySelector('#clear [name=residence]').value = 'US-NY'")
    browser.run("document.querySelector('#clear button').click()")
    assert browser.wait_for("document.querySelector('#decision .verdict')?.textContent").startswith("DENY")
    assert "us.cea_2e_swaps_non_ecp" in browser.run("document.getElementById('decision').innerText")
    assert hosts(browser) == {urlsplit(server.url).netloc}
    assert browser.errors == []


def test_a_decision_shows_what_a_finding_does_what_would_pass_and_what_was_taken_for_granted(
    browser: Browser, server: RunningServer
) -> None:
    browser.open(f"{server.url}/")
    browser.wait_for("document.querySelector('#clear [name=policy]')?.options.length >= 4")
    for name, value in {"residence": "VN", "leverage": "20", "as_of": "2023-01-01"}.items():
        browser.run(f"document.querySelector('#clear [name={name}]').value = '{value}'")
    browser.run("document.querySelector('#clear button').click()")
    assert browser.wait_for("document.querySelector('#decision .verdict')?.textContent").startswith("DENY")
    shown = browser.run("document.getElementById('decision').innerText")
    assert "leverage: at most 10" in shown
    assert "fail (deny)" in shown
    assert "fail (warn)" in shown
    assert "taken to have held then" in shown
    assert "slippage is not in the total" in shown


def test_the_explorer_asks_every_venue(browser: Browser, server: RunningServer) -> None:
    browser.open(f"{server.url}/")
    browser.wait_for("document.querySelector('#clear [name=policy]')?.options.length >= 4")
    browser.run("document.querySelector('#where button').click()")
    browser.wait_for("document.querySelectorAll('#eligibility details').length >= 28")
    assert "deny binance" in browser.run("document.getElementById('eligibility').innerText")


def test_the_explorer_names_a_bad_field(browser: Browser, server: RunningServer) -> None:
    browser.open(f"{server.url}/")
    browser.wait_for("document.querySelector('#clear [name=policy]')?.options.length >= 4")
    browser.run("document.querySelector('#clear [name=leverage]').value = 'lots'")
    browser.run("document.querySelector('#clear button').click()")
    assert "/leverage" in browser.wait_for("document.querySelector('#decision pre.deny')?.textContent")
