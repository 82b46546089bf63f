"""What an installation can set, by environment variable; every default runs from a fresh clone."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping
from difflib import get_close_matches
from pathlib import Path

from msgspec import Struct

import data

_WORDS = {
    "mask_client": ("none", "hash", "drop"),
    "log_format": ("console", "json"),
    "log_level": ("debug", "info", "warning", "error", "critical"),
}
_LEAST_AND_MOST: dict[str, tuple[int, int | None]] = {
    "port": (1, 65_535),
    "workers": (1, None),
    "grace_seconds": (1, 3_600),
    "max_body": (1, None),
    "max_line": (1, None),
    "max_batch_array": (1, None),
}
"""Ranges of whole numbers; the others start at 0 and have no end."""
_ABOVE_NOTHING = ("request_timeout",)
MAX_BATCH_PROCESSES = 4
"""Each takes about 150 MB while a long batch runs."""


class SettingsError(ValueError):
    """An environment variable has a value that cannot be used."""


class Settings(Struct, frozen=True, kw_only=True):
    """Settings of one process.

    `curated` and `releases` are folders; `journal` is an SQLAlchemy-style address (`sqlite:///path`,
    `postgresql://…`); body limits are in bytes, `request_timeout` in seconds.
    """

    curated: Path
    releases: Path
    journal: str
    host: str = "127.0.0.1"
    port: int = 8000
    workers: int = 1
    allow_anonymous: bool = False
    """Serve beyond loopback, and under any `Host`, without any key configured."""
    mask_client: str = "none"
    """none | hash | drop: what the journal does with stored client fields."""
    pepper_file: Path
    max_body: int = 4_194_304
    """Longest body of a request that is no batch, in bytes. A trade with as many positions, levels and clusters as may
    be given has 2.3 MB when every number has all its digits, 3.2 MB with a line for each."""
    max_line: int = 65_536
    """Longest line of a batch, of which many are held at a time. A trade that is longer is sent alone."""
    max_batch_array: int = 8_388_608
    """Longest batch that is sent as one JSON array; lines have no such limit."""
    batch_processes: int = 0
    """Processes that decide long batches, for each worker. Not set: the cores a worker has to itself, at most 4; none
    where it has but one."""
    request_timeout: float = 30.0
    grace_seconds: int = 10
    """How long requests under way are finished once the service is told to end."""
    rate_limit: int = 0
    """Requests a minute per key; 0 is unlimited."""
    log_format: str = "console"
    """json | console"""
    log_level: str = "info"
    """debug | info | warning | error | critical"""


_TRUTHS = {"1": True, "true": True, "yes": True, "0": False, "false": False, "no": False}
_PREFIX = "PRECLEAR_"
_ELSEWHERE = ("PRECLEAR_VAR", "PRECLEAR_PEPPER")
"""Variables that are read, but are no field of `Settings`."""


def read_settings(environment: Mapping[str, str] | None = None, **overrides: object) -> Settings:
    """Return the settings of this process: defaults, then environment, then `overrides`.

    Variables that name no setting are not read (`unread`), and an empty one counts as not set.

    Raises:
        SettingsError: a value has the wrong form or lies out of its range.
    """
    given = os.environ if environment is None else environment
    environment = {name: text for name, text in given.items() if text}
    var = Path(environment.get("PRECLEAR_VAR", "var"))
    values: dict[str, object] = {
        "curated": Path(data.__file__).parent / "curated",
        "releases": var / "releases",
        "journal": f"sqlite:///{var / 'journal.sqlite'}",
        "pepper_file": var / "pepper",
    }
    known = Settings.__annotations__
    for name, text in environment.items():
        key = name.removeprefix(_PREFIX).lower()
        if not name.startswith(_PREFIX) or name in _ELSEWHERE or key not in known:
            continue
        values[key] = _checked(key, _parse(key, text, said=f"{name}={text!r}"), said=f"{name}={text!r}")
    for key, value in overrides.items():
        if value is not None:
            values[key] = _checked(key, value, said=f"--{key.replace('_', '-')} {value}")
    values.setdefault("batch_processes", _cores_of_a_worker(values.get("workers", 1)))
    return Settings(**values)  # type: ignore[arg-type]


def unread(environment: Mapping[str, str] | None = None) -> list[str]:
    """Return what to say of variables that look like settings and are none: a misspelt one has no effect."""
    known = [f"{_PREFIX}{name.upper()}" for name in Settings.__annotations__]
    said = []
    for name in sorted(os.environ if environment is None else environment):
        if name.startswith(_PREFIX) and name not in known and name not in _ELSEWHERE:
            close = get_close_matches(name, known, n=1)
            said.append(f"{name} names no setting and has no effect" + (f"; {close[0]} is one" if close else ""))
    return said


def _cores_of_a_worker(workers: object) -> int:
    """Return how many processes beside a worker have a core to run on."""
    cores = (os.cpu_count() or 1) // max(int(str(workers)), 1)
    return min(cores, MAX_BATCH_PROCESSES) if cores > 1 else 0


def _parse(key: str, text: str, *, said: str) -> object:
    """Return the value that a text states; `said` is how it was given.

    Raises:
        SettingsError: it has the wrong form.
    """
    match str(Settings.__annotations__[key]):
        case "bool":
            if text.lower() not in _TRUTHS:
                raise SettingsError(f"{said} is not one of {', '.join(_TRUTHS)}")
            return _TRUTHS[text.lower()]
        case "int" | "float" as kind:
            try:
                return int(text) if kind == "int" else float(text)
            except ValueError:
                raise SettingsError(f"{said} is not {_range(key)}") from None
        case "Path":
            return Path(text)
        case _:
            return text


def _checked(key: str, value: object, *, said: str) -> object:
    """Return a value of the right form, words in small letters; `said` is how it was given.

    Raises:
        SettingsError: it is no word that is known, or out of range.
    """
    if key in _WORDS:
        value = str(value).lower()
        if value not in _WORDS[key]:
            raise SettingsError(f"{said} is not one of {', '.join(_WORDS[key])}")
    if isinstance(value, (int, float)):
        least, most = _LEAST_AND_MOST.get(key, (0, None))
        too_small = value <= 0 if key in _ABOVE_NOTHING else value < least
        if too_small or not value < math.inf or (most is not None and value > most):
            raise SettingsError(f"{said} is not {_range(key)}")
    return value


def _range(key: str) -> str:
    """Return which numbers a setting may be."""
    if Settings.__annotations__[key] == "float":
        return "a number above 0"
    least, most = _LEAST_AND_MOST.get(key, (0, None))
    return f"a whole number from {least} to {most}" if most else f"a whole number of at least {least}"
