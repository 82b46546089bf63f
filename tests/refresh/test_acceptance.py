"""Accepted changes in the curated text: dated, sourced, reversible by nobody but a person, and only this venue's."""

from __future__ import annotations

import errno
import os
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from pathlib import Path
from typing import Any

import pytest
from msgspec.structs import astuple, replace

import data
from data.build import build_release
from data.curation.load import load_corpus
from data.curation.problems import CurationError
from data.facts.corpus import Corpus, Verification
from data.facts.venues import Ladder
from data.refresh.acceptance import Acceptance, accept
from data.refresh.candidates import Family
from data.refresh.differences import compare
from data.refresh.staging import Written, write_accepted
from data.refresh.venues import READERS
from data.releases import ReleaseStore

from .conftest import DAY, Read
from .venue_server import VenueServer

KEYS = {"BINANCE_API_KEY": "k", "BINANCE_API_SECRET": "s"}
RISK = "/v5/market/risk-limit"
FAMILIES = ("instruments", "ladders", "leverage_caps", "fees", "funding_terms")


async def accepted(read: Read, folder: Path, *venues: str, allow: bool = False) -> tuple[list[Acceptance], Written]:
    corpus = load_corpus(folder)
    prepared = [
        accept(folder, corpus, compare(await read(venue, KEYS), corpus), allow_suspicious=allow) for venue in venues
    ]
    return prepared, write_accepted(folder, corpus, prepared)


def held_on(corpus: Corpus, day: date) -> dict[str, set[tuple[object, ...]]]:
    """Return what each family says on a day, without the fields that say where it was read and how it is keyed."""
    found: dict[str, set[tuple[object, ...]]] = {}
    for family in FAMILIES:
        rows: Any = getattr(corpus, family)
        found[family] = {astuple(_bare(row)) for row in rows if row.holds_on(day)}
    return found


def _bare(row: Any) -> Any:
    blanks: dict[str, Any] = {"key": "", "source": "", "also_sources": (), "valid_to": None, "note": None}
    blanks |= {"certain_from": date.min, "low_confidence": False, "valid_from": None}
    if isinstance(row, Ladder):
        blanks |= {"observed": False, "last_seen": None}
    return replace(row, **blanks)


async def test_after_acceptance_nothing_differs_and_a_release_builds(read: Read, curated: Path, tmp_path: Path) -> None:
    _, written = await accepted(read, curated, "bybit", "kraken")
    assert written.venues == ("bybit", "kraken")
    assert written.rejected == ()
    again = load_corpus(curated)
    assert again == written.corpus
    for venue in ("bybit", "kraken"):
        assert compare(await read(venue), again).changes == ()
    manifest = build_release(again, tmp_path / "releases")
    assert ReleaseStore(tmp_path / "releases").current().id == manifest.id


async def test_the_days_before_stay_as_they_were(read: Read, curated: Path) -> None:
    before = load_corpus(curated)
    await accepted(read, curated, "bybit", "kraken")
    after = load_corpus(curated)
    for days in (1, 300, 2000):
        day = DAY - timedelta(days=days)
        assert held_on(after, day) == held_on(before, day)


async def test_new_rows_begin_and_old_rows_end_on_the_day_observed(read: Read, curated: Path) -> None:
    await accepted(read, curated, "bybit")
    ladders = {(one.instrument, one.valid_from, one.valid_to, one.observed) for one in load_corpus(curated).ladders}
    assert ladders == {
        ("BTCUSDT", date(2025, 12, 29), DAY, False),
        ("BTCUSDT", DAY, None, True),
        ("RVNUSDT", None, DAY, False),
        ("BIOUSDT", DAY, None, True),
        ("BTCUSD", DAY, None, True),
    }


async def test_every_new_row_has_a_source_with_address_time_and_hash(read: Read, curated: Path) -> None:
    await accepted(read, curated, "bybit")
    corpus = load_corpus(curated)
    sources = {one.id: one for one in corpus.sources}
    new = [one for one in corpus.ladders if one.valid_from == DAY]
    assert {one.source for one in new} == {"bybit.api_ladders_2026_11_21"}
    source = sources["bybit.api_ladders_2026_11_21"]
    assert source.url.endswith("/v5/market/risk-limit")
    assert source.sha256 is not None
    assert len(source.sha256) == 64
    assert source.note == "Read at 2026-11-21T10:15:03Z, 3 answers hashed in order."
    assert (source.evidence, source.seen) == ("primary", DAY)


async def test_text_written_by_hand_stays_where_and_as_it_is(read: Read, curated: Path) -> None:
    path = curated / "venues" / "bybit.toml"
    before = path.read_text().splitlines()
    await accepted(read, curated, "bybit")
    after = path.read_text().splitlines()
    new = list(after)
    for line in before:
        assert line in new, line
        new = new[new.index(line) + 1 :]
    assert 'cap = "0.005"  # seen on a phone' in after
    assert "# funding: what the general page says first" in after
    at = after.index('cap = "0.005"  # seen on a phone')
    assert 'valid_to = "2026-11-21"' in after[at : at + 7]


async def test_a_ladder_that_ended_moves_to_the_history(read: Read, curated: Path) -> None:
    await accepted(read, curated, "bybit")
    current = (curated / "margin_tiers" / "bybit.csv").read_text()
    history = (curated / "margin_tiers" / "bybit.history.csv").read_text()
    assert "3000000" not in current
    assert "2600000,3000000,0.0125,0.0063,3020,80,2025-12-29,2026-11-21,,,,,docs" in history
    assert history.splitlines()[0] == current.splitlines()[0]


async def test_verification_is_renewed_even_when_nothing_changed(read: Read, curated: Path) -> None:
    await accepted(read, curated, "kraken")
    found = {one for one in load_corpus(curated).verifications if one.venue == "kraken"}
    assert found == {
        Verification(venue="kraken", family=family, last_verified=DAY)
        for family in ("instruments", "leverage_caps", "fees")
    }


async def test_a_suspicious_change_is_refused_and_its_family_not_verified(
    server: VenueServer, read: Read, curated: Path
) -> None:
    page = server.answer("bybit", RISK, category="linear")["result"]
    page["list"] = page["list"][:1]
    page["nextPageCursor"] = ""
    [prepared], written = await accepted(read, curated, "bybit")
    assert [(one.change.subject, one.reason) for one in prepared.refused] == [
        ("BTCUSDT", "the ladder loses half its tiers or more: 3 before, 1 after")
    ]
    assert Family.LADDERS not in prepared.verified
    ours = [one for one in written.corpus.ladders if one.instrument == "BTCUSDT"]
    assert [len(one.tiers) for one in ours] == [3]
    assert "margin_tiers" not in {one.family for one in written.corpus.verifications if one.last_verified == DAY}
    [allowed], written = await accepted(read, curated, "bybit", allow=True)
    assert allowed.refused == ()
    assert [
        len(one.tiers) for one in written.corpus.ladders if one.instrument == "BTCUSDT" and one.valid_to is None
    ] == [1]


async def test_fees_that_the_venue_itself_disowns_are_refused_and_verify_nothing(read: Read, tmp_path: Path) -> None:
    folder = tmp_path / "own"
    copy_tree(Path(data.__file__).parent / "curated", folder)
    before = load_corpus(folder)
    [prepared], written = await accepted(read, folder, "kraken_futures")
    of_fees = {one.reason for one in prepared.refused if one.change.family is Family.FEES}
    assert {reason.partition(";")[0] for reason in of_fees} == {
        "Kraken says that since 2026-06-22 this endpoint no longer tells the fees it charges"
    }
    assert Family.FEES not in prepared.verified
    assert [one for one in written.corpus.fees if one.venue == "kraken_futures"] == [
        one for one in before.fees if one.venue == "kraken_futures"
    ]


async def test_an_allowed_oddity_is_listed_as_one(server: VenueServer, read: Read, curated: Path) -> None:
    server.answer("bybit", RISK, category="linear")["result"]["list"][1]["mmDeduction"] = "1300"
    [prepared], _ = await accepted(read, curated, "bybit")
    assert [one.change.subject for one in prepared.refused] == ["BTCUSDT"]
    _, written = await accepted(read, curated, "bybit", allow=True)
    assert written.rejected == ()
    oddities = [gap.text for gap in written.corpus.gaps if gap.family == "margin_tiers"]
    assert oddities == ["BTCUSDT: The venue's API gave it so on 2026-11-21."]


async def test_a_second_change_on_one_day_wants_a_hand(server: VenueServer, read: Read, curated: Path) -> None:
    await accepted(read, curated, "bybit")
    server.answer("bybit", RISK, category="linear", cursor="page2")["result"]["list"][0]["riskLimitValue"] = "3300000"
    [prepared], _ = await accepted(read, curated, "bybit")
    assert [(one.change.subject, one.reason) for one in prepared.refused] == [
        ("BTCUSDT", "the row we hold began on 2026-11-21: a second change of one day wants a hand")
    ]


async def test_a_row_already_announced_ends_the_one_before_it(read: Read, curated: Path) -> None:
    path = curated / "venues" / "bybit.toml"
    announced = path.read_text().rpartition("[[funding]]")[2].replace('"2025-01"', '"2027-01-01"')
    closed = path.read_text().replace('valid_from = "2025-01"', 'valid_from = "2025-01"\nvalid_to = "2027-01-01"')
    path.write_text(f"{closed}\n[[funding]]{announced}")
    _, written = await accepted(read, curated, "bybit")
    assert written.rejected == ()
    terms = [one for one in written.corpus.funding_terms if one.instrument == "BTCUSDT"]
    assert sorted((str(one.valid_from), str(one.valid_to)) for one in terms) == [
        ("2025-01-01", "2026-11-21"),
        ("2026-11-21", "2027-01-01"),
        ("2027-01-01", "None"),
    ]


async def test_a_venue_whose_patch_does_not_read_is_left_out_and_the_others_written(read: Read, curated: Path) -> None:
    corpus = load_corpus(curated)
    prepared = [
        accept(curated, corpus, compare(await read(venue), corpus), allow_suspicious=False)
        for venue in ("bybit", "kraken")
    ]
    broken = prepared[0].files | {
        "venues/bybit.toml": prepared[0].files["venues/bybit.toml"] + '\n[[surprise]]\na = "1"\n'
    }
    written = write_accepted(curated, corpus, [replace(prepared[0], files=broken), prepared[1]])
    assert written.venues == ("kraken",)
    assert [(one.venue, "surprise" in one.reason) for one in written.rejected] == [("bybit", True)]
    assert not (curated / "margin_tiers" / "bybit.history.csv").exists()
    assert (curated / "margin_tiers" / "bybit.csv").read_text().count("2026-11-21") == 0


async def test_a_patch_that_touches_another_venue_is_never_written(read: Read, curated: Path) -> None:
    corpus = load_corpus(curated)
    prepared = accept(curated, corpus, compare(await read("kraken"), corpus), allow_suspicious=False)
    meddling = prepared.files | {
        "venues/bybit.toml": (curated / "venues" / "bybit.toml").read_text().replace('cap = "0.005"', 'cap = "0.006"')
    }
    with pytest.raises(RuntimeError, match="would change facts of bybit"):
        write_accepted(curated, corpus, [replace(prepared, files=meddling)])
    assert load_corpus(curated) == corpus


async def test_the_projects_own_facts_take_every_venues_answers(read: Read, tmp_path: Path) -> None:
    """All venues at once against the curated text in use: it reads afterwards, nothing differs, no past day moves."""
    folder = tmp_path / "own"
    copy_tree(Path(data.__file__).parent / "curated", folder)
    before = load_corpus(folder)
    prepared, written = await accepted(read, folder, *READERS, allow=True)
    assert written.rejected == ()
    assert set(written.venues) == set(READERS)
    refused = [one for each in prepared for one in each.refused]
    assert refused == []
    for venue in READERS:
        assert compare(await read(venue, KEYS), written.corpus).changes == ()
    for day in (DAY - timedelta(days=1), date(2024, 5, 1), date(2020, 1, 1)):
        assert held_on(written.corpus, day) == held_on(before, day)


def copy_tree(origin: Path, folder: Path) -> None:
    for path in origin.rglob("*"):
        if path.is_file():
            target = folder / path.relative_to(origin)
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(path.read_bytes())


def names_below(folder: Path) -> set[str]:
    return {path.name for path in folder.iterdir()}


class CutOffError(Exception):
    """Stands for the process that is killed, or the disk that is full."""


def cut_off_after(steps: Iterator[int]) -> Callable[[Path, Path], Path]:
    whole = Path.replace

    def replace_file(draft: Path, target: Path) -> Path:
        if next(steps, None) is None:
            raise CutOffError
        return whole(draft, target)

    return replace_file


async def test_a_run_cut_off_between_two_files_never_says_that_old_rows_were_compared(
    read: Read, curated: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = load_corpus(curated)
    prepared = accept(curated, corpus, compare(await read("bybit"), corpus), allow_suspicious=False)
    for written in range(1, len(prepared.files)):
        folder = tmp_path / f"cut off after {written}"
        copy_tree(curated, folder)
        steps = iter(range(written))

        with monkeypatch.context() as patched:
            patched.setattr(Path, "replace", cut_off_after(steps))
            with pytest.raises(CutOffError):
                write_accepted(folder, corpus, [prepared])
        with pytest.raises(CurationError, match=r"a second ladder of bybit\|BTCUSDT|is not defined in"):
            load_corpus(folder)


async def test_a_full_disk_leaves_all_files_as_they_were(
    read: Read, curated: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    corpus = load_corpus(curated)
    prepared = accept(curated, corpus, compare(await read("bybit"), corpus), allow_suspicious=False)
    synced: list[int] = []

    def sync_some(file: int) -> None:
        synced.append(file)
        if len(synced) == len(prepared.files):
            raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(os, "fsync", sync_some)
    with pytest.raises(OSError, match="No space left"):
        write_accepted(curated, corpus, [prepared])
    assert load_corpus(curated) == corpus
    assert names_below(curated) == {"venues", "margin_tiers"}
