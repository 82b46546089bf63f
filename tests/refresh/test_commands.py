"""The commands as a person runs them: what they print, what they write and how they exit."""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import replace

from api.cli import main
from api.commands.refresh import FAMILIES
from api.commands.refresh_report import words_of
from data.build import build_release
from data.curation.load import load_corpus
from data.facts.corpus import Corpus, Gap
from data.facts.venues import StatusPeriod
from data.facts.vocabulary import VenueState
from data.journal.chain import sha256
from data.journal.entry import NewEntry
from data.journal.journal import open_journal
from data.refresh.candidates import Family
from data.refresh.venues import READERS
from data.releases import ReleaseStore, UnknownReleaseError
from tests.journal.entries import POLICY, new_entry

from .venue_server import Reply, VenueServer

Run = Callable[..., tuple[int, str, str]]
TEN = [venue for venue in READERS if venue not in ("coinbase_advanced", "coinbase_derivatives", "cryptocom")][:10]


@pytest.fixture
def run(
    server: VenueServer,
    curated: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> Run:
    """Run a command against the loopback venues and the small curated folder; return exit code and both outputs."""
    monkeypatch.setenv("PRECLEAR_VAR", str(tmp_path / "var"))
    for name in ("BINANCE_API_KEY", "BINANCE_API_SECRET"):
        monkeypatch.delenv(name, raising=False)

    def run_command(*arguments: str) -> tuple[int, str, str]:
        command, *rest = arguments
        if command == "refresh":
            rest += ["--allow-host", "127.0.0.1", "--attempts", "1"]
            for venue in READERS:
                rest += ["--base-url", f"{venue}={server.url(venue)}"]
        if command in ("refresh", "crosscheck"):
            rest += ["--curated", str(curated)]
        code = main([command, *rest])
        heard = capsys.readouterr()
        return code, heard.out, heard.err

    return run_command


def test_no_change_is_zero(run: Run) -> None:
    code, out, err = run("refresh", "kraken")
    assert code == 0
    assert "read 1 of 1 venues: no change" in out
    assert "kraken: /0/public/AssetPairs 1/1" in err


def test_changes_are_one_and_shown_tier_by_tier(run: Run) -> None:
    code, out, err = run("refresh", "bybit", "kraken")
    assert code == 1
    assert "~ changed ladder BTCUSDT" in out
    assert "tier 3 cap 3000000 → 3200000" in out
    assert "+ new     ladder BIOUSDT  1 tier, 5x, up to 20000 USDT" in out
    assert "- gone    ladder RVNUSDT" in out
    assert "read 2 of 2 venues: 6 new, 2 changed, 2 gone" in out
    assert "bybit: /v5/market/risk-limit linear 2/2" in err


def test_nothing_is_written_unasked(run: Run, curated: Path) -> None:
    before = {path: path.read_bytes() for path in curated.rglob("*") if path.is_file()}
    run("refresh", "bybit")
    assert {path: path.read_bytes() for path in curated.rglob("*") if path.is_file()} == before


def test_accepting_leaves_nothing_to_change(run: Run, curated: Path) -> None:
    code, out, _ = run("refresh", "bybit", "--accept")
    assert code == 0
    assert "accepted 10 changes of 1 venues" in out
    assert run("refresh", "bybit")[0] == 0
    assert main(["check", "--curated", str(curated)]) == 0


def test_one_venue_down_among_ten_costs_that_venue_alone(server: VenueServer, run: Run, curated: Path) -> None:
    for venue in TEN:
        if not (curated / "venues" / f"{venue}.toml").exists():
            text = (curated / "venues" / "kraken.toml").read_text()
            head = text[: text.index("[[instrument]]")].replace('id = "kraken"', f'id = "{venue}"')
            (curated / "venues" / f"{venue}.toml").write_text(head)
    server.take_down("gate")
    code, out, err = run("refresh", *TEN, "--accept")
    assert code == 2
    assert "gate: failed: answered 503" in err
    assert "gate  failed: answered 503" in out
    assert "read 9 of 10 venues" in out
    assert "of 9 venues into" in out
    corpus = load_corpus(curated)
    verified = {one.venue for one in corpus.verifications}
    assert verified == set(TEN) - {"gate"}


@pytest.mark.parametrize(
    ("venue", "path", "place", "value", "words"),
    [
        (
            "kraken_futures",
            "/derivatives/api/v3/instruments",
            ("instruments", 0, "marginLevels", 0, "initialMargin"),
            0,
            "an initial margin rate of 0 allows no leverage",
        ),
        (
            "kraken_futures",
            "/derivatives/api/v3/instruments",
            ("instruments", 3, "lastTradingTime"),
            "Christmas",
            "Invalid isoformat string",
        ),
        (
            "kraken_futures",
            "/derivatives/api/v3/instruments",
            ("instruments", 0, "contractValueTradePrecision"),
            10**12,
            "InvalidOperation",
        ),
        ("deribit", "/api/v2/public/get_instruments", ("result", 1, "expiration_timestamp"), 10**18, "no day of a"),
    ],
)
def test_a_value_that_cannot_be_costs_that_venue_alone(
    server: VenueServer, run: Run, venue: str, path: str, place: tuple[str | int, ...], value: object, words: str
) -> None:
    for row in server.answers(venue):
        at = row["answer"]
        if (row.get("get") or "") != path or not reaches(at, place):
            continue
        for step in place[:-1]:
            at = at[step]
        at[place[-1]] = value
    code, out, _ = run("refresh", venue, "kraken")
    assert code == 2
    assert f"{venue}  failed: a value that cannot be: " in out
    assert words in out
    assert "read 1 of 2 venues: no change" in out


def reaches(answer: Any, place: tuple[str | int, ...]) -> bool:
    """Say whether an answer has a value at a place."""
    for step in place:
        try:
            answer = answer[step]
        except (LookupError, TypeError):
            return False
    return True


def test_a_suspicious_change_is_refused_unless_allowed(server: VenueServer, run: Run) -> None:
    page = server.answer("bybit", "/v5/market/risk-limit", category="linear")["result"]
    page["list"] = page["list"][:1]
    page["nextPageCursor"] = ""
    code, out, _ = run("refresh", "bybit", "--accept")
    assert code == 1
    assert "refused changed ladders BTCUSDT: the ladder loses half its tiers or more: 3 before, 1 after" in out
    code, out, _ = run("refresh", "bybit", "--accept", "--allow-suspicious")
    assert code == 0


def test_a_changed_shape_fails_loudly_with_its_path(server: VenueServer, run: Run) -> None:
    row = server.answer("bybit", "/v5/market/risk-limit", category="linear")["result"]["list"][0]
    row["mmr"] = row.pop("maintenanceMargin")
    code, out, _ = run("refresh", "bybit", "kraken")
    assert code == 2
    assert "missing required field `maintenanceMargin` - at `$.result.list[0]`" in out
    assert "kraken  instruments 4 as before" in out


def test_families_can_be_looked_at_alone(run: Run) -> None:
    code, out, _ = run("refresh", "bybit", "--family", "funding_terms")
    assert code == 1
    assert "ladder" not in out
    assert "funding term BTCUSDT" in out
    assert tuple(Family) == FAMILIES


def test_unknown_venues_and_wrong_addresses_are_named(run: Run) -> None:
    code, _, err = run("refresh", "nowhere")
    assert (code, "no module for nowhere; there are binance" in err) == (2, True)
    code, _, err = run("refresh")
    assert (code, "name a venue, or --all" in err) == (2, True)
    code, _, err = run("refresh", "kraken", "--base-url", "nowhere=http://127.0.0.1")
    assert (code, "--base-url wants VENUE=URL" in err) == (2, True)


def test_without_leave_no_other_host_is_asked(
    server: VenueServer, curated: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    arguments = ["refresh", "kraken", "--curated", str(curated), "--base-url", f"kraken={server.url('kraken')}"]
    assert main([*arguments, "--no-cache"]) == 2
    assert "host '127.0.0.1' is not on the allow-list" in capsys.readouterr().out
    assert server.requests == []


def test_unchanged_listings_are_asked_for_conditionally(server: VenueServer, run: Run) -> None:
    server.use_etags()
    run("refresh", "kraken")
    assert run("refresh", "kraken")[0] == 0
    assert len(server.conditional) == 1
    run("refresh", "kraken", "--no-cache")
    assert len(server.conditional) == 1


def test_a_retry_is_shown(server: VenueServer, run: Run) -> None:
    server.fault("kraken", "/0/public/AssetPairs", Reply(status=429, headers={"Retry-After": "0"}))
    code, _, err = run("refresh", "kraken", "--attempts", "2")
    assert code == 2
    assert "kraken: failed: answered 429 and asks to wait 0 s" in err


def test_crosscheck_lists_and_registers(run: Run, curated: Path, tmp_path: Path) -> None:
    tiers = [
        {"minNotional": 0, "maxNotional": 2500000, "maintenanceMarginRate": 0.005, "maxLeverage": 100},
    ]
    path = tmp_path / "tiers.json"
    path.write_text(json.dumps({"BTC/USDT:USDT": tiers}))
    code, out, _ = run("crosscheck", "bybit", "--with", str(path))
    assert code == 1
    assert "~ ladders of BTCUSDT" in out
    assert "bybit: 1 disagreements in 1 rows compared" in out
    code, out, _ = run("crosscheck", "bybit", "--with", str(path), "--accept")
    assert code == 0
    assert [one.fact for one in load_corpus(curated).conflicts] == ["ladders of BTCUSDT"]


def test_crosscheck_with_a_release_and_with_nothing(run: Run, curated: Path, tmp_path: Path) -> None:
    manifest = build_release(load_corpus(curated), tmp_path / "var" / "releases")
    code, out, _ = run("crosscheck", "bybit", "--release", manifest.id)
    assert (code, "0 disagreements" in out) == (0, True)
    assert run("crosscheck", "bybit", "--release", "rel_000000000000")[0] == 2
    assert run("crosscheck", "bybit", "--with", str(tmp_path / "absent.json"))[0] == 2
    code, _, err = run("crosscheck", "nowhere", "--release", "latest")
    assert (code, "no venue 'nowhere'" in err) == (2, True)


def test_diff_writes_nested_values_in_words() -> None:
    periods = (
        StatusPeriod(state=VenueState.OPERATING),
        StatusPeriod(state=VenueState.CLOSED, valid_from=date(2026, 9, 23), source="bitmex.notice"),
    )
    assert words_of(periods) == "state operating; state closed, valid_from 2026-09-23, source bitmex.notice"
    assert (words_of(()), words_of(True), words_of(Decimal("1E+3"))) == ("none", "true", "1000")


def test_diff_shows_two_releases_and_two_days(run: Run, curated: Path, tmp_path: Path) -> None:
    releases = tmp_path / "var" / "releases"
    first = build_release(load_corpus(curated), releases)
    run("refresh", "bybit", "--accept")
    second = build_release(load_corpus(curated), releases)
    code, out, _ = run("diff", first.id, second.id)
    assert code == 1
    assert f"from {first.id} to {second.id}" in out
    assert "+ instruments bybit|BTCUSD" in out
    code, out, _ = run("diff", first.id, second.id, "--fact", "margin_tiers", "--subject", "bybit", "--full")
    assert "~ margin_tiers bybit|BTCUSDT|perpetual" in out
    assert "valid_to none → " in out
    assert "instruments" not in out
    assert run("diff", first.id, first.id)[0] == 0
    code, out, _ = run("diff", "2026-01-01", "2026-01-02")
    assert (code, "0 changes" in out) == (0, True)
    assert run("diff", "rel_000000000000")[0] == 2
    code, _, err = run("diff", "2026-01-02", "2026-01-01")
    assert code == 2
    assert "2026-01-01 lies before 2026-01-02" in err


def test_diff_refuses_a_kind_of_fact_or_a_subject_that_is_none(run: Run, curated: Path, tmp_path: Path) -> None:
    release = build_release(load_corpus(curated), tmp_path / "var" / "releases")
    code, out, err = run("diff", release.id, "--fact", "fee")
    assert (code, out) == (2, "")
    assert "no kind of fact is named 'fee'; there are " in err
    assert "fees, " in err
    code, out, err = run("diff", release.id, "--subject", "bybit", "--subject", "Bybit")
    assert (code, out) == (2, "")
    assert "about 'Bybit'; there are the venues " in err
    assert "bybit" in err
    assert run("diff", release.id, "--fact", "fees", "--subject", "bybit")[0] == 0


def test_mirror_copies_and_says_so(run: Run, curated: Path, tmp_path: Path) -> None:
    origin = tmp_path / "origin"
    manifest = build_release(load_corpus(curated), origin)
    code, out, _ = run("mirror", str(origin))
    assert (code, out) == (0, f"mirrored release {manifest.id}\n")
    assert run("mirror", str(origin))[1] == "the latest release is here already\n"
    assert run("mirror", str(tmp_path / "nothing"))[0] == 2


def test_a_new_machine_gets_the_releases_that_recorded_decisions_name(
    run: Run, curated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus, origin = load_corpus(curated), tmp_path / "origin"
    older = build_release(corpus, origin).id
    unnamed = build_release(with_gap(corpus, "nobody decided under it"), origin).id
    newest = build_release(with_gap(corpus, "the latest"), origin).id
    lost = "rel_0123456789ab"
    address = f"sqlite:///{tmp_path / 'journal.sqlite'}"
    monkeypatch.setenv("PRECLEAR_JOURNAL", address)
    code, _, err = run("mirror", str(origin), "--recorded")
    assert (code, "no journal" in err) == (2, True)
    with asyncio.Runner() as runner:
        runner.run(record(address, new_entry("dec_1", release=older), new_entry("dec_2", release=newest)))
        code, out, _ = run("mirror", str(origin), "--recorded")
        here = ReleaseStore(tmp_path / "var" / "releases")
        assert code == 0
        assert f"mirrored release {older}, which recorded decisions name" in out
        assert here.current().id == newest
        assert here.get(older).id == older
        with pytest.raises(UnknownReleaseError):
            here.get(unnamed)
        runner.run(record(address, new_entry("dec_3", release=lost)))
        code, _, err = run("mirror", str(origin), "--recorded")
        assert (code, lost in err) == (2, True)


def with_gap(corpus: Corpus, text: str) -> Corpus:
    return replace(corpus, gaps=(*corpus.gaps, Gap(subject="bybit", family="fees", text=text)))


async def record(address: str, *entries: NewEntry) -> None:
    journal = await open_journal(address)
    await journal.keep_policy(sha256(POLICY), POLICY)
    await journal.record_all(entries)
    await journal.close()
