"""Country and subdivision codes of ISO 3166: what a residence may be.

The 249 alpha-2 codes are the same in Debian's iso-codes 4.15.0 and in the time zone database's `iso3166.tab`; the
subdivisions are those of iso-codes 4.15.0, kept for the countries whose law or venue terms differ from one part to
another. Elsewhere the form of a subdivision is checked, not its existence: a newly assigned code is not refused.
"""
# ruff: noqa: SIM905 - a table of codes reads better unquoted

from __future__ import annotations

import re
from functools import lru_cache

COUNTRIES: frozenset[str] = frozenset(
    """
    AD AE AF AG AI AL AM AO AQ AR AS AT AU AW AX AZ BA BB BD BE BF BG BH BI BJ BL BM BN BO BQ BR BS BT BV BW BY
    BZ CA CC CD CF CG CH CI CK CL CM CN CO CR CU CV CW CX CY CZ DE DJ DK DM DO DZ EC EE EG EH ER ES ET FI FJ FK
    FM FO FR GA GB GD GE GF GG GH GI GL GM GN GP GQ GR GS GT GU GW GY HK HM HN HR HT HU ID IE IL IM IN IO IQ IR
    IS IT JE JM JO JP KE KG KH KI KM KN KP KR KW KY KZ LA LB LC LI LK LR LS LT LU LV LY MA MC MD ME MF MG MH MK
    ML MM MN MO MP MQ MR MS MT MU MV MW MX MY MZ NA NC NE NF NG NI NL NO NP NR NU NZ OM PA PE PF PG PH PK PL PM
    PN PR PS PT PW PY QA RE RO RS RU RW SA SB SC SD SE SG SH SI SJ SK SL SM SN SO SR SS ST SV SX SY SZ TC TD TF
    TG TH TJ TK TL TM TN TO TR TT TV TW TZ UA UG UM US UY UZ VA VC VE VG VI VN VU WF WS YE YT ZA ZM ZW
    """.split()
)
"""Every officially assigned ISO 3166-1 alpha-2 code."""

SUBDIVISIONS: dict[str, frozenset[str]] = {
    "AE": frozenset("AJ AZ DU FU RK SH UQ".split()),
    "AU": frozenset("ACT NSW NT QLD SA TAS VIC WA".split()),
    "CA": frozenset("AB BC MB NB NL NS NT NU ON PE QC SK YT".split()),
    "UA": frozenset("05 07 09 12 14 18 21 23 26 30 32 35 40 43 46 48 51 53 56 59 61 63 65 68 71 74 77".split()),
    "US": frozenset(
        """
        AK AL AR AS AZ CA CO CT DC DE FL GA GU HI IA ID IL IN KS KY LA MA MD ME MI MN MO MP MS MT NC ND NE NH NJ
        NM NV NY OH OK OR PA PR RI SC SD TN TX UM UT VA VI VT WA WI WV WY
        """.split()
    ),
}
"""Second part of every ISO 3166-2 code of the countries that the facts tell apart by subdivision."""

_REPLACED = {"CN-HK": "HK", "CN-MO": "MO", "CN-TW": "TW"}
"""Subdivisions that have a country code, and law, of their own: what names their country does not mean them."""

_ALSO = {
    **{f"US-{part}": part for part in "AS GU MP PR UM VI".split()},
    **{f"FR-{part}": part for part in "BL GF GP MF MQ NC PF PM RE TF WF YT".split()},
    "FR-971": "GP",
    "FR-972": "MQ",
    "FR-973": "GF",
    "FR-974": "RE",
    "FR-976": "YT",
    **{f"NL-{part}": part for part in "AW CW SX".split()},
    **dict.fromkeys(("NL-BQ1", "NL-BQ2", "NL-BQ3"), "BQ"),
    "FI-01": "AX",
    "NO-21": "SJ",
    "NO-22": "SJ",
}
"""Subdivisions that have a country code as well: what names either code, or the country they are listed under, means
them."""

_SUBDIVISION = re.compile(r"[A-Z0-9]{1,3}").fullmatch


def is_country(code: str) -> bool:
    """Say whether `code` is an ISO 3166-1 alpha-2 code."""
    return code in COUNTRIES


def is_place(code: str) -> bool:
    """Say whether `code` is an ISO 3166-1 alpha-2 code or has the form of an ISO 3166-2 code that could exist."""
    if code in COUNTRIES:
        return True
    country, hyphen, part = code.partition("-")
    if not hyphen or country not in COUNTRIES:
        return False
    known = SUBDIVISIONS.get(country)
    return part in known if known is not None else _SUBDIVISION(part) is not None


@lru_cache(maxsize=4096)
def names_of(code: str) -> tuple[str, ...]:
    """Return the codes that a place goes by, the narrowest first and its country last."""
    code = _REPLACED.get(code, code)
    country, hyphen, _ = code.partition("-")
    if not hyphen:
        return (code,)
    also = _ALSO.get(code)
    return (code, country) if also is None else (code, also, country)
