"""Policy versions are kept for ever, under their digest."""

from __future__ import annotations

import asyncio

import pytest

from data.journal.chain import sha256
from data.journal.journal import Journal
from data.journal.policies import DigestError

FIRST, SECOND = b'{"name":"desk","max":"1"}', b'{"name":"desk","max":"2"}'


async def test_versions_count_up_and_documents_stay(journal: Journal) -> None:
    first, new = await journal.put_policy("desk", sha256(FIRST), FIRST, "k1")
    assert (first.version, new, first.key_id) == (1, True, "k1")
    second, new = await journal.put_policy("desk", sha256(SECOND), SECOND)
    assert (second.version, new) == (2, True)
    back, new = await journal.put_policy("desk", sha256(FIRST), FIRST)
    assert (back.version, new) == (3, True)
    assert await journal.current_policy("desk") == back
    assert await journal.policy(sha256(FIRST)) == FIRST
    assert await journal.policy(sha256(SECOND)) == SECOND
    assert [version.version for version in await journal.policy_versions("desk")] == [1, 2, 3]


async def test_putting_the_current_document_again_changes_nothing(journal: Journal) -> None:
    first, _ = await journal.put_policy("desk", sha256(FIRST), FIRST)
    again, new = await journal.put_policy("desk", sha256(FIRST), FIRST, "k2")
    assert (again, new) == (first, False)


async def test_each_name_has_its_own_versions(journal: Journal) -> None:
    await journal.put_policy("desk", sha256(FIRST), FIRST)
    await journal.put_policy("desk", sha256(SECOND), SECOND)
    await journal.put_policy("prop", sha256(FIRST), FIRST)
    assert [(version.name, version.version) for version in await journal.policies()] == [("desk", 2), ("prop", 1)]


async def test_simultaneous_versions_get_numbers_of_their_own(journal: Journal) -> None:
    documents = [b'{"max":"%d"}' % number for number in range(12)]
    await asyncio.gather(*(journal.put_policy("desk", sha256(document), document) for document in documents))
    versions = await journal.policy_versions("desk")
    assert [version.version for version in versions] == list(range(1, 13))
    assert {version.digest for version in versions} == {sha256(document) for document in documents}


async def test_a_kept_document_is_found_and_not_listed(journal: Journal) -> None:
    await journal.keep_policy(sha256(FIRST), FIRST)
    await journal.keep_policy(sha256(FIRST), FIRST)
    assert await journal.policy(sha256(FIRST)) == FIRST
    assert await journal.policies() == ()


async def test_a_wrong_digest_is_refused(journal: Journal) -> None:
    with pytest.raises(DigestError):
        await journal.put_policy("desk", sha256(SECOND), FIRST)
    assert await journal.policies() == ()
    assert await journal.policy(sha256(SECOND)) is None


async def test_an_unknown_policy_is_absent(journal: Journal) -> None:
    assert await journal.current_policy("desk") is None
    assert await journal.policy("sha256:none") is None
