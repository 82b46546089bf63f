"""A process that records decisions as fast as it can and says, line by line, which were acknowledged.

    python -m tests.journal.recorder ADDRESS NAME CLIENTS [IDEMPOTENCY_KEYS]

With `IDEMPOTENCY_KEYS` each client records one decision under each of the keys `key-0` … and then ends.
"""

from __future__ import annotations

import asyncio
import sys

from data.journal.errors import JournalUnavailableError
from data.journal.journal import open_journal
from tests.journal.entries import new_entry


async def record_forever(address: str, name: str, clients: int, keys: int | None) -> None:
    journal = await open_journal(address)

    async def client(number: int) -> None:
        turn = 0
        while keys is None or turn < keys:
            decision_id = f"dec_{name}_{number}_{turn}"
            key = None if keys is None else f"key-{turn}"
            try:
                receipt = await journal.record(new_entry(decision_id, idempotency_key=key))
            except JournalUnavailableError:
                print("unavailable", flush=True)
                await asyncio.sleep(0.02)
                continue
            print("ack", receipt.decision_id, receipt.digest, flush=True)
            turn += 1

    await asyncio.gather(*(client(number) for number in range(clients)))
    await journal.close()


if __name__ == "__main__":
    asyncio.run(
        record_forever(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4]) if len(sys.argv) > 4 else None)
    )
