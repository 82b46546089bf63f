"""What a running service holds open: releases, journal, policies, keys."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any

from litestar import Request, Response
from msgspec import structs

from api.aside import LONG, aside
from api.batches.processes import BatchProcesses
from api.caching import AnswerMemory
from api.collecting import set_facts_aside, take_facts_back
from api.contracts import DecisionRequest
from api.deciding import LATEST, Decided, Decider, NamedPolicy, Pinned, canonical_request, input_hash_of
from api.failures import answer_problem
from api.gathering import Gathering
from api.policy_book import PolicyBook
from api.problems import CONFLICT, UNAVAILABLE, ProblemError
from api.reading import open_release
from api.security import Gatekeeper, masking_of
from api.settings import Settings
from api.telemetry.log import log_unavailable
from api.telemetry.metrics import Telemetry
from api.titles import titles_in
from api.transport.places import Places
from data.journal.entry import NewEntry, Recorded
from data.journal.errors import IdempotencyConflictError, JournalError, JournalUnavailableError
from data.journal.journal import Journal, open_journal
from data.releases import ReleaseStore
from rules.policies.policy import Policy

RETRY_SECONDS = 2
WARM_SECONDS = 5.0
"""How long after its start a service starts the process that writes its journal."""
MOST_EXPORTS = 4
"""How many lists are sent whole at once: each keeps a thread at work, and a piece of its list in memory."""


class Services:
    """The open parts of one process."""

    def __init__(
        self,
        settings: Settings,
        releases: ReleaseStore,
        journal: Journal,
        gatekeeper: Gatekeeper,
        telemetry: Telemetry,
    ) -> None:
        self.settings = settings
        self.gatekeeper = gatekeeper
        self.telemetry = telemetry
        self.releases = releases
        self.journal = journal
        self.policies = PolicyBook(journal, gatekeeper.keys.versions)
        self.decider = Decider(releases)
        self._gathering = Gathering(self.decide_all)
        self.impact_runs = Places(1, "Another impact run is under way.")
        self.exports = Places(MOST_EXPORTS, "Too many exports are under way.", patience=10.0)
        self.answers = AnswerMemory()
        self.batch_processes = BatchProcesses(settings.releases, settings.batch_processes)
        self.batch_processes.on_change = telemetry.batch_processes

    async def pin(self, request: DecisionRequest) -> Pinned:
        """Return a request with release, day and policy fixed.

        Raises:
            ProblemError: 404 for an unknown release, 422 naming every bad field.
        """
        policy = await self.policy_for(request.policy)
        if request.release != LATEST:
            with suppress(ProblemError):  # what is wrong with it is told with all else that is
                await open_release(self.releases, request.release)
        return self.decider.pin(request, policy)

    async def policy_for(self, policy: str | Policy) -> NamedPolicy | None:
        """Return the policy a request names or gives; null when nobody knows its name.

        Raises:
            ProblemError: 503 when the name is not built in and the journal cannot be read.
        """
        if not isinstance(policy, str):
            return self.policies.given(policy)
        try:
            return await self.policies.named(policy)
        except JournalUnavailableError as error:
            raise unavailable(error) from error

    async def decide(self, pinned: Pinned, *, size: int = 0) -> Decided:
        """Return the decision on a pinned request, whose body had `size` bytes, and count it."""
        if size <= LONG:
            return await self._gathering.decide(pinned)
        decided = await aside(size, lambda: self.decider.decide(pinned))
        self.telemetry.count_decision(decided.conclusion)
        return decided

    def decide_all(self, pinned: Sequence[Pinned]) -> list[Decided]:
        """Return the decisions on pinned requests, and count them."""
        decided = self.decider.decide_all(pinned)
        for one in decided:
            self.telemetry.count_decision(one.conclusion)
        return decided

    async def record(self, entry: NewEntry, policy: NamedPolicy) -> Recorded:
        """Store a decision, and the policy it was made under, before it is answered.

        Raises:
            ProblemError: 409 for an Idempotency-Key used with another body, 503 when the journal cannot be written.
        """
        try:
            await self.policies.keep(policy)
            family = self.gatekeeper.keys.family(entry.key_id) if entry.idempotency_key is not None else ()
            return await self.journal.record(entry, key_family=family)
        except IdempotencyConflictError as error:
            raise ProblemError(CONFLICT, str(error)) from None
        except JournalUnavailableError as error:
            raise unavailable(error) from error

    async def recall(self, asked: DecisionRequest, *, key_id: str, idempotency_key: str) -> Recorded | None:
        """Return what was recorded under an Idempotency-Key for the same request; null when nothing was.

        Raises:
            ProblemError: 409 for a key that was used with another body, 503 when the journal cannot be read.
        """
        family = self.gatekeeper.keys.family(key_id)
        input_hash = input_hash_of(canonical_request(asked))
        try:
            return await self.journal.recall(key_id, idempotency_key, input_hash, key_family=family)
        except IdempotencyConflictError as error:
            raise ProblemError(CONFLICT, str(error)) from None
        except JournalUnavailableError as error:
            raise unavailable(error) from error

    async def record_all(
        self, entries: Sequence[NewEntry], policies: Iterable[NamedPolicy]
    ) -> list[bytes | ProblemError]:
        """Store decisions together, and the policies they were made under; return the answer or problem of each."""
        try:
            for policy in policies:
                await self.policies.keep(policy)
            outcomes = await self.journal.record_all(entries)
        except JournalUnavailableError as error:
            return [unavailable(error)] * len(entries)
        return [_answer_of(outcome) for outcome in outcomes]

    def release_built_at(self) -> float:
        """Return when the served release was built, in seconds of the epoch."""
        return self.releases.current().manifest.built_at.timestamp()

    async def journal_reachable(self) -> str | None:
        """Return null when the journal can be written, else why not."""
        return await self.journal.ready()

    async def keys_checkable(self) -> str | None:
        """Return null when a request's key can be checked, else why not: the pepper is missing or another one."""
        try:
            await self.gatekeeper.keys.versions()
        except JournalError as error:
            return str(error)
        return None

    def key_id(self, request: Request[Any, Any, Any]) -> str:
        """Return the id of the key a request was made with; empty when no keys are configured."""
        return str(request.scope.get("state", {}).get("key_id", ""))


def _answer_of(outcome: Recorded | Exception) -> bytes | ProblemError:
    if isinstance(outcome, Recorded):
        return outcome.answer
    if isinstance(outcome, JournalUnavailableError):
        return unavailable(outcome)
    raise outcome


def unavailable(error: JournalUnavailableError) -> ProblemError:
    """Return the problem for a journal that cannot be written or read now, and log the cause."""
    log_unavailable(error)
    detail = "The journal is unavailable, so nothing was decided or recorded. Try again."
    if error.perhaps_stored:
        detail = (
            "The journal did not confirm in time, so no decision is given; whether one was recorded is open. "
            "Try again: under the same Idempotency-Key it is recorded once."
        )
    return ProblemError(UNAVAILABLE, detail, headers={"Retry-After": str(RETRY_SECONDS)})


def answer_unavailable(request: Request[Any, Any, Any], exc: JournalUnavailableError) -> Response[bytes]:
    """Convert a journal that could not be read."""
    return answer_problem(request, unavailable(exc))


@asynccontextmanager
async def open_services(
    settings: Settings, telemetry: Telemetry, releases: ReleaseStore | None = None
) -> AsyncGenerator[Services, None]:
    """Open everything, and close it at the end."""
    if releases is None:
        releases = ReleaseStore(settings.releases)
        set_facts_aside()
        releases.on_change = set_facts_aside
    journal = await open_journal(
        settings.journal, masking=structs.replace(masking_of(settings), title_of=titles_in(releases))
    )
    journal.on_batch = telemetry.count_batch
    # Not while the service starts, which has work enough; an entry before that starts it sooner.
    warming = asyncio.get_running_loop().call_later(WARM_SECONDS, journal.start)
    gatekeeper = Gatekeeper(settings, journal)
    writing = asyncio.ensure_future(telemetry.keep_writing())
    services = Services(settings, releases, journal, gatekeeper, telemetry)
    try:
        yield services
    finally:
        writing.cancel()
        warming.cancel()
        await services.batch_processes.close()
        await gatekeeper.close()
        await journal.close()
        take_facts_back()


def services_of(request: Request[Any, Any, Any]) -> Services:
    """Return the services behind a request."""
    services: Services = request.app.state.services
    return services
