"""The pages work in a real browser, and ask nobody but this service."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest

from tests.browser.browsing import Browser
from tests.conftest import ROOT, RunningServer, ServerFactory

FAINT = """(() => {
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number);
  const linear = (part) => (part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4);
  const light = ([r, g, b]) => 0.2126 * linear(r / 255) + 0.7152 * linear(g / 255) + 0.0722 * linear(b / 255);
  const ground = (node) => {
    const colour = numbers(getComputedStyle(node).backgroundColor);
    return colour.length === 4 && colour[3] === 0 ? ground(node.parentElement) : colour;
  };
  const has_text = (node) => [...node.childNodes].some((one) => one.nodeType === 3 && one.data.trim());
  const contrast = (node) => {
    const colours = [numbers(getComputedStyle(node).color), ground(node)];
    const [low, high] = colours.map(light).sort((one, other) => one - other);
    return (high + 0.05) / (low + 0.05);
  };
  return [...document.querySelectorAll('body *')]
    .filter((node) => node.checkVisibility() && has_text(node) && contrast(node) < 4.5)
    .map((node) => node.outerHTML.slice(0, 120));
})()"""
"""Elements whose text has too little contrast."""


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
    browser.run("document.querySelector('#clear [name=\"client.residence\"]').value = 'US-NY'")
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
    for name, value in {"client.residence": "VN", "leverage": "20", "as_of": "2023-01-01"}.items():
        browser.run(f"document.querySelector('#clear [name=\"{name}\"]').value = '{value}'")
    browser.run("document.querySelector('#clear button').click()")
    assert browser.wait_for("document.querySelector('#decision .verdict')?.textContent").startswith("DENY")
    shown = browser.run("document.getElementById('decision').innerText")
    assert "leverage: at most 10" in shown
    assert "fail (deny)" in shown
    assert "fail (warn)" in shown
    assert "taken to have held then" in shown
    assert "slippage is not in the total" in shown
    assert "2023-01-01, release rel_" in shown
    flags = browser.run("[...document.querySelectorAll('#decision .flag')].map((flag) => flag.textContent)")
    assert "extrapolated" in flags
    followed = browser.run("document.querySelector('#decision a[href^=\"/v1/sources/\"]').getAttribute('href')")
    assert "as_of=2023-01-01" in followed
    assert "release=rel_" in followed


@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_what_is_shown_can_be_read(browser: Browser, server: RunningServer, scheme: str) -> None:
    """Every text has at least 4.5 times the contrast of its ground (WCAG 2.2, 1.4.3), and nothing is wider than a
    narrow screen.
    """
    browser.call("Emulation.setEmulatedMedia", features=[{"name": "prefers-color-scheme", "value": scheme}])
    browser.call("Emulation.setDeviceMetricsOverride", width=375, height=800, deviceScaleFactor=1, mobile=False)
    browser.open(f"{server.url}/")
    browser.wait_for("document.querySelector('#clear [name=policy]')?.options.length >= 4")
    browser.run("document.querySelector('#clear button').click()")
    browser.wait_for("document.querySelector('#decision .verdict')?.textContent")
    assert browser.run("document.documentElement.scrollWidth") <= 375
    assert browser.run(FAINT) == []


def test_a_trade_is_compared_on_every_venue_from_the_explorer(browser: Browser, server: RunningServer) -> None:
    browser.open(f"{server.url}/")
    browser.wait_for("document.querySelector('#clear [name=policy]')?.options.length >= 4")
    browser.run("document.querySelector('#clear [value=compare]').click()")
    browser.wait_for("document.querySelectorAll('#decision details').length >= 15")
    rows = browser.run("[...document.querySelectorAll('#decision tbody tr')].map((row) => row.innerText)")
    ranked = [row for row in rows if re.match(r"\d+\s+(allow|review|deny)\s", row)]
    verdicts = [row.split()[1] for row in ranked]
    assert len(verdicts) >= 15
    assert verdicts == sorted(verdicts, key=["allow", "review", "deny"].index)
    assert any("BTCUSDT" in row and "49,799.19678714" in row for row in ranked)
    assert "Without such a contract on file" in browser.run("document.getElementById('decision').innerText")
    browser.run("document.querySelector('#clear [name=instrument]').value = 'NOTHING-LIKE-IT'")
    browser.run("document.querySelector('#clear [value=compare]').click()")
    told = browser.wait_for("document.querySelector('#decision pre.deny')?.textContent")
    assert told.startswith("No instrument NOTHING-LIKE-IT of Binance is on file")


def test_the_explorer_asks_every_venue(browser: Browser, server: RunningServer) -> None:
    browser.open(f"{server.url}/")
    browser.wait_for("document.querySelector('#clear [name=policy]')?.options.length >= 4")
    browser.run("document.querySelector('#where button').click()")
    browser.wait_for("document.querySelectorAll('#eligibility details').length >= 28")
    assert "deny Binance" in browser.run("document.getElementById('eligibility').innerText")


def test_the_explorer_names_a_bad_field(browser: Browser, server: RunningServer) -> None:
    browser.open(f"{server.url}/")
    browser.wait_for("document.querySelector('#clear [name=policy]')?.options.length >= 4")
    browser.run("document.querySelector('#clear [name=leverage]').value = 'lots'")
    browser.run("document.querySelector('#clear button').click()")
    assert "/leverage" in browser.wait_for("document.querySelector('#decision pre.deny')?.textContent")


@pytest.fixture
def key(tmp_path: Path) -> str:
    """A key of the service whose folder the test has, so that nothing is answered without one."""
    environment = {**os.environ, "PRECLEAR_VAR": str(tmp_path)}
    command = [sys.executable, "-m", "api", "keys", "create", "--name", "desk"]
    made = subprocess.run(command, check=True, cwd=ROOT, env=environment, capture_output=True, text=True)
    return made.stdout.split()[-1]


def fill_in_key(browser: Browser, key: str) -> None:
    browser.run(f"document.querySelector('#key input').value = '{key}'")
    browser.run("document.querySelector('#key button').click()")


def test_the_explorer_asks_for_a_key_where_one_is_needed(browser: Browser, serve: ServerFactory, key: str) -> None:
    server = serve()
    browser.open(f"{server.url}/")
    browser.wait_for("document.getElementById('key')?.hidden === false")
    assert browser.run("document.querySelector('#key input').labels[0].innerText") == "API key"
    assert browser.run("document.querySelector('#key input').type") == "password"
    fill_in_key(browser, "pk_wrong")
    browser.wait_for("document.getElementById('release').innerText.includes('A valid API key is needed')")
    fill_in_key(browser, key)
    browser.wait_for("document.querySelector('#clear [name=policy]')?.options.length >= 4")
    browser.run("document.querySelector('#clear button').click()")
    browser.wait_for("document.querySelector('#decision .verdict')?.textContent")
    browser.run("document.querySelector('#where button').click()")
    browser.wait_for("document.querySelectorAll('#eligibility details').length >= 28")
    browser.run("document.querySelector('#decision a[href^=\"/v1/sources\"]').click()")
    browser.wait_for("document.querySelector('#answer[open] pre')?.textContent.includes('publisher')")
    kept = "JSON.stringify([location.href, {...localStorage}, {...sessionStorage}, document.cookie])"
    assert key not in browser.run(kept) + browser.run("document.documentElement.outerHTML")
    assert not any(key in address for address in browser.requested)
    browser.run("document.getElementById('forget').click()")
    browser.run("document.querySelector('#where button').click()")
    browser.wait_for("document.querySelector('#eligibility pre.deny')?.textContent.includes('API key')")


def test_the_explorer_shows_no_field_for_a_key_where_none_is_needed(browser: Browser, server: RunningServer) -> None:
    browser.open(f"{server.url}/")
    browser.wait_for("document.querySelector('#clear [name=policy]')?.options.length >= 4")
    assert browser.run("document.getElementById('key').checkVisibility()") is False


def test_the_documentation_sends_the_key_it_is_given(browser: Browser, serve: ServerFactory, key: str) -> None:
    server = serve()
    browser.open(f"{server.url}/docs")
    browser.wait_for("document.querySelectorAll('.opblock').length > 30")
    browser.run("document.querySelector('.btn.authorize').click()")
    browser.wait_for("document.querySelector('.auth-container input') !== null")
    setting = "Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, 'value').set"
    browser.run(
        "(field => {"
        f"{setting}.call(field, '{key}'); field.dispatchEvent(new Event('input', {{bubbles: true}}))"
        "})(document.querySelector('.auth-container input'))"
    )
    browser.run("document.querySelector('.auth-btn-wrapper .authorize').click()")
    browser.run("document.querySelector('#operations-facts-getVenue button.opblock-summary-control').click()")
    browser.wait_for("document.querySelector('#operations-facts-getVenue .execute') !== null")
    browser.run("document.querySelector('#operations-facts-getVenue .execute').click()")
    answer = "#operations-facts-getVenue .live-responses-table tbody .response-col_status"
    shown = f"document.querySelector('{answer}')?.innerText"
    assert browser.wait_for(shown).startswith("200")
    assert hosts(browser) == {urlsplit(server.url).netloc}


MARKED = """(() => {
  const mark = '<img src=x onerror="window.ran = 1"><script>window.ran = 1</script>';
  const marked = (value) => (typeof value === 'string' ? value + mark
    : Array.isArray(value) ? value.map(marked)
    : value && typeof value === 'object'
      ? Object.fromEntries(Object.entries(value).map(([name, one]) => [name, marked(one)]))
    : value);
  const fetched = window.fetch;
  window.fetch = async (...asked) => {
    const reply = await fetched(...asked);
    return new Response(JSON.stringify(marked(await reply.json())), { status: reply.status });
  };
})()"""
"""Puts markup behind every text that the page is answered, as if it had been stored or sent by somebody else."""


def test_markup_in_an_answer_is_shown_as_text(browser: Browser, server: RunningServer) -> None:
    browser.open(f"{server.url}/")
    browser.wait_for("document.querySelector('#clear [name=policy]')?.options.length >= 4")
    browser.run(MARKED)
    browser.run("document.querySelector('#clear button').click()")
    browser.wait_for("document.querySelector('#decision .verdict')?.textContent.includes('<script>')")
    browser.run("document.querySelector('#where button').click()")
    browser.wait_for("document.getElementById('eligibility').innerText.includes('<script>')")
    browser.run("document.querySelector('#clear [name=leverage]').value = 'lots'")
    browser.run("document.querySelector('#clear button').click()")
    browser.wait_for("document.querySelector('#decision pre.deny')?.textContent.includes('<script>')")
    assert browser.run("document.querySelectorAll('main img, main script').length") == 0
    assert browser.run("window.ran === undefined")
    assert hosts(browser) == {urlsplit(server.url).netloc}
    assert browser.errors == [one for one in browser.errors if "422" in one]


@pytest.mark.parametrize("page", ["/", "/docs"])
def test_a_script_that_gets_into_a_page_does_not_run(browser: Browser, server: RunningServer, page: str) -> None:
    browser.open(f"{server.url}{page}")
    browser.wait_for("document.readyState === 'complete' && document.body !== null")
    browser.run(
        """(() => {
          document.body.insertAdjacentHTML('beforeend', '<img src="data:," onerror="window.ran = 1">');
          const script = document.createElement('script');
          script.textContent = 'window.ran = 1';
          document.body.append(script);
          const link = Object.assign(document.createElement('a'), { href: 'javascript:window.ran = 1' });
          document.body.append(link);
          link.click();
          const elsewhere = document.createElement('script');
          elsewhere.src = 'https://elsewhere.invalid/x.js';
          document.body.append(elsewhere);
        })()"""
    )
    browser.wait_for("document.querySelector('body > img').complete")
    assert browser.run("window.ran === undefined")
    assert len([one for one in browser.errors if "Content Security Policy" in one]) >= 4
