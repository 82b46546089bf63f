"""One venue being read: asks its endpoints, keeps the answers by endpoint, collects candidate facts."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Iterable, Mapping
from datetime import date
from typing import TypeVar

from msgspec import Struct

from data.facts.fact import Fact
from data.facts.venues import Fee, Ladder, LeverageCap
from data.facts.vocabulary import ClientClass
from data.refresh.candidates import Candidate, Family, FamilyReading, VenueReading, cite
from data.refresh.client import Client, Request, Response
from data.refresh.decoding import decode
from data.refresh.errors import EndlessPagesError, ShapeError

T = TypeVar("T")
Progress = Callable[[str, int, int | None], None]

MAX_PAGES = 400


class Reader(Struct, frozen=True, kw_only=True):
    """A venue's module in one value: where it reads and how.

    `base_url` is the default, which a setting may replace; `hosts` is the allow-list; `symbols` matches the native
    symbols that the venue's listings use, so that rows we hold under other names are never called gone.
    """

    venue: str
    base_url: str
    hosts: frozenset[str]
    symbols: str
    read: Callable[[Reading], Awaitable[None]]


class Reading:
    """What is asked and found while one venue is read."""

    def __init__(
        self,
        reader: Reader,
        client: Client,
        observed: date,
        *,
        base_url: str | None = None,
        environment: Mapping[str, str] | None = None,
        progress: Progress = lambda _what, _done, _total: None,
    ) -> None:
        self.venue = reader.venue
        self.observed = observed
        self.environment = environment or {}
        self._client = client
        self._base_url = (base_url or reader.base_url).rstrip("/")
        self._symbols = re.compile(reader.symbols).fullmatch
        self._progress = progress
        self._responses: dict[str, list[Response]] = {}
        self._families: dict[Family, FamilyReading] = {}
        self._remarks: list[str] = []

    async def fetch(
        self,
        endpoint: str,
        query: Mapping[str, str | int] | None = None,
        *,
        path: str | None = None,
        body: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        signed: bool = False,
    ) -> Response:
        """Ask `endpoint` (or `path`, one symbol's part of it) and keep the answer under the endpoint's name."""
        url = self._base_url + (path or endpoint)
        request = Request(url=url, query=query or {}, body=body, headers=headers or {}, signed=signed)
        response = await self._client.fetch(request)
        self._responses.setdefault(endpoint, []).append(response)
        return response

    async def get(self, endpoint: str, kind: type[T]) -> T:
        """Return the one answer of an endpoint that takes no query, as a `kind`."""
        self.tell(endpoint, 0, None)
        answer = decode(await self.fetch(endpoint), kind)
        self.tell(endpoint, 1, 1)
        return answer

    def url(self, endpoint: str) -> str:
        """Return the address of an endpoint, without a query."""
        return self._base_url + endpoint

    def tell(self, what: str, done: int, total: int | None) -> None:
        """Report progress: `done` of `total` pages or symbols."""
        self._progress(what, done, total)

    def remark(self, text: str) -> None:
        """Note something a reviewer should know."""
        self._remarks.append(text)

    def offer(
        self,
        family: Family,
        facts: Iterable[Candidate],
        endpoint: str,
        *,
        covers: Callable[[Candidate], bool] = lambda _fact: True,
        doubt: str | None = None,
    ) -> None:
        """Put down a family as `endpoint` lists it.

        `covers` narrows what the listing is complete for; `doubt` says why none of it is to be believed unseen.

        Raises:
            ShapeError: a name or a code holds a line break or another character that cannot be shown.
        """
        symbols = self._symbols
        facts = tuple(facts)
        for fact in facts:
            for name in fact.__struct_fields__:
                value = getattr(fact, name)
                if isinstance(value, str) and not value.isprintable():
                    raise ShapeError(f"{name} {value!r} cannot be printed", self.url(endpoint))

        def listed(fact: Fact) -> bool:
            return isinstance(fact, Candidate) and _is_general(fact) and _named(fact, symbols) and covers(fact)

        citation = cite(self.url(endpoint), self._responses[endpoint])
        self._families[family] = FamilyReading(
            family=family, facts=facts, covers=listed, citation=citation, doubt=doubt
        )

    def result(self) -> VenueReading:
        """Return what was found."""
        return VenueReading(
            venue=self.venue,
            observed=self.observed,
            families=tuple(self._families.values()),
            remarks=tuple(self._remarks),
        )


class Pages:
    """Guards a paginated listing: it must end, and no page may come twice."""

    def __init__(self, url: str, limit: int = MAX_PAGES) -> None:
        self._url = url
        self._limit = limit
        self._seen: set[str] = set()

    def turn(self, mark: str) -> None:
        """Take note of a page by its cursor, or by what tells it from all other pages.

        Raises:
            EndlessPagesError: the page came before, or there are too many.
        """
        if mark in self._seen:
            raise EndlessPagesError("the listing repeats itself: the same page came twice", self._url)
        self._seen.add(mark)
        if len(self._seen) > self._limit:
            raise EndlessPagesError(f"the listing has more than {self._limit} pages", self._url)


def _is_general(fact: Candidate) -> bool:
    """Say whether a row is what a public listing speaks of: all clients, everywhere, the general schedule."""
    match fact:
        case LeverageCap():
            return fact.client_class is ClientClass.ANY and fact.jurisdiction == "*"
        case Ladder():
            return fact.schedule is None and fact.usable
        case Fee():
            return fact.schedule is None
        case _:
            return True


def _named(fact: Candidate, symbols: Callable[[str], object]) -> bool:
    name = getattr(fact, "symbol", None) or getattr(fact, "instrument", None)
    return name is None or symbols(name) is not None
