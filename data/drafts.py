"""Folders to write drafts in, beside the file that each becomes once it is whole.

A folder is locked as long as the process that writes in it lives; the system lets go of the lock whatever ends the
process. So what a killed one left behind is told from the folder of one that is at work, and cleared by the next.
"""

from __future__ import annotations

import fcntl
import os
import shutil
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from tempfile import mkdtemp


@contextmanager
def draft_folder(within: Path, prefix: str) -> Iterator[Path]:
    """Yield a new folder and remove it in the end, and first those of the same prefix that killed processes left.

    Where the file system has no locks, none is held to be left behind.
    """
    with ExitStack() as kept:
        with _held(within, fcntl.LOCK_EX):  # none is looked at between its making and its locking
            for folder in within.glob(f"{prefix}*"):
                with _held(folder, fcntl.LOCK_EX | fcntl.LOCK_NB) as left_behind:
                    if left_behind:
                        shutil.rmtree(folder, ignore_errors=True)
            made = Path(mkdtemp(dir=within, prefix=prefix))
            kept.enter_context(_held(made, fcntl.LOCK_EX))
            kept.callback(shutil.rmtree, made)
        yield made


@contextmanager
def _held(folder: Path, how: int) -> Iterator[bool]:
    """Lock a folder; yield whether it could be."""
    try:
        file = os.open(folder, os.O_RDONLY)
    except FileNotFoundError:
        yield False
        return
    try:
        try:
            fcntl.flock(file, how)
        except OSError:
            yield False
        else:
            yield True
    finally:
        os.close(file)
