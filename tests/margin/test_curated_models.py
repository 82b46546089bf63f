"""The curated margin models are read strictly: a wrong kind, source or date is reported with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.curation.margin_models import read_margin_models
from data.curation.problems import Problems
from data.documents import decode_families, encode_families
from data.facts.corpus import Corpus
from data.facts.margin_models import MarginModel

SOURCE = """
[[source]]
id = "page"
title = "How margin is reckoned"
publisher = "Example"
url = "https://example.com/margin"
seen = "2026-11-21"
evidence = "primary"
"""
MODEL = """
[[model]]
model = "tiered"
title = "Example"
products = ["perpetual"]
contract_types = ["linear"]
margin_modes = ["any"]
ladder = "step"
source = "page"
"""


def read(folder: Path, text: str) -> tuple[tuple[MarginModel, ...], list[str]]:
    (folder / "margin_models").mkdir()
    (folder / "margin_models" / "example.toml").write_text(text)
    problems = Problems()
    facts = read_margin_models(folder, {}, problems)
    return facts.models, [str(problem) for problem in problems.found]


def test_a_good_file_is_read_and_survives_a_release(tmp_path: Path) -> None:
    models, problems = read(tmp_path, SOURCE + MODEL)
    assert problems == []
    (model,) = models
    assert (model.venue, model.source, model.key) == ("example", "example.margin.page", "example|perpetual|linear|any")
    corpus = Corpus(margin_models=models)  # type: ignore[arg-type]
    assert decode_families(encode_families(corpus)).margin_models == models


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (SOURCE + MODEL.replace('"tiered"', '"guessed"'), "model: must be one of tiered"),
        (SOURCE + MODEL.replace('source = "page"', 'source = "hearsay"'), "source 'hearsay' is not defined"),
        (SOURCE + MODEL + 'share = "0.5"\n', "unknown key 'share'"),
        (SOURCE + MODEL.replace('ladder = "step"', ""), "missing 'ladder'"),
        (SOURCE + MODEL + "close_fee_rate = 0.0006\n", "quoted decimal"),
        (SOURCE + MODEL + MODEL, "overlapping dates"),
        (SOURCE + MODEL + '[[rule]]\nid = "x"\n', "unknown table"),
    ],
)
def test_a_bad_file_is_refused_with_its_place(tmp_path: Path, text: str, words: str) -> None:
    _, problems = read(tmp_path, text)
    assert any(words in problem for problem in problems), problems
    assert all(problem.startswith("margin_models/example.toml") for problem in problems)


def test_models_of_one_subject_may_follow_each_other(tmp_path: Path) -> None:
    earlier, later = MODEL + 'valid_to = "2025"\n', MODEL + 'valid_from = "2025"\n'
    models, problems = read(tmp_path, SOURCE + earlier + later)
    assert problems == []
    assert len(models) == 2
