"""What the service and its deciding processes say to each other."""

from __future__ import annotations

from msgspec import Struct

from api.batches.group import Answered, Asked, Missing


class Opening(Struct, frozen=True, tag=True):
    """The first message to a process: where the releases are. It answers `Open` when it has opened the latest."""

    releases: str


class Open(Struct, frozen=True, kw_only=True):
    """What a process decides by. It was read from disk just now: after an upgrade it may be newer than the service."""

    rules_version: str
    api_version: str


class Question(Struct, frozen=True, kw_only=True, tag=True):
    """A group of lines, with the canonical documents of the policies they may name; null for a name nobody knows."""

    asked: Asked
    policies: dict[str, bytes | None]


Reply = Answered | Missing
