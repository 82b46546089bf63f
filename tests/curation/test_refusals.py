"""Every refusal of the reader: one good folder, and its bad twins."""

from __future__ import annotations

import shutil
import tomllib
from pathlib import Path

import pytest

from data.curation.load import load_corpus
from data.curation.problems import CurationError

HERE = Path(__file__).parent
GOOD = HERE / "good"
TWINS = {twin["name"]: twin for twin in tomllib.loads((HERE / "refusals.toml").read_text())["twin"]}


def test_the_good_folder_becomes_facts() -> None:
    corpus = load_corpus(GOOD)
    assert [venue.id for venue in corpus.venues] == ["sample"]
    assert len(corpus.ladders) == 6
    assert len(corpus.fees) == 2


def test_twin_names_are_unique() -> None:
    assert len(TWINS) == len(tomllib.loads((HERE / "refusals.toml").read_text())["twin"])


@pytest.mark.parametrize("name", TWINS)
def test_refusal(name: str, tmp_path: Path) -> None:
    twin = TWINS[name]
    folder = tmp_path / "curated"
    shutil.copytree(GOOD, folder)
    path = folder / twin["file"]
    text = path.read_text()
    assert twin["find"] in text, "the twin edits something the good file does not say"
    path.write_text(text.replace(twin["find"], twin["replace"], 1))
    with pytest.raises(CurationError) as caught:
        load_corpus(folder)
    for piece in twin["expect"]:
        assert piece in str(caught.value)
    if "problems" in twin:
        assert len(caught.value.problems) == twin["problems"], str(caught.value)


def test_tier_file_without_a_venue_file_is_refused(tmp_path: Path) -> None:
    folder = tmp_path / "curated"
    shutil.copytree(GOOD, folder)
    shutil.copy(folder / "margin_tiers/sample.csv", folder / "margin_tiers/other.csv")
    with pytest.raises(CurationError, match=r"margin_tiers/other\.csv: belongs to no venue file"):
        load_corpus(folder)


def test_problems_stand_in_the_order_of_the_files(tmp_path: Path) -> None:
    folder = tmp_path / "curated"
    shutil.copytree(GOOD, folder)
    path = folder / "venues/sample.toml"
    path.write_text(path.read_text().replace('source = "page"', 'source = "gone"'))
    with pytest.raises(CurationError) as caught:
        load_corpus(folder)
    lines = [problem.line for problem in caught.value.problems if problem.file == "venues/sample.toml"]
    assert lines == sorted(lines, key=lambda line: line or 0)
    assert len(lines) > 10


def test_progress_is_told() -> None:
    said: list[str] = []
    load_corpus(GOOD, said.append)
    assert said[0] == "reading 1 venue files and their margin tiers"
