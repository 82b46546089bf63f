"""Why a venue could not be read. Every message names the address without its query's secrets."""

from __future__ import annotations


class RefreshError(Exception):
    """A venue that could not be read, or not be believed. `url` is the address asked, without its query."""

    def __init__(self, message: str, url: str | None = None) -> None:
        super().__init__(f"{message} ({url})" if url else message)
        self.url = url


class ForbiddenHostError(RefreshError):
    """An address outside the hosts that the venue's module names."""


class UnreachableError(RefreshError):
    """No answer: refused, cut off or timed out, after all attempts."""


class StatusError(RefreshError):
    """An answer that is not a success. `retry_after` is what the venue asked us to wait, in seconds."""

    def __init__(self, message: str, url: str, status: int, retry_after: float | None = None) -> None:
        super().__init__(message, url)
        self.status = status
        self.retry_after = retry_after


class TooLargeError(RefreshError):
    """An answer larger than we accept, before or after decompression."""


class NotJSONError(RefreshError):
    """An answer that is not JSON, or JSON that stops short."""


class ShapeError(RefreshError):
    """JSON of another shape than documented; the message names the path that changed."""


class VenueSaysError(RefreshError):
    """A well-formed answer in which the venue reports an error of its own."""


class EndlessPagesError(RefreshError):
    """A listing that does not come to an end."""
