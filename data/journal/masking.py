"""Keeps client fields out of the journal: each is dropped, or replaced by a keyed hash.

A masked decision proves what was decided, when and by which rules, but not for whom. What was masked is named in the
entry, and such an entry cannot be replayed: the law asks for the residence, and a replay without it would be a
different question. Fields that were null or absent are left alone, so a request without them stays replayable.

Sentences of the answer that repeat a masked text ("US-NY", or its country, "US") have it replaced as well. The ids of
rules stay, and what the rules of a law say of it: which law was applied is what the journal is for, and it tells as
much of the client as it must.
"""

from __future__ import annotations

import hashlib
import hmac
import re
from collections.abc import Iterable, Mapping
from enum import StrEnum

import msgspec
from msgspec import Raw, Struct

from data.journal.appending import Pending
from data.journal.entry import NewEntry
from data.journal.errors import MaskingError


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

_decode = msgspec.json.Decoder(dict[str, Raw]).decode
_encode = msgspec.json.Encoder().encode
_NULL = b"null"
_PART_OF_A_COUNTRY = re.compile(rb"([A-Z]{2})-[A-Z0-9]{1,3}").fullmatch


class Masking(Struct, frozen=True, kw_only=True):
    """Which fields of the stored request and answer are masked, and how.

    `secret` keys the hashes: equal values hash alike, so entries of one residence can still be found by who holds it.
    """

    method: Method = Method.NONE
    fields: tuple[str, ...] = CLIENT_FIELDS
    secret: bytes = b""

    def __post_init__(self) -> None:
        if self.method is not Method.NONE and len(self.secret) < 16:
            raise MaskingError("masking needs a secret of at least 16 bytes")

    def apply(self, new: NewEntry) -> Pending:
        """Return the entry as it is to be stored.

        Raises:
            MaskingError: the request or the answer cannot be masked; nothing may be stored then.
        """
        if self.method is Method.NONE:
            return Pending(new=new)
        found: dict[str, bytes] = {}
        request = self._mask(new.request, self.fields, found)
        if not found:
            return Pending(new=new)
        answer = self._mask(new.answer, tuple(f"trade.{field}" for field in self.fields), {})
        residence = new.residence
        if residence is not None and "client.residence" in found:
            residence = self.hashed(_encode(residence)) if self.method is Method.HASH else None
        return Pending(
            new=msgspec.structs.replace(
                new,
                request=request,
                answer=_without_texts(self._without_digest(answer), found.values()),
                residence=residence,
                # A plain digest of a request with one unknown residence is undone by trying every country.
                input_hash=self.hashed(new.input_hash.encode()),
            ),
            masked=f"{self.method}:{' '.join(found)}",
        )

    def input_hash(self, plain: str, request: bytes) -> str:
        """Return the input hash under which `apply` would store a request with the plain input hash `plain`."""
        found: dict[str, bytes] = {}
        if self.method is not Method.NONE:
            self._mask(request, self.fields, found)
        return self.hashed(plain.encode()) if found else plain

    def stored_residence(self, residence: str) -> str:
        """Return what a filter on `residence` has to look for besides the plain value."""
        return self.hashed(_encode(residence)) if self.method is Method.HASH else residence

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

    def _without_digest(self, answer: bytes) -> bytes:
        members = _decode(answer)
        if "digest" in members:
            members["digest"] = Raw(_encode(self.hashed(bytes(members["digest"]))))
        return _encode(members)


def _without_texts(answer: bytes, values: Iterable[bytes]) -> bytes:
    """Return the answer without the masked texts where they stand as words of their own, nor the country of a place."""
    texts = {value[1:-1] for value in values if value.startswith(b'"')}
    countries = {country[1] for text in texts if (country := _PART_OF_A_COUNTRY(text)) is not None}
    for text in sorted(texts | countries, key=len, reverse=True):
        answer = re.sub(rb"(?<![A-Za-z0-9_-])" + re.escape(text) + rb"(?![A-Za-z0-9_-])", b"[masked]", answer)
    return answer
