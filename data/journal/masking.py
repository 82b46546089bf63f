"""Keeps client fields out of the journal: each is dropped, or replaced by a keyed hash.

A masked decision proves what was decided, when and by which rules, but not for whom. What was masked is named in the
entry, and such an entry cannot be replayed: the law asks for the residence, and a replay without it would be a
different question. Fields that were null or absent are left alone, so a request without them stays replayable.

What the rules say in words is made from these fields, in more ways than can be listed. So nothing of it is stored: a
finding keeps its rule, outcome, sources and numbers; its sentence is the outcome and the rule's title. In the texts
that are left (notes, what the caller vouches for) the codes of the client's places are replaced. Which rules, terms and
facts were applied stays, by id: that is what the journal is for, and it tells as much of the client as it must.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Callable, Container, Iterable, Mapping
from enum import StrEnum
from typing import Any

import msgspec
from msgspec import Raw, Struct

from data.facts.iso_3166 import names_of
from data.journal.entry import NewEntry
from data.journal.errors import MaskingError
from data.journal.writing.messages import Pending


class Method(StrEnum):
    """What is done to a masked field."""

    NONE = "none"
    HASH = "hash"
    DROP = "drop"


CLIENT_FIELDS = (
    "client.residence",
    "client.nationality",
    "client.location",
    "client.eligible_commercial_entity",
    "client.on_sanctions_list",
    "client.institution",
)
"""The fields that describe a person. `client_class` is a legal category and stays."""

MASKED = "[masked]"
"""What stands for a text that is not stored."""

TitleOf = Callable[[NewEntry, str], str]
"""Returns the title of a rule, by its id, in the release and on the day of an entry."""


def no_title(_entry: NewEntry, _rule: str) -> str:
    """Return what stands for a sentence where no titles are at hand."""
    return MASKED


_decode = msgspec.json.Decoder(dict[str, Raw]).decode
_encode = msgspec.json.Encoder().encode
_NULL = b"null"


class Masking(Struct, frozen=True, kw_only=True):
    """Which fields of the stored request and answer are masked, and how.

    `secret` keys the hashes: equal values hash alike, so entries of one residence can still be found by who holds it.
    Where nothing is masked it serves to know again a body that was recorded while something was.
    """

    method: Method = Method.NONE
    fields: tuple[str, ...] = CLIENT_FIELDS
    secret: bytes = b""
    title_of: TitleOf = no_title

    def __post_init__(self) -> None:
        if self.method is not Method.NONE and len(self.secret) < 16:
            raise MaskingError("masking needs a secret of at least 16 bytes")

    def apply(self, new: NewEntry) -> Pending:
        """Return the entry as it is to be stored.

        Raises:
            MaskingError: the request or the answer cannot be masked; nothing may be stored then.
        """
        if self.method is Method.NONE:
            repeatable = self.secret and new.idempotency_key is not None
            return Pending(new=new, other_hash=self.hashed(new.input_hash.encode()) if repeatable else None)
        found: dict[str, bytes] = {}
        request = self._mask(new.request, self.fields, found)
        if not found:
            return Pending(new=new)
        answer = self._mask(new.answer, tuple(f"trade.{field}" for field in self.fields), {})
        codes = _codes(found.values())
        residence = new.residence
        if residence is not None and "client.residence" in found:
            residence = self.hashed(_encode(residence)) if self.method is Method.HASH else None
        return Pending(
            new=msgspec.structs.replace(
                new,
                request=_without_codes(request, codes),
                answer=self._without_words(answer, new, codes),
                residence=residence,
                # A plain digest of a request with one unknown residence is undone by trying every country.
                input_hash=self.hashed(new.input_hash.encode()),
            ),
            masked=f"{self.method}:{' '.join(found)}",
            other_hash=new.input_hash,
        )

    def input_hashes(self, plain: str) -> tuple[str, ...]:
        """Return the input hashes under which a request may stand: the plain one, and the keyed one of a masked one."""
        return (plain, self.hashed(plain.encode())) if self.secret else (plain,)

    def stored_residence(self, residence: str) -> str:
        """Return what a filter on `residence` has to look for besides the plain value: entries stay as the setting of
        their day stored them.
        """
        return self.hashed(_encode(residence)) if self.secret else residence

    def hashed(self, value: bytes) -> str:
        """Return the keyed hash of a value."""
        return "hmac-sha256:" + hmac.new(self.secret, value, hashlib.sha256).hexdigest()

    def _mask(self, document: bytes, fields: tuple[str, ...], found: dict[str, bytes]) -> bytes:
        """Return the document with `fields` masked, and note in `found` what stood there."""
        try:
            return bytes(self._masked(Raw(document), {field: field.split(".") for field in fields}, found))
        except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
            raise MaskingError(f"client fields could not be masked: {error}") from error

    def _masked(self, document: Raw, paths: Mapping[str, list[str]], found: dict[str, bytes]) -> Raw:
        """Return the document with the fields at `paths` replaced; everything else keeps its bytes."""
        members = _decode(document)
        here: dict[str, dict[str, list[str]]] = {}
        for field, (name, *rest) in paths.items():
            if name in members and bytes(members[name]) != _NULL:
                here.setdefault(name, {})[field] = rest
        if not here:
            return document
        for name, below in here.items():
            (field, rest), *_ = below.items()
            if rest:
                members[name] = self._masked(members[name], below, found)
                continue
            value = found[field] = bytes(members[name])
            members[name] = Raw(_encode(self.hashed(value)) if self.method is Method.HASH else _NULL)
        return Raw(_encode(members))

    def _without_words(self, answer: bytes, new: NewEntry, codes: Iterable[str]) -> bytes:
        """Return the answer with a keyed digest, and without what its rules say of the client.

        No code is replaced in what is left of them: in a title it would tell whether the client is of that place.

        Raises:
            MaskingError: it is no decision.
        """
        members = _decode(answer)
        try:
            if "digest" in members:
                members["digest"] = Raw(_encode(self.hashed(bytes(members["digest"]))))
            findings = msgspec.json.decode(members.get("findings", b"[]"))
            told = [f"{_OUTCOMES[one['outcome']]}: {self.title_of(new, one['rule'])}" for one in findings]
            rewritten: dict[str, Any] = {}
            if "summary" in members:
                verdict, summary = (msgspec.json.decode(members[name]) for name in ("verdict", "summary"))
                rewritten["summary"] = _summary(summary, verdict, findings, told)
            rewritten["findings"] = [self._finding(*one) for one in zip(findings, told, strict=True)]
            rewritten["remedies"] = [self._remedy(one) for one in msgspec.json.decode(members.get("remedies", b"[]"))]
            listed = {new.venue, msgspec.json.decode(members.get("trade", b"{}")).get("instrument")}
            rewritten["facts"] = [_fact(one, listed) for one in msgspec.json.decode(members.get("facts", b"[]"))]
        except (LookupError, TypeError, AttributeError, msgspec.DecodeError) as error:
            raise MaskingError(f"the words of an answer could not be masked: {error!r}") from error
        return _encode(
            {
                name: Raw(_encode(rewritten[name]) if name in rewritten else _without_codes(bytes(value), codes))
                for name, value in members.items()
            }
        )

    def _finding(self, finding: dict[str, Any], told: str) -> dict[str, Any]:
        kept = {name: value if name in PLAIN else MASKED for name, value in finding.items()}
        kept["message"] = told
        for name in _COMPARED & finding.keys():
            kept[name] = finding[name] if _is_number(finding[name]) else MASKED
        if "question" in finding:
            kept["question"] = {"ask": MASKED, "id": None, "field": finding["question"]["field"]}
        if "remedy" in finding:
            kept["remedy"] = self._remedy(finding["remedy"])
        return kept

    def _remedy(self, remedy: dict[str, Any]) -> dict[str, Any]:
        kept = dict(remedy)
        if remedy["field"] in self.fields:
            kept.update({name: MASKED for name in ("value",) if name in remedy})
            kept.update({name: [MASKED] for name in ("values",) if name in remedy})
        if "alternatives" in remedy:
            kept["alternatives"] = [self._remedy(one) for one in remedy["alternatives"]]
        return kept


PLAIN = frozenset({"rule", "family", "outcome", "effect", "sources", "reason", "unit", "flags"})
"""Members of a finding that are stored as they are: ids and words of fixed lists, which its rule and outcome choose."""

_OUTCOMES = {"pass": "Passed", "fail": "Failed", "unknown": "Not known", "skipped": "Skipped"}
_COMPARED = frozenset({"observed", "limit"})
_is_number = re.compile(r"-?[0-9]+(\.[0-9]+)?").fullmatch
_is_a_count = re.compile(r"( [0-9][a-z0-9; ]*\.)?").fullmatch
"""What follows the sentence in a summary: how many rules more failed, or are not known to pass."""
_is_place_or_group = re.compile(r"[A-Z][A-Z0-9_-]+").fullmatch


def _summary(summary: str, verdict: str, findings: Iterable[Mapping[str, Any]], told: Iterable[str]) -> str:
    """Return the sentence that tells what decided, with what is stored of the finding that it quotes."""
    if verdict == "allow":  # told in the same words for everybody
        return summary
    lead, _, quoting = summary.partition(": ")
    for finding, stored in zip(findings, told, strict=True):
        message = finding["message"]
        if quoting.startswith(message) and _is_a_count(quoting.removeprefix(message)):
            return f"{lead}: {stored}{quoting.removeprefix(message)}"
    return MASKED


def _fact(fact: dict[str, Any], listed: Container[str | None]) -> dict[str, Any]:
    """Return a fact that was used without the place or group of places that its row is for.

    Its key names them in capitals, as it names instruments: of those only the trade's own, `listed`, is known.
    """
    parts = fact["key"].split("|")
    kept = [MASKED if _is_place_or_group(part) and part not in listed else part for part in parts]
    return {**fact, "key": "|".join(kept)}


def _codes(values: Iterable[bytes]) -> frozenset[str]:
    """Return the masked texts, and every code that the places among them go by."""
    texts = {str(msgspec.json.decode(value)) for value in values if value.startswith(b'"')}
    return frozenset({*texts, *(name for text in texts for name in names_of(text))})


def _without_codes(document: bytes, codes: Iterable[str]) -> bytes:
    """Return a JSON document without the codes where they stand as words of their own, inside ids too.

    Names of markets, coins and policies stay, though one is spelt like a place. A code of a country alone is an English
    word in small letters ("in"); one with a subdivision is none.
    """
    words = [
        f"(?i:{re.escape(code)})" if "-" in code else re.escape(code) for code in sorted(codes, key=len, reverse=True)
    ]
    if not words:
        return document
    pattern = rf"({_NAMES})|(?:(?<![A-Za-z0-9])|(?<=\\[bfnrt]))(?:{'|'.join(words)})(?![A-Za-z0-9])"
    return re.sub(pattern.encode(), lambda match: match[1] or MASKED.encode(), document)


_NAMES = r'"(?:venue|instrument|currency|unit|name)":"(?:[^"\\]|\\.)*"'
