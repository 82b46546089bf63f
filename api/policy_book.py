"""Policies by name or digest: the built-in ones, and those a firm has stored in its journal."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from api.deciding import NamedPolicy
from api.policies import built_in, read_stored, with_digest
from data.journal.journal import Journal
from data.journal.watch import Versions
from rules.policies.policy import Policy, canonical

_KEPT = 256
"""Policies that are kept decoded, and names whose policy is known."""
_MOST_STORED = 4096
"""Digests of policies that are known to be stored; of any other the store is asked."""


class PolicyBook:
    """Finds policies by name or digest. A stored document is decoded once, so that plans made for it are reused.

    `versions` tells the store's counters: names are looked up again when a policy has been stored since, here or by
    another worker.
    """

    def __init__(self, journal: Journal, versions: Callable[[], Awaitable[Versions]]) -> None:
        self._journal = journal
        self._versions = versions
        self._named: dict[str, NamedPolicy | None] = {}
        self._named_at = -1
        self._decoded: dict[str, NamedPolicy] = {}
        self._stored: set[str] = set()

    async def named(self, name: str) -> NamedPolicy | None:
        """Return the built-in policy, or the newest stored version, of this name; null when there is none.

        Raises:
            JournalUnavailableError: the name is not built in and the journal cannot be read.
        """
        known = built_in().get(name)
        if known is not None:
            return known
        counter = (await self._versions()).policies
        if counter != self._named_at or len(self._named) >= _KEPT:
            self._named, self._named_at = {}, counter
        # What is looked up now belongs to this counter, even if another request sees a newer one meanwhile.
        named = self._named
        if name not in named:
            version = await self._journal.current_policy(name)
            named[name] = None if version is None else await self.by_digest(version.digest)
        return named[name]

    async def by_digest(self, policy_digest: str) -> NamedPolicy | None:
        """Return the policy with this digest; null when it was never stored, was altered, or cannot be read here."""
        known = self._decoded.get(policy_digest)
        if known is not None:
            return known
        for policy in built_in().values():
            if policy.digest == policy_digest:
                return policy
        stored = read_stored(await self._journal.policy(policy_digest), policy_digest)
        return None if stored is None else self._remember(stored)

    def given(self, policy: Policy) -> NamedPolicy:
        """Return a policy given whole in a request."""
        stated = with_digest(policy)
        return self._decoded.get(stated.digest) or self._remember(stated)

    async def keep(self, policy: NamedPolicy) -> None:
        """Store the policy of a decision that is about to be recorded, once, so that the decision can be replayed."""
        if policy.digest not in self._stored:
            await self._journal.keep_policy(policy.digest, canonical(policy.policy))
            if len(self._stored) >= _MOST_STORED:
                self._stored.clear()
            self._stored.add(policy.digest)

    def _remember(self, policy: NamedPolicy) -> NamedPolicy:
        if len(self._decoded) >= _KEPT:
            self._decoded.clear()
        self._decoded[policy.digest] = policy
        return policy
