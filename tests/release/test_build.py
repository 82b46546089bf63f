from __future__ import annotations

import os
import subprocess
import sys
import typing
from contextlib import closing
from decimal import Decimal
from pathlib import Path

import duckdb
import pytest
from msgspec import structs

from data.build import build_release, ensure_release, tree_digest
from data.documents import LostDigitsError, decode_families, digest_of, encode_families, exact, families
from data.facts.amounts import parse_amount
from data.facts.corpus import Corpus
from data.facts.fact import Fact
from data.facts.margin_models import MarginModel
from data.manifest import is_whole, read_manifest, read_pointer
from data.releases import Release
from data.schema import schema_text
from tests.release.sample import corpus, fee


def test_facts_survive_a_release_exactly(tmp_path: Path) -> None:
    manifest = build_release(corpus(), tmp_path)
    assert Release(manifest, tmp_path).corpus() == corpus()


def test_same_facts_have_the_same_id_in_another_process(tmp_path: Path) -> None:
    program = (
        "from data.documents import *; from data.manifest import release_id; from tests.release.sample import corpus;"
        "print(release_id(digest_of(encode_families(corpus()))))"
    )
    environment = {**os.environ, "PYTHONHASHSEED": "7"}
    other = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True, check=True, env=environment)
    assert other.stdout.strip() == build_release(corpus(), tmp_path).id


def test_one_changed_digit_gives_another_id(tmp_path: Path) -> None:
    changed = structs.replace(corpus(), fees=(fee("regular", None, "0.00051"),))
    assert build_release(changed, tmp_path).id != build_release(corpus(), tmp_path).id


def test_trailing_zeros_do_not_make_another_release() -> None:
    one = structs.replace(corpus(), fees=(fee("regular", None, "0.0005"),))
    other = structs.replace(corpus(), fees=(fee("regular", None, "0.00050"),))
    assert digest_of(encode_families(one)) == digest_of(encode_families(other))


def test_amounts_from_outside_are_stored_like_any_decimal() -> None:
    amount = structs.replace(fee("regular", None, "0"), taker=parse_amount("0.0005"))
    texts = encode_families(structs.replace(corpus(), fees=(amount,)))
    assert decode_families(texts).fees == (fee("regular", None, "0.0005"),)


@pytest.mark.parametrize("text", ["1e-19", "0.1234567890123456789", "123456789012345678901", "NaN", "Infinity"])
def test_a_number_that_would_lose_digits_is_refused(text: str, tmp_path: Path) -> None:
    with pytest.raises(LostDigitsError):
        build_release(structs.replace(corpus(), fees=(fee("regular", None, text),)), tmp_path)
    assert read_pointer(tmp_path) is None


@pytest.mark.parametrize("text", ["1e-18", "-0.000000000000000001", "12345678901234567890.123456789012345678", "1E+5"])
def test_the_largest_and_smallest_numbers_are_kept(text: str) -> None:
    assert Decimal(exact(Decimal(text))) == Decimal(text)


def test_a_finished_release_is_not_written_again(tmp_path: Path) -> None:
    manifest = build_release(corpus(), tmp_path)
    path = tmp_path / manifest.file
    before = path.stat()
    assert build_release(corpus(), tmp_path) == manifest
    assert (path.stat().st_ino, path.stat().st_mtime_ns) == (before.st_ino, before.st_mtime_ns)


@pytest.mark.parametrize("damage", [b"", b"\0" * 100, None], ids=["empty", "other bytes", "a byte changed"])
def test_a_release_whose_file_was_damaged_is_written_again(tmp_path: Path, damage: bytes | None) -> None:
    curated = tmp_path / "curated"
    curated.mkdir()
    folder = tmp_path / "releases"
    first = ensure_release(curated, folder, lambda _: corpus())
    path = folder / first.file
    whole = path.read_bytes()
    changed = whole[:20_000] + bytes([whole[20_000] ^ 1]) + whole[20_001:]
    for write in (lambda: ensure_release(curated, folder, lambda _: corpus()), lambda: build_release(corpus(), folder)):
        path.write_bytes(changed if damage is None else damage)
        assert not is_whole(folder, first)
        again = write()
        assert again.id == first.id
        assert is_whole(folder, again)
        with closing(Release(again, folder)) as release:
            assert release.corpus() == corpus()


def test_nothing_but_whole_releases_is_left_in_the_folder(tmp_path: Path) -> None:
    manifest = build_release(corpus(), tmp_path)
    names = {path.name for path in tmp_path.iterdir()}
    assert names == {manifest.file, f"facts-{manifest.id}.manifest.json", "latest"}
    assert read_manifest(tmp_path, manifest.id) == manifest


def test_every_rung_stands_in_the_table_with_its_ladder(tmp_path: Path) -> None:
    manifest = build_release(corpus(), tmp_path)
    with duckdb.connect(str(tmp_path / manifest.file), read_only=True) as connection:
        rows = connection.execute(
            "SELECT instrument, unified, base, tier, floor, cap, max_leverage FROM margin_tiers ORDER BY position"
        ).fetchall()
    expected = [
        (ladder.instrument, tier.tier, tier.floor, tier.cap, tier.max_leverage)
        for ladder in corpus().ladders
        for tier in ladder.tiers
    ]
    assert [(row[0], *row[3:]) for row in rows] == expected
    assert rows[0][1:3] == ("BTC/USDT:USDT", "BTC")


def test_counts_are_those_of_the_facts(tmp_path: Path) -> None:
    counts = build_release(corpus(), tmp_path).counts
    assert counts["margin_tiers"] == sum(len(ladder.tiers) for ladder in corpus().ladders)
    assert counts["fees"] == len(corpus().fees)


def test_unchanged_text_is_not_read_again(tmp_path: Path) -> None:
    curated = tmp_path / "curated"
    curated.mkdir()
    (curated / "north.toml").write_text("a")
    reads: list[Path] = []

    def load(folder: Path) -> Corpus:
        reads.append(folder)
        return corpus()

    first = ensure_release(curated, tmp_path / "releases", load)
    assert ensure_release(curated, tmp_path / "releases", load) == first
    assert len(reads) == 1
    (curated / "north.toml").write_text("b")
    second = ensure_release(curated, tmp_path / "releases", load)
    assert len(reads) == 2
    assert (second.id, second.built_from) == (first.id, tree_digest(curated))
    assert first.built_from != second.built_from


NOT_COLUMNS = {
    "ladders": {"tiers"},
    "venues": {"status"},
    "law": {"when"},
    "margin_models": set(MarginModel.__struct_fields__) - set(Fact.__struct_fields__),
    "underlyings": {"base", "kind", "tracks"},
    "coin_names": {"base", "coin", "coins"},
    "conflicts": {"family"},
}
"""Fields that stand in a table of their own, as JSON in another column, or in the documents alone."""


@pytest.mark.parametrize("family", sorted(families()))
def test_every_field_of_a_fact_is_a_column(family: str) -> None:
    kind = typing.get_args(families()[family])[0]
    kinds = typing.get_args(kind) or (kind,)
    fields = {name for one in kinds for name in (Fact if family == "margin_models" else one).__struct_fields__}
    table = {"ladders": "margin_tiers"}.get(family, family)
    with duckdb.connect() as connection:
        connection.execute(schema_text())
        columns = {
            row[0]
            for row in connection.execute(
                "SELECT column_name FROM duckdb_columns() WHERE table_name = $1", [table]
            ).fetchall()
        }
    assert fields - NOT_COLUMNS.get(family, set()) <= columns
