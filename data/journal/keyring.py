"""Which keys are valid now: what every request asks."""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence

from sqlalchemy import Connection

from data.journal import keys
from data.journal.entry import instant
from data.journal.errors import JournalUnavailableError
from data.journal.journal import Journal
from data.journal.keys import ApiKey
from data.journal.pepper import Pepper
from data.journal.watch import Versions, Watch

_FLUSH_SECONDS = 30.0


class KeyRing:
    """The keys of the store, reread when they have changed.

    `read_pepper` is called when the first key is checked, so that keys can be made while the service runs.
    """

    def __init__(self, journal: Journal, read_pepper: Callable[[], Pepper | None]) -> None:
        self._journal = journal
        self._read_pepper = read_pepper
        self._pepper: Pepper | None = None
        self._watch = Watch(journal.database, journal.threads)
        self._known: dict[str, ApiKey] = {}
        self._families: dict[str, tuple[str, ...]] = {}
        self._version = 0
        self._used: dict[str, str] = {}
        self._flushed = -_FLUSH_SECONDS
        self._flushing: asyncio.TimerHandle | None = None
        self._closed = False

    async def versions(self) -> Versions:
        """Return the store's counters, with the keys reread if they have changed.

        Raises:
            JournalUnavailableError: the store cannot be read.
            PepperError: there are keys that this installation's pepper did not make.
        """
        versions = await self._watch.versions()
        if versions.keys != self._version:
            known = await self._journal.reading(self._load)
            self._known = {key.key_id: key for key in known}
            self._families = _families(known)
            self._version = versions.keys
        return versions

    async def needed(self) -> bool:
        """Say whether keys are configured. Revoking the last one does not open the service again."""
        return (await self.versions()).keys > 0 and bool(self._known)

    async def find(self, text: str) -> tuple[ApiKey | None, str]:
        """Return the valid key with this text, or null and why there is none.

        Raises:
            JournalUnavailableError: the store cannot be read, so nobody can be let in.
        """
        await self.versions()
        key_id = keys.key_id_of(text)
        key = None if key_id is None else self._known.get(key_id)
        if key is None or self._pepper is None:
            return None, "The key is not known here."
        if not keys.is_key(key, text, self._pepper):
            return None, "The key is not known here."
        moment = instant()
        refusal = key.refusal(moment)
        if refusal is not None:
            return None, refusal
        self._note_use(key.key_id, moment)
        return key, ""

    async def refusal(self, key_id: str) -> str | None:
        """Return why a key that was found before is valid no more; null while it is (for long streams).

        Raises:
            JournalUnavailableError: the store cannot be read.
        """
        await self.versions()
        key = self._known.get(key_id)
        return "The key is not known here." if key is None else key.refusal(instant())

    def known(self, key_id: str) -> ApiKey | None:
        """Return what is known of a key, valid or not. As of the last request: keys are looked at anew with each."""
        return self._known.get(key_id)

    def family(self, key_id: str) -> tuple[str, ...]:
        """Return the ids of the keys that one was rotated in for, or that were for it, itself among them.

        A key that never was rotated has no family. As of the last request: keys are looked at anew with each.
        """
        return self._families.get(key_id, ())

    async def close(self) -> None:
        """Write down what was last used when."""
        self._closed = True
        if self._flushing is not None:
            self._flushing.cancel()
        self._watch.close()
        await self._flush()

    def _load(self, connection: Connection) -> tuple[ApiKey, ...]:
        found = keys.every(connection)
        if found:
            pepper = self._pepper or self._read_pepper()
            keys.check_pepper(connection, pepper)
            self._pepper = pepper  # not before: a wrong one may be put right while the service runs
        return found

    def _note_use(self, key_id: str, moment: str) -> None:
        self._used[key_id] = moment
        if self._flushing is None:
            self._flush_later()

    def _flush_later(self) -> None:
        """Have the uses written down, at most once in a while, whether or not another request comes."""
        if not self._closed:
            loop = asyncio.get_running_loop()
            self._flushing = loop.call_at(max(loop.time(), self._flushed + _FLUSH_SECONDS), self._flush_now)

    def _flush_now(self) -> None:
        self._flushing = None
        self._flushed = asyncio.get_running_loop().time()
        self._journal.in_background(self._flush())

    async def _flush(self) -> None:
        used, self._used = self._used, {}
        if not used:
            return
        try:
            await self._journal.writing(lambda connection: keys.touch(connection, used))
        except JournalUnavailableError:
            self._used = {**used, **self._used}
            if self._flushing is None:
                self._flush_later()


def _families(known: Sequence[ApiKey]) -> dict[str, tuple[str, ...]]:
    """Return for each key that was rotated, or rotated in, all that go back to the same first one."""
    replaced = {key.key_id: key.replaces for key in known}
    families: dict[str, list[str]] = {}
    for key_id in replaced:
        first = key_id
        while before := replaced.get(first):
            first = before
        families.setdefault(first, []).append(key_id)
    return {key_id: tuple(family) for family in families.values() if len(family) > 1 for key_id in family}
