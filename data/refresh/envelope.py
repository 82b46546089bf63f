"""The envelope that several venues put around a list: a code that says whether it went well, a message, the data."""

from __future__ import annotations

from typing import Generic, TypeVar

from msgspec import Struct

from data.refresh.client import Response
from data.refresh.decoding import decode
from data.refresh.errors import VenueSaysError

T = TypeVar("T")


class _Status(Struct, frozen=True):
    code: str
    msg: str | None = None


class _Answer(Struct, Generic[T], frozen=True):
    data: list[T]


def listed_in(response: Response, kind: type[T], *, success: str) -> list[T]:
    """Return the data of an answer whose code is `success`, each row as a `kind`.

    Raises:
        VenueSaysError: it has another code.
    """
    status = decode(response, _Status)
    if status.code != success:
        raise VenueSaysError(f"error {status.code}: {(status.msg or '')[:200]}", response.retrieved.url)
    return decode(response, _Answer[kind]).data  # type: ignore[valid-type]
