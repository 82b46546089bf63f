"""Country and subdivision codes of ISO 3166: what a residence may be.

The 249 alpha-2 codes are the same in Debian's iso-codes 4.15.0 and in the time zone database's `iso3166.tab`; the
subdivisions are those of iso-codes 4.15.0, and IQ-KR, which ISO has added since (polpedia.pl/wiki/ISO_3166-2:IQ), kept
for the countries whose law or venue terms differ from one part to another. Elsewhere the form of a subdivision is
checked, not its existence: a newly assigned code is not refused.
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
    "BA": frozenset("BIH BRC SRP".split()),
    "CA": frozenset("AB BC MB NB NL NS NT NU ON PE QC SK YT".split()),
    "IQ": frozenset("AN AR BA BB BG DA DI DQ KA KI KR MA MU NA NI QA SD SU WA".split()),
    "UA": frozenset("05 07 09 12 14 18 21 23 26 30 32 35 40 43 46 48 51 53 56 59 61 63 65 68 71 74 77".split()),
    "US": frozenset(
        """
        AK AL AR AS AZ CA CO CT DC DE FL GA GU HI IA ID IL IN KS KY LA MA MD ME MI MN MO MP MS MT NC ND NE NH NJ
        NM NV NY OH OK OR PA PR RI SC SD TN TX UM UT VA VI VT WA WI WV WY
        """.split()
    ),
}
"""Second part of every ISO 3166-2 code of the countries that the facts tell apart by subdivision."""

_REPLACED = {
    **{f"CN-{part}": part for part in "HK MO TW".split()},
    **{f"FR-{part}": part for part in "BL NC PF PM TF WF".split()},
    **{f"NL-{part}": part for part in "AW CW SX".split()},
    **dict.fromkeys(("NL-BQ1", "NL-BQ2", "NL-BQ3"), "BQ"),
    **dict.fromkeys(("NO-21", "NO-22"), "SJ"),
    "IQ-KR": "IQ",
}
"""Subdivisions that have a country code, and law, of their own: what names their country does not mean them. Of those
of EU members they are the overseas countries and territories of Annex II of the TFEU, where the law of the EU does not
hold; to Svalbard and Jan Mayen that of the EEA is not taken to extend.

The Kurdistan Region says no more than its country: its governorates have codes of their own, and law."""

_TERRITORIES = frozenset("AS GU MP PR UM VI".split())
"""Territories of the United States."""

_PARTS = {
    **{part: (f"US-{part}",) for part in sorted(_TERRITORIES)},
    "GF": ("FR-973", "FR-GF"),
    "GP": ("FR-971", "FR-GP"),
    "MF": ("FR-MF",),
    "MQ": ("FR-972", "FR-MQ"),
    "RE": ("FR-974", "FR-RE"),
    "YT": ("FR-976", "FR-YT"),
    "AX": ("FI-01",),
}
"""Country codes of parts of another country, of which and of whose unions they are (TFEU art. 355(1) and (4)), with the
codes by which they are listed under it. What names any of these codes, or that country, means them."""

_ALIKE = {code: (*listed, part) for part, listed in _PARTS.items() for code in (*listed, part)}

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
    alike = _ALIKE.get(code, (code,))
    country, hyphen, _ = alike[0].partition("-")
    return (*alike, country) if hyphen else alike


def is_territory(code: str) -> bool:
    """Say whether a place, by either of its codes, is a territory of the United States: under their law, no state."""
    return not _TERRITORIES.isdisjoint(names_of(code))
