"""The vocabulary of law is closed: every predicate is bound, every other key is refused with its place."""

from __future__ import annotations

from pathlib import Path

import pytest

from data.curation.law import read_law
from data.curation.problems import Problems
from data.facts.law import Condition
from rules.law import predicates
from tests.law.world import CURATED

GOOD = """
[jurisdiction]
id = "ZZ"
name = "Nowhere"
regulators = ["None"]
residences = ["US"]
summary = "A file for tests."

[[source]]
id = "text"
title = "A text"
publisher = "A publisher"
url = "https://example.org/text"
seen = "2026-11-21"
evidence = "primary"

[[rule]]
id = "zz_no_leverage"
jurisdiction = "US"
title = "No leverage above two"
regulator = "None"
citation = "section 1"
applies_to = "venue"
products = ["perpetual"]
valid_from = "2026-01-01"
valid_to = "2026-06"
source = "text"

[rule.effect]
kind = "leverage_cap"
max = "2"

[rule.when]
residence = ["US"]

[[rule.questions]]
id = "zz_asked"
ask = "Is it so?"
"""

BAD_TWINS = {
    "a predicate outside the vocabulary": (
        'residence = ["US"]\n\n[[rule.q',
        'residence = ["US"]\nmoon = "full"\n\n[[rule.q',
        "when.moon",
    ),
    "an expression": ('kind = "leverage_cap"\nmax = "2"', 'kind = "expression"\ncode = "x > 2"', "effect.kind"),
    "a field of another effect": ('max = "2"', 'any_of = ["DCM"]', "effect.any_of"),
    "a bare number": ('max = "2"', "max = 2.0", "quoted decimal"),
    "a cap below one": ('max = "2"', 'max = "0.5"', "at least 1"),
    "a product that does not exist": ('["perpetual"]', '["perpetuals"]', "products[1]"),
    "a residence that is no code": ('residence = ["US"]\n\n[[rule.q', 'residence = ["USA"]\n\n[[rule.q', "'USA'"),
    "no residence at all": ('residence = ["US"]\n\n[[rule.q', "\n[[rule.q", "name whom the rule reaches"),
    "a source that is not defined": ('source = "text"', 'source = "texts"', "'texts'"),
    "dates in the wrong order": ('"2026-01-01"', '"2026-07-01"', "not before valid_to"),
    "an exception that excepts nothing": (
        '[rule.effect]\nkind = "leverage_cap"\nmax = "2"',
        'exception_to = ["zz_none"]\n[rule.effect]\nkind = "allow"',
        "no rule 'zz_none'",
    ),
    "an exception that is no permission": (
        'source = "text"\n\n[rule.effect]',
        'source = "text"\nexception_to = ["zz_no_leverage"]\n\n[rule.effect]',
        "only a rule with effect allow",
    ),
    "a registration outside the list": (
        'kind = "leverage_cap"\nmax = "2"',
        'kind = "require_registration"\nany_of = ["DCN"]',
        "'DCN'",
    ),
    "a registration of nothing": (
        'kind = "leverage_cap"\nmax = "2"',
        'kind = "require_registration"\nany_of = []',
        "names nothing",
    ),
    "a class of nobody": (
        'kind = "leverage_cap"\nmax = "2"',
        'kind = "require_client_class"\nany_of = []',
        "names nothing",
    ),
    "permissions without a gate": (
        'kind = "leverage_cap"\nmax = "2"',
        'kind = "prohibit"\nneeds_permission = ["perpetual"]',
        "needs a gate",
    ),
    "a permission for another product": (
        'kind = "leverage_cap"\nmax = "2"',
        'kind = "prohibit"\ngate = ["DCM"]\nneeds_permission = ["future"]',
        "does not cover",
    ),
    "a duty to do nothing": ('kind = "leverage_cap"\nmax = "2"', 'kind = "require_disclosure"', "neither duties"),
    "announced after its start": (
        'valid_from = "2026-01-01"',
        'valid_from = "2026-01-01"\nannounced = "2026-02-01"',
        "announced after",
    ),
    "an id in capitals": ('id = "zz_no_leverage"', 'id = "ZZ_no_leverage"', "lower case"),
    "a venue that has no file": ('ask = "Is it so?"', 'ask = "Is it so?"\nknown_at = ["nowhere"]', "'nowhere'"),
    "an open venue that has no file": (
        'ask = "Is it so?"',
        'ask = "Is it so?"\nopen_at = ["nowhere"]',
        "open_at: 'nowhere'",
    ),
    "a table nobody reads": ("[[rule]]", '[[rumour]]\ntext = "so they say"\n\n[[rule]]', "rumour"),
}


def problems_of(folder: Path, *texts: str) -> list[str]:
    (folder / "law").mkdir(parents=True)
    (folder / "registrations.toml").write_text((CURATED / "registrations.toml").read_text())
    for number, text in enumerate(texts):
        (folder / "law" / f"zz{number}.toml").write_text(text)
    problems = Problems()
    read_law(folder, frozenset({"kalshi"}), frozenset({"EU"}), problems)
    return [str(problem) for problem in problems.found]


def test_the_good_file_is_read(tmp_path: Path) -> None:
    assert problems_of(tmp_path, GOOD) == []


@pytest.mark.parametrize(("good", "bad", "says"), BAD_TWINS.values(), ids=BAD_TWINS.keys())
def test_its_bad_twin_is_refused_by_file_and_row(tmp_path: Path, good: str, bad: str, says: str) -> None:
    assert GOOD.count(good) == 1
    problems = problems_of(tmp_path, GOOD.replace(good, bad))
    assert any(says in problem for problem in problems), problems
    assert all("law/zz0.toml" in problem for problem in problems)


def test_the_same_rule_twice_is_refused(tmp_path: Path) -> None:
    assert any("stands twice" in problem for problem in problems_of(tmp_path, GOOD, GOOD))


def test_one_question_cannot_ask_two_things(tmp_path: Path) -> None:
    other = GOOD.replace("zz_no_leverage", "zz_other").replace("Is it so?", "Is it otherwise?")
    assert any("asks something else" in problem for problem in problems_of(tmp_path, GOOD, other))


def test_rows_of_registrations_and_actions_name_what_exists(tmp_path: Path) -> None:
    rows = """
[[registration]]
venue = "nowhere"
regulator = "None"
jurisdiction = "US"
category = "DCN"
described_as = "a licence"
entity = "Nobody Ltd"
active = true
source = "text"

[[enforcement]]
venue = "nowhere"
regulator = "None"
jurisdiction = "US"
respondent = "Nobody Ltd"
kind = "gossip"
matter = "Nothing."
source = "text"
"""
    problems = problems_of(tmp_path, GOOD + rows)
    for says in ("'DCN'", "'nowhere' has no venue file", "gossip"):
        assert any(says in problem for problem in problems), (says, problems)


HELD = """
[[registration]]
venue = "kalshi"
regulator = "CFTC"
jurisdiction = "US"
category = "DCM"
described_as = "a market"
entity = "Nobody Ltd"
active = true
products = ["{product}"]
source = "text"
"""


@pytest.mark.parametrize(
    ("predicate", "product", "says"),
    [
        ("venue_has_registration", "prediction", "the rule can never hold"),
        ("venue_has_registration", "perpetual", None),
        ("venue_lacks_registration", "prediction", "none is left out"),
        ("venue_lacks_registration", "perpetual", None),
        ("venue_is_licensed", "prediction", None),
        ("venue_is_not_licensed", "prediction", None),
    ],
)
def test_a_rule_that_no_venue_on_file_can_meet_is_refused(
    tmp_path: Path, predicate: str, product: str, says: str | None
) -> None:
    """Where every holder uses a registration for other products, a predicate that asks for this product is idle."""
    asks = f'residence = ["US"]\n{predicate} = ["DCM"]\n\n[[rule.q'
    text = GOOD.replace('residence = ["US"]\n\n[[rule.q', asks) + HELD.format(product=product)
    assert (says is None) == (problems_of(tmp_path, text) == [])
    assert says is None or any(says in problem for problem in problems_of(tmp_path / "again", text))


def test_every_predicate_is_bound_once() -> None:
    tables = [*predicates._PLAIN, *predicates._REGISTRATIONS, *predicates._ELSEWHERE]
    assert sorted(tables) == sorted(Condition.__struct_fields__)
