"""What a service and the process that writes its journal say to each other (`data.framing`).

The service opens with `Opening` and is answered `Opened`. From then on it sends lists of `Pending`, each after the
answer to the one before, and each is answered with `Committed`.
"""

from __future__ import annotations

from msgspec import Struct

from data.journal.chain import Header
from data.journal.drivers import DriverAddress
from data.journal.entry import NewEntry, Recorded
from data.journal.rows import SCHEMA_VERSION


class Opening(Struct, frozen=True, kw_only=True):
    """Which store is to be written; `file` is the device and inode of the one that the service has open already."""

    store: DriverAddress
    file: tuple[int, int] | None


class Opened(Struct, frozen=True):
    """How the process understands entries. It was read from disk just now: after an upgrade it may be newer than the
    service.
    """

    language: tuple[str, ...]


class Pending(Struct, frozen=True, kw_only=True):
    """An entry that waits to be stored, as it will be stored."""

    new: NewEntry
    masked: str = ""
    key_family: tuple[str, ...] = ()
    """Ids of the API keys that share this one's Idempotency-Keys, because one was rotated in for the other."""
    other_hash: str | None = None
    """The input hash that the same body has, or would have, under another setting of masking; never stored."""


class Stored(Struct, frozen=True, tag=True):
    """The entry has this place and digest in the chain."""

    seq: int
    digest: str


class Repeated(Struct, frozen=True, tag=True):
    """Its Idempotency-Key was used before for the same body, and this was recorded then."""

    recorded: Recorded


class Conflict(Struct, frozen=True, tag=True):
    """It was used before with another body, for this decision."""

    idempotency_key: str
    decision_id: str


class Refused(Struct, frozen=True, tag=True, kw_only=True):
    """The store could not be written: why, in its own words, and whether the entry may be there all the same."""

    why: str
    cause: str
    perhaps_stored: bool


class Failed(Struct, frozen=True, tag=True):
    """The entry cannot be stored, by a mistake of the program: where it happened."""

    where: str


Told = Stored | Repeated | Conflict | Refused | Failed


class Batch(Struct, frozen=True, kw_only=True):
    """What one commit did, for the metrics: how many entries waited for it, and what became of them."""

    seconds: float
    stored: int = 0
    replayed: int = 0
    """An Idempotency-Key was used before with the same body: nothing was stored."""
    conflicts: int = 0
    """It was used before with another body."""
    failed: int = 0

    @property
    def entries(self) -> int:
        """How many entries waited for it."""
        return self.stored + self.replayed + self.conflicts + self.failed


class Committed(Struct, frozen=True):
    """What became of each entry, in order, and the commits that it took."""

    outcomes: list[Told]
    batches: list[Batch]


def language() -> tuple[str, ...]:
    """Return what two programs must have in common to write the same entries."""
    kinds = (Pending, NewEntry, Header, Recorded, Opening, DriverAddress, *Told.__args__, Batch, Committed)
    return (
        f"schema {SCHEMA_VERSION}",
        *(f"{kind.__name__} {' '.join(kind.__struct_fields__)}" for kind in kinds),
    )
