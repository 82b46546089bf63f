"""Rate limits hold over all workers together."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import update

from data.journal.buckets import Admission, Buckets, buckets


@pytest.fixture
async def workers(address: str) -> AsyncIterator[list[Buckets]]:
    """Three workers' views of the same limits."""
    threads = ThreadPoolExecutor(6)
    made = [Buckets(address, threads) for _ in range(3)]
    yield made
    for each in made:
        each.close()
    threads.shutdown()


async def test_a_bucket_gives_its_limit_and_then_refuses(workers: list[Buckets]) -> None:
    taken = [await workers[0].take("key", 5) for _ in range(7)]
    assert [each.allowed for each in taken] == [True] * 5 + [False] * 2
    assert [each.remaining for each in taken[:5]] == [4, 3, 2, 1, 0]
    refused = taken[-1]
    assert (refused.limit, refused.remaining) == (5, 0)
    assert 1 <= refused.retry_after <= 12
    assert 48 <= refused.full_after <= 60


class Filling:
    """What a bucket may have given since a moment: its limit, and what it has been filled again with."""

    def __init__(self, limit: int) -> None:
        self._limit = limit
        self._begun = time.monotonic()

    def most(self) -> float:
        return self._limit * (1 + (time.monotonic() - self._begun) / 60)


async def test_the_limit_holds_over_all_workers(workers: list[Buckets]) -> None:
    filling = Filling(20)
    taken = [await workers[turn % 3].take("key", 20) for turn in range(30)]
    assert 20 <= sum(each.allowed for each in taken) <= filling.most()


async def test_the_limit_holds_when_all_ask_at_once(workers: list[Buckets]) -> None:
    filling = Filling(20)
    taken = await asyncio.gather(*(worker.take("key", 20) for worker in workers for _ in range(30)))
    assert 20 <= sum(each.allowed for each in taken) <= filling.most()


async def test_large_limits_are_never_exceeded_either(workers: list[Buckets]) -> None:
    filling = Filling(600)
    taken = await asyncio.gather(*(worker.take("key", 600) for worker in workers for _ in range(400)))
    # A worker may sit on a lease of one hundredth.
    assert 600 - 3 * 6 <= sum(each.allowed for each in taken) <= filling.most()


async def test_keys_have_buckets_of_their_own(workers: list[Buckets]) -> None:
    await asyncio.gather(*(workers[0].take("busy", 3) for _ in range(9)))
    assert (await workers[0].take("quiet", 3)).allowed


async def test_a_bucket_fills_again(workers: list[Buckets]) -> None:
    limit = 600
    while (await workers[0].take("key", limit)).allowed:
        pass
    refused = await workers[0].take("key", limit)
    assert refused.retry_after == 1

    async def until_allowed() -> Admission:
        while not (admission := await workers[0].take("key", limit)).allowed:  # noqa: ASYNC110
            await asyncio.sleep(0.02)
        return admission

    assert (await asyncio.wait_for(until_allowed(), 60)).allowed


async def test_a_clock_that_is_set_back_locks_nobody_out(address: str) -> None:
    with ThreadPoolExecutor(2) as threads:
        worker = Buckets(address, threads)
        await worker.take("key", 600)
        with worker._database.write() as connection:
            connection.execute(update(buckets).values(tokens=0.0, refilled_at=buckets.c.refilled_at + 86_400))
        worker.close()
        restarted = Buckets(address, threads)

        async def until_allowed() -> None:
            while not (await restarted.take("key", 600)).allowed:  # noqa: ASYNC110
                await asyncio.sleep(0.05)

        await asyncio.wait_for(until_allowed(), 60)
        restarted.close()


async def test_a_table_out_of_reach_leaves_a_limit_per_worker() -> None:
    with ThreadPoolExecutor(2) as threads:
        worker = Buckets("postgresql://nobody@/none?host=/nonexistent", threads)
        taken = [await worker.take("key", 5) for _ in range(8)]
        assert [each.allowed for each in taken] == [True] * 5 + [False] * 3
        worker.close()


async def test_a_changed_limit_takes_effect(workers: list[Buckets]) -> None:
    assert (await workers[0].take("key", 100)).remaining == 99
    lowered = await workers[1].take("key", 10)
    assert lowered.remaining <= 10
    assert lowered.limit == 10
