"""Token buckets per key, shared by all workers and machines.

A bucket holds as many tokens as a key has requests a minute, and fills evenly; each line of a batch takes one, as a
request does. Its state stands in a table; a worker takes several tokens at once when the limit is large (a lease), so
that most requests touch no table. Leased tokens are taken from the bucket, so together the workers never let through
more than the bucket gave out; a lease that was not used up within a second is given back.

On SQLite the table has a file of its own beside the journal, without disk syncs: a lost minute of counting does no
harm, and decisions do not wait for it. When the table cannot be reached each worker keeps a bucket of its own until it
can: the limit then holds per worker.
"""

from __future__ import annotations

import asyncio
import math
import time
from concurrent.futures import ThreadPoolExecutor

from msgspec import Struct
from sqlalchemy import Column, Connection, Float, MetaData, Table, Text, func, make_url, select, update

from data.journal.database import Database
from data.journal.errors import JournalUnavailableError
from data.journal.schema import insert_if_absent

WINDOW_SECONDS = 60
_LEASE_SECONDS = 1.0
_PAUSE_SECONDS = 0.25
_CLOCK_SECONDS = 5.0
_LEASE_SHARE = 100
"""A lease is this part of the bucket, and at least one token."""

_metadata = MetaData()
buckets = Table(
    "rate_buckets",
    _metadata,
    Column("key_id", Text, primary_key=True),
    Column("tokens", Float, nullable=False),
    Column("refilled_at", Float, nullable=False),
)


class Admission(Struct, frozen=True, kw_only=True):
    """Whether a request may pass, and what is left. Seconds are whole, rounded up."""

    allowed: bool
    limit: int
    remaining: int
    retry_after: int
    """Seconds until the next request may pass; zero when this one may."""
    full_after: int
    """Seconds until the whole limit is available again."""


class _Lease:
    """What a worker holds of one bucket."""

    def __init__(self) -> None:
        self.tokens = 0
        self.left_in_bucket = 0.0
        self.taken_at = -math.inf
        self.empty_until = -math.inf
        self.turn = asyncio.Lock()


class Buckets:
    """The rate limits of one process."""

    def __init__(self, address: str, threads: ThreadPoolExecutor) -> None:
        url = make_url(address)
        if url.get_backend_name() == "sqlite":
            url = url.set(database=f"{url.database}-limits")
        self._database = Database(url.render_as_string(hide_password=False), _metadata.create_all, durable=False)
        self._threads = threads
        self._leases: dict[str, _Lease] = {}

    async def take(self, key_id: str, limit: int) -> Admission:
        """Take one token from the bucket of a key that may send `limit` requests a minute."""
        lease = await self._leased(key_id, limit)
        if lease.tokens > 0:
            lease.tokens -= 1
            return _admission(limit, lease.left_in_bucket + lease.tokens, retry_after=0.0)
        return _admission(limit, 0.0, retry_after=max(lease.empty_until - time.monotonic(), 0.001))

    async def take_some(self, key_id: str, limit: int, most: int) -> int:
        """Take up to `most` tokens, at least one; return how many. While there are none, wait."""
        while True:
            lease = await self._leased(key_id, limit, most)
            if lease.tokens > 0:
                taken = min(lease.tokens, most)
                lease.tokens -= taken
                return taken
            # Where tokens come fast, until there are several.
            await asyncio.sleep(max(lease.empty_until - time.monotonic(), _PAUSE_SECONDS))

    async def _leased(self, key_id: str, limit: int, most: int = 1) -> _Lease:
        """Return what this worker holds of a bucket, renewed when it is used up: by `most` tokens, or by a lease."""
        lease = self._leases.get(key_id)
        if lease is None:
            lease = self._leases[key_id] = _Lease()
        now = time.monotonic()
        if not (lease.tokens > 0 and now - lease.taken_at < _LEASE_SECONDS) and now >= lease.empty_until:
            async with lease.turn:
                now = time.monotonic()
                if (lease.tokens < 1 and now >= lease.empty_until) or now - lease.taken_at >= _LEASE_SECONDS:
                    await self._renew(key_id, lease, limit, wanted=max(most, limit // _LEASE_SHARE))
        return lease

    def close(self) -> None:
        """Close the table's connections."""
        self._database.close()

    async def _renew(self, key_id: str, lease: _Lease, limit: int, *, wanted: int) -> None:
        unused, lease.tokens = lease.tokens, 0

        def exchange() -> tuple[int, float]:
            with self._database.write() as connection:
                return _exchange(connection, key_id, limit, wanted=wanted, unused=unused)

        now = time.monotonic()
        try:
            granted, left = await asyncio.get_running_loop().run_in_executor(self._threads, exchange)
        except JournalUnavailableError:
            passed = min(now - lease.taken_at, WINDOW_SECONDS)
            left = min(lease.left_in_bucket + unused + passed * limit / WINDOW_SECONDS, float(limit))
            granted = min(wanted, int(left))
            left -= granted
        lease.tokens, lease.left_in_bucket, lease.taken_at = granted, left, now
        if granted == 0:
            lease.empty_until = time.monotonic() + (1 - left) * WINDOW_SECONDS / limit


def _exchange(connection: Connection, key_id: str, limit: int, *, wanted: int, unused: int) -> tuple[int, float]:
    """Give back `unused` tokens and take up to `wanted`; return how many were given and what is left."""
    clock = func.extract("epoch", func.clock_timestamp()) if connection.dialect.name == "postgresql" else None
    now = time.time() if clock is None else float(connection.execute(select(clock)).scalar_one())
    insert_if_absent(connection, buckets, {"key_id": key_id, "tokens": float(limit), "refilled_at": now})
    row = connection.execute(
        select(buckets.c.tokens, buckets.c.refilled_at).where(buckets.c.key_id == key_id).with_for_update()
    ).one()
    # Another worker may have read the clock a moment later. A row that is further ahead was written before the clock
    # was set back: the bucket goes on filling from now, not when the clock has caught up.
    ahead = row.refilled_at - now
    since = now if ahead > _CLOCK_SECONDS else row.refilled_at
    refilled = max(now - since, 0.0) * limit / WINDOW_SECONDS
    tokens = min(row.tokens + unused + refilled, float(limit))
    granted = min(wanted, int(tokens))
    connection.execute(
        update(buckets).where(buckets.c.key_id == key_id).values(tokens=tokens - granted, refilled_at=max(now, since))
    )
    return granted, tokens - granted


def _admission(limit: int, left: float, *, retry_after: float) -> Admission:
    return Admission(
        allowed=retry_after == 0.0,
        limit=limit,
        remaining=int(left),
        retry_after=math.ceil(retry_after),
        full_after=math.ceil((limit - left) * WINDOW_SECONDS / limit),
    )
