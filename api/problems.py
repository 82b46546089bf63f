"""Errors as RFC 9457 problem documents: one registry of types and one exception.

Nothing in the API raises an HTTP exception with prose. A handler raises `ProblemError` with a type of the registry;
`api.failures` answers with it, and maps exceptions of the framework onto the same registry.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from msgspec import UNSET, Struct, UnsetType

MEDIA_TYPE = "application/problem+json"
BASE_URI = "https://preclear.example/problems/"


class ProblemType(Struct, frozen=True, kw_only=True):
    """A kind of problem: the last part of its type URI, its HTTP status and its title."""

    slug: str
    status: int
    title: str

    @property
    def uri(self) -> str:
        """The type URI."""
        return BASE_URI + self.slug


MALFORMED = ProblemType(slug="malformed-json", status=400, title="The body is not JSON")
BAD_REQUEST = ProblemType(slug="bad-request", status=400, title="The request cannot be read")
UNAUTHENTICATED = ProblemType(slug="unauthenticated", status=401, title="A valid API key is needed")
FORBIDDEN = ProblemType(slug="forbidden", status=403, title="The key does not have the scope for this")
NOT_FOUND = ProblemType(slug="not-found", status=404, title="There is no such resource")
METHOD_NOT_ALLOWED = ProblemType(slug="method-not-allowed", status=405, title="The resource does not take this method")
NOT_ACCEPTABLE = ProblemType(slug="not-acceptable", status=406, title="No representation that the request accepts")
TIMEOUT = ProblemType(slug="request-timeout", status=408, title="The request took too long to arrive")
CONFLICT = ProblemType(slug="conflict", status=409, title="The request conflicts with what is recorded")
NOT_REPLAYABLE = ProblemType(
    slug="not-replayable", status=409, title="The journal does not hold all that the decision was made from"
)
TOO_LARGE = ProblemType(slug="too-large", status=413, title="The body is too large")
UNSUPPORTED_MEDIA_TYPE = ProblemType(slug="unsupported-media-type", status=415, title="The body type is not read here")
MISDIRECTED = ProblemType(slug="misdirected-request", status=421, title="The request is for another host")
INVALID = ProblemType(slug="invalid-input", status=422, title="The input is well-formed but not valid")
TOO_MANY_REQUESTS = ProblemType(slug="too-many-requests", status=429, title="The key's rate limit is used up")
HEADERS_TOO_LARGE = ProblemType(slug="headers-too-large", status=431, title="The header fields are too large")
INTERNAL = ProblemType(slug="internal-error", status=500, title="The service failed")
UNAVAILABLE = ProblemType(slug="unavailable", status=503, title="The service cannot record or answer now")

REGISTRY: tuple[ProblemType, ...] = (
    MALFORMED,
    BAD_REQUEST,
    UNAUTHENTICATED,
    FORBIDDEN,
    NOT_FOUND,
    METHOD_NOT_ALLOWED,
    NOT_ACCEPTABLE,
    TIMEOUT,
    CONFLICT,
    NOT_REPLAYABLE,
    TOO_LARGE,
    UNSUPPORTED_MEDIA_TYPE,
    MISDIRECTED,
    INVALID,
    TOO_MANY_REQUESTS,
    HEADERS_TOO_LARGE,
    INTERNAL,
    UNAVAILABLE,
)
"""Every problem type the service answers with."""


class FieldError(Struct, frozen=True, kw_only=True):
    """One bad field and what is wrong with it."""

    pointer: str
    """JSON pointer into the body (RFC 6901; the empty one is the whole body), or `query:name`, `header:name`."""
    detail: str
    """What is wrong with it, in words."""


class Problem(Struct, frozen=True, kw_only=True):
    """RFC 9457 problem document."""

    type: str
    """URI of the kind of problem: `https://preclear.example/problems/` and the word that each operation tells beside a
    status, such as `invalid-input`. Nothing is to be read there."""
    title: str
    """The kind of problem, in words."""
    status: int
    """The HTTP status."""
    detail: str
    """What is wrong with this request, in words."""
    instance: str | UnsetType = UNSET
    """Id of the request, as in the `X-Request-Id` header."""
    errors: tuple[FieldError, ...] | UnsetType = UNSET
    """For bad input: every bad field, all at once (100 at most)."""


class ProblemError(Exception):
    """Ends a request with a problem document."""

    def __init__(
        self,
        problem: ProblemType,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        headers: Mapping[str, str] | None = None,
    ) -> None:
        super().__init__(detail)
        self.problem = problem
        self.detail = detail
        self.errors = tuple(errors)
        self.headers = dict(headers or {})

    def document(self, instance: str | None = None) -> Problem:
        """Return the problem document."""
        return Problem(
            type=self.problem.uri,
            title=self.problem.title,
            status=self.problem.status,
            detail=self.detail,
            instance=instance or UNSET,
            errors=self.errors or UNSET,
        )


MAX_ERRORS = 100
"""Most bad fields that one answer names: a book may have tens of thousands."""


def invalid(errors: Sequence[FieldError]) -> ProblemError:
    """Return the problem for well-formed input with bad fields, of which it names the first."""
    many = f"{len(errors)} fields are" if len(errors) != 1 else "1 field is"
    named = errors[:MAX_ERRORS]
    where = ", ".join(error.pointer for error in named) + (", …" if len(named) < len(errors) else "")
    return ProblemError(INVALID, f"{many} not valid: {where}" if where else errors[0].detail, errors=named)


def not_found(what: str) -> ProblemError:
    """Return the problem for an absent resource, `what` in words."""
    return ProblemError(NOT_FOUND, what)
