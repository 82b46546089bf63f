"""The process that writes the journal of one service: `python -m data.journal.writing.process`, its socket as input.

It shares no interpreter with the service: in a thread of it every entry would wait for its turn to run between
decisions, and they for it. It ends when the service closes the socket, and so with the service, however that ended;
what it has begun to store by then it stores.
"""

from __future__ import annotations

import signal
import socket
import sys

from data.framing import packed, read
from data.journal.writing.committing import Committer
from data.journal.writing.messages import Opened, Opening, Pending, language
from data.journal.writing.store import Store


def main() -> None:
    """Store what comes until the socket is closed."""
    # These reach the whole group, or every process of a unit: the service decides when its journal ends.
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    with socket.socket(fileno=sys.stdin.fileno()) as service, service.makefile("rb") as asked:
        opening: Opening | None = read(asked, Opening)
        if opening is None:
            return
        store = Store(opening.store, opening.file)
        committer = Committer(store)
        service.sendall(packed(Opened(language())))
        try:
            while (entries := read(asked, list[Pending])) is not None:
                service.sendall(packed(committer.commit(entries)))
        except (BrokenPipeError, ConnectionResetError):  # the service has ended: nobody waits for the answer
            pass
        finally:
            store.close()


if __name__ == "__main__":
    main()
