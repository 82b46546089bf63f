"""Serving releases that are built elsewhere: the folder is kept up to date in the background."""

from __future__ import annotations

import threading
from collections.abc import Callable

from api.settings import Settings
from data.manifest import read_pointer
from data.refresh.mirror import MirrorError, follow, mirror_latest, origin_of


def start_watching(settings: Settings, origin: str, *, every: float, say: Callable[[str], object]) -> threading.Event:
    """Mirror `origin` into the release folder in the background; set the event to stop.

    Running services notice a new release by the folder's pointer. The first copy is waited for, so that a machine
    without a release of its own can start.

    Raises:
        MirrorError: the origin's address is not one we ask, or there is neither a copy nor a release.
    """
    stop = threading.Event()
    place = origin_of(origin)
    trouble = ""
    try:
        mirror_latest(place, settings.releases)
    except MirrorError as error:
        if read_pointer(settings.releases) is None:
            raise
        trouble = str(error)
        say(f"not mirrored: {trouble}")
    follower = threading.Thread(
        target=follow,
        args=(place, settings.releases, lambda: stop.wait(every), say),
        kwargs={"trouble": trouble},
        name="mirror-releases",
        daemon=True,
    )
    follower.start()
    return stop
