"""What requests about decisions leave to be looked up: a policy, by name or given, and a release.

Whatever is wrong with a request is told at once: what is wrong with these two stands beside what is wrong with the
rest, be it badly formed or badly meant.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from typing import Protocol, TypeVar

from msgspec import Struct

from api.aside import aside
from api.deciding import NamedPolicy, errors_of_name, errors_of_policy
from api.decoding import decode_body
from api.problems import FieldError, ProblemError, invalid
from api.reading import NoReleaseError, open_release
from api.services import Services
from data.releases import Release
from rules.policies.policy import Policy


class Question(Protocol):
    """A request that names a policy and a release."""

    @property
    def policy(self) -> str | Policy | None:
        """The name of a policy, or one given whole; null where none is asked for."""

    @property
    def release(self) -> str | None:
        """Id of a release, or `latest`; null where none is asked for."""


Q = TypeVar("Q", bound=Question)


class Settled(Struct, frozen=True, kw_only=True):
    """The policy and the release of a request; null where none is asked for, or where `errors` say why not."""

    policy: NamedPolicy | None
    release: Release | None
    errors: tuple[FieldError, ...]
    absent: NoReleaseError | None
    """Why the release is not there; the answer when nothing else is wrong."""

    def refuse(self, others: Sequence[FieldError]) -> None:
        """Raise what is wrong with a request, `others` being what is wrong with the rest of it.

        Raises:
            ProblemError: 422 naming every bad field, 404 when an unknown release is all.
        """
        if others or len(self.errors) > (self.absent is not None):
            raise invalid([*others, *self.errors])
        if self.absent is not None:
            raise self.absent


async def settle(services: Services, asked: Question) -> Settled:
    """Look up what a request names.

    Raises:
        ProblemError: 503 for a policy or release that cannot be read now.
    """
    policy, errors = None, []
    if asked.policy is not None:
        policy = await services.policy_for(asked.policy)
        errors.extend(errors_of_policy(asked.policy, policy, services.decider.law))
        errors.extend(errors_of_name(asked.policy))
    release, absent = None, None
    if asked.release is not None:
        try:
            release = await open_release(services.releases, asked.release)
        except NoReleaseError as error:
            absent = error
            errors.append(error.field)
    return Settled(policy=policy, release=release, errors=tuple(errors), absent=absent)


async def read_question(
    services: Services, body: bytes, kind: type[Q], meaning: Callable[[Q], Iterable[FieldError]]
) -> Q:
    """Return `body` as a `kind`. What its policy and release come to is looked at here only where it is badly formed.

    Raises:
        ProblemError: 400 when it is not JSON, 422 naming every bad field.
    """
    parts: list[Q] = []

    def keeping(part: Q) -> Iterable[FieldError]:
        parts.append(part)
        return meaning(part)

    try:
        return await aside(len(body), lambda: decode_body(body, kind, keeping))
    except ProblemError as error:
        beside = [one for part in parts for one in (await settle(services, part)).errors]
        if not beside:
            raise
        raise invalid([*error.errors, *beside]) from None
