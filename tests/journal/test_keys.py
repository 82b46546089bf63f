"""API keys: hashed with the pepper, valid until revoked, and revoked for everybody at once."""

from __future__ import annotations

import asyncio
import stat
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from sqlalchemy import Connection, select

from data.journal import keys
from data.journal.errors import JournalUnavailableError
from data.journal.journal import Journal, open_journal
from data.journal.keyring import KeyRing
from data.journal.keys import Scope, UnknownKeyError
from data.journal.pepper import Pepper, PepperError, make_pepper, read_pepper
from data.journal.schema import metadata
from tests.journal.postgres import PostgresServer

PEPPER = Pepper(b"a pepper of some length")
READ = frozenset({Scope.READ})


def ring(journal: Journal) -> KeyRing:
    return KeyRing(journal, lambda: PEPPER)


async def make(journal: Journal, **fields: object) -> tuple[keys.ApiKey, str]:
    wanted = {"name": "desk", "scopes": READ, **fields}
    return await journal.writing(lambda connection: keys.create(connection, PEPPER, **wanted))  # type: ignore[arg-type]


async def test_without_keys_none_is_needed(journal: Journal) -> None:
    keyring = ring(journal)
    assert not await keyring.needed()
    assert (await keyring.find("preclear_000000000000_" + "0" * 48))[0] is None
    await keyring.close()


async def test_a_key_is_found_by_its_text_alone(journal: Journal) -> None:
    keyring = ring(journal)
    key, text = await make(journal, scopes=frozenset({Scope.READ, Scope.DECIDE}), rate_limit=60)
    assert await keyring.needed()
    found, _ = await keyring.find(text)
    assert found == key
    assert found.allows(Scope.DECIDE)
    assert not found.allows(Scope.AUDIT)
    for wrong in (text[:-1] + ("0" if text[-1] != "0" else "1"), text.upper(), text + "0", f" {text}", key.key_id, ""):
        assert (await keyring.find(wrong))[0] is None
    await keyring.close()


async def test_an_admin_key_may_do_everything(journal: Journal) -> None:
    key, _ = await make(journal, scopes=frozenset({Scope.ADMIN}))
    assert all(key.allows(scope) for scope in Scope)


async def test_neither_the_key_nor_its_secret_is_stored(journal: Journal) -> None:
    _, text = await make(journal)
    secret = text.rpartition("_")[2]

    def stored(connection: Connection) -> bytes:
        rows = (tuple(row) for table in metadata.sorted_tables for row in connection.execute(select(table)))
        return b" ".join(cell if isinstance(cell, bytes) else str(cell).encode() for row in rows for cell in row)

    everything = await journal.reading(stored)
    assert text.split("_")[1].encode() in everything
    assert secret.encode() not in everything
    assert bytes.fromhex(secret) not in everything


async def test_a_revoked_key_is_refused_by_every_worker_at_once(address: str) -> None:
    one, other = await open_journal(address), await open_journal(address)
    first, second = ring(one), ring(other)
    key, text = await make(one)
    for keyring in (first, second):
        found, _ = await keyring.find(text)
        assert found is not None
        assert found.key_id == key.key_id
    await one.writing(lambda connection: keys.revoke(connection, key.key_id))
    for keyring in (first, second):
        assert await keyring.find(text) == (None, "The key was revoked.")
        assert await keyring.refusal(key.key_id) == "The key was revoked."
        # Revoking the last key does not open the service to everybody.
        assert await keyring.needed()
        await keyring.close()
    await one.close()
    await other.close()


async def test_an_expired_key_is_refused(journal: Journal) -> None:
    keyring = ring(journal)
    _, ended = await make(journal, expires_at=datetime.now(UTC) - timedelta(seconds=1))
    _, lasting = await make(journal, expires_at=datetime.now(UTC) + timedelta(hours=1))
    assert await keyring.find(ended) == (None, "The key has expired.")
    assert (await keyring.find(lasting))[0] is not None
    await keyring.close()


async def test_a_rotated_key_hands_over(journal: Journal) -> None:
    keyring = ring(journal)
    old, old_text = await make(journal, name="prop", rate_limit=7)
    new, new_text = await journal.writing(lambda c: keys.rotate(c, PEPPER, old.key_id))
    assert (new.name, new.scopes, new.rate_limit, new.replaces) == ("prop", READ, 7, old.key_id)
    assert (await keyring.find(old_text))[0] is None
    assert (await keyring.find(new_text))[0] == new
    await keyring.close()


async def test_keys_that_replace_one_another_are_one_family(journal: Journal) -> None:
    keyring = ring(journal)
    first, _ = await make(journal)
    alone, _ = await make(journal)
    ids = [first.key_id]
    for _ in range(2):
        new, _ = await journal.writing(lambda c: keys.rotate(c, PEPPER, ids[-1]))
        ids.append(new.key_id)
    await keyring.needed()
    assert [set(keyring.family(key_id)) for key_id in ids] == [set(ids)] * 3
    assert keyring.family(alone.key_id) == keyring.family("") == ()
    await keyring.close()


async def test_a_rotated_key_may_stay_valid_for_a_while(journal: Journal) -> None:
    keyring = ring(journal)
    old, old_text = await make(journal)
    until = datetime.now(UTC) + timedelta(hours=1)
    await journal.writing(lambda c: keys.rotate(c, PEPPER, old.key_id, valid_until=until))
    assert (await keyring.find(old_text))[0] is not None
    await keyring.close()


async def test_what_is_not_there_cannot_be_revoked_or_rotated(journal: Journal) -> None:
    key, _ = await make(journal)
    await journal.writing(lambda c: keys.revoke(c, key.key_id))
    for key_id in (key.key_id, "nothing"):
        with pytest.raises(UnknownKeyError):
            await journal.writing(lambda c, key_id=key_id: keys.revoke(c, key_id))
        with pytest.raises(UnknownKeyError):
            await journal.writing(lambda c, key_id=key_id: keys.rotate(c, PEPPER, key_id))
    assert len(await journal.reading(keys.every)) == 1


async def test_last_use_is_written_down(journal: Journal) -> None:
    keyring = ring(journal)
    key, text = await make(journal)
    _, unused = await make(journal)
    await keyring.find(text)
    await keyring.close()
    stored = {each.key_id: each.last_used_at for each in await journal.reading(keys.every)}
    assert str(stored[key.key_id]) > key.created_at
    assert stored[unused.split("_")[1]] is None


async def last_uses(journal: Journal, awaited: Callable[[dict[str, str | None]], object]) -> dict[str, str | None]:
    """Return what is stored of each key's last use once it is as awaited."""
    async with asyncio.timeout(60):
        while True:
            stored = {each.key_id: each.last_used_at for each in await journal.reading(keys.every)}
            if awaited(stored):
                return stored
            await asyncio.sleep(0.05)


async def test_last_use_is_written_down_though_nobody_asks_again(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data.journal.keyring._FLUSH_SECONDS", 0.2)
    keyring = ring(journal)
    first, first_text = await make(journal)
    second, second_text = await make(journal)
    await keyring.find(first_text)
    await asyncio.sleep(0.05)
    for text in (second_text, first_text):  # within the wait after the first use was written
        await keyring.find(text)
    used = str(keyring._used[first.key_id])
    stored = await last_uses(journal, lambda stored: stored[first.key_id] == used and stored[second.key_id])
    assert str(stored[second.key_id]) > second.created_at
    await keyring.close()


async def test_a_last_use_that_could_not_be_written_is_written_later(
    journal: Journal, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("data.journal.keyring._FLUSH_SECONDS", 0.05)
    keyring = ring(journal)
    key, text = await make(journal)
    writing, refused = journal.writing, asyncio.Event()

    async def unavailable(_: Any) -> Any:
        refused.set()
        raise JournalUnavailableError("no")

    monkeypatch.setattr(journal, "writing", unavailable)
    await keyring.find(text)
    await asyncio.wait_for(refused.wait(), 60)
    monkeypatch.setattr(journal, "writing", writing)
    await last_uses(journal, lambda stored: stored[key.key_id])
    await keyring.close()


async def test_another_pepper_is_noticed_not_taken_for_wrong_keys(journal: Journal) -> None:
    _, text = await make(journal)
    other = Pepper(b"another pepper altogether")
    with pytest.raises(PepperError, match="another pepper"):
        await journal.writing(lambda c: keys.create(c, other, name="", scopes=READ))
    with pytest.raises(PepperError, match="another pepper"):
        await KeyRing(journal, lambda: other).find(text)
    with pytest.raises(PepperError, match="not here"):
        await KeyRing(journal, lambda: None).find(text)


async def test_nobody_is_let_in_while_the_keys_cannot_be_read(own_postgres: PostgresServer) -> None:
    own_postgres.start()
    journal = await open_journal(own_postgres.url("postgres"))
    keyring = ring(journal)
    _, text = await make(journal)
    assert (await keyring.find(text))[0] is not None
    own_postgres.stop()
    with pytest.raises(JournalUnavailableError):
        await keyring.find(text)
    own_postgres.start()
    assert (await keyring.find(text))[0] is not None
    await keyring.close()
    await journal.close()


def test_a_pepper_is_made_once_and_for_its_owner_alone(tmp_path: Path) -> None:
    file = tmp_path / "var" / "pepper"
    assert read_pepper(file, {}) is None
    made = make_pepper(file, {})
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    again = make_pepper(file, {})
    assert made.check() == again.check()
    assert [each.name for each in file.parent.iterdir()] == ["pepper"]


def test_the_environment_comes_before_the_file(tmp_path: Path) -> None:
    made = make_pepper(tmp_path / "pepper", {})
    given = read_pepper(tmp_path / "pepper", {"PRECLEAR_PEPPER": "from the environment"})
    assert given is not None
    assert given.check() != made.check()


def test_a_short_pepper_is_refused(tmp_path: Path) -> None:
    with pytest.raises(PepperError, match="at least 16"):
        read_pepper(tmp_path / "pepper", {"PRECLEAR_PEPPER": "short"})
    (tmp_path / "pepper").write_text("short")
    with pytest.raises(PepperError, match="at least 16"):
        make_pepper(tmp_path / "pepper", {})


def test_purposes_have_keys_of_their_own() -> None:
    derived = {PEPPER.derive(purpose) for purpose in ("masking", "check", "api keys")}
    assert len(derived) == 3
    assert PEPPER.hash_key("a") != PEPPER.hash_key("b")
