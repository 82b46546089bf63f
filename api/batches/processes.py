"""Processes that decide the groups of long batches, so that a batch uses every core and single calls keep theirs.

They are started by the first long batch and end when none has come for a while. Whatever becomes of them, no line is
lost: a group that a process did not answer is decided by the service itself.
"""

from __future__ import annotations

import asyncio
import contextlib
import sys
from collections import deque
from collections.abc import Callable
from pathlib import Path

import structlog

from api.batches.group import Asked, Named
from api.batches.messages import Open, Opening, Question, Reply
from api.problems import ProblemError
from api.version import API_VERSION
from data.framing import packed, receive
from data.processes import ended
from rules.policies.policy import canonical
from rules.version import RULES_VERSION

_IDLE_SECONDS = 60.0
_SLOWEST_SECONDS = 30.0
"""A process that takes longer for one group hangs."""
_ENDING_SECONDS = 3.0
_PIPE_BYTES = 4_000_000

_log = structlog.get_logger("preclear.batch")


class Helper:
    """One process, and who waits for its answers: it answers in the order in which it was asked."""

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        assert process.stdin is not None  # noqa: S101 - asked for at the start
        assert process.stdout is not None  # noqa: S101
        self._process = process
        self._in, self._out = process.stdin, process.stdout
        self._waiting: deque[asyncio.Future[Reply | None]] = deque()

    @property
    def load(self) -> int:
        """How many groups it has still to answer."""
        return len(self._waiting)

    async def open(self, releases: Path) -> bool:
        """Wait until it has opened the latest release; say whether it decides by the same rules as this process.

        Raises:
            asyncio.IncompleteReadError: it has ended instead.
            TimeoutError: it hangs.
        """
        self._in.write(packed(Opening(str(releases))))
        opened: Open = await asyncio.wait_for(receive(self._out, Open), _SLOWEST_SECONDS)
        return opened == Open(rules_version=RULES_VERSION, api_version=API_VERSION)

    async def ask(self, question: Question) -> Reply | None:
        """Return the answer; null when there is none, because the process ended or hangs."""
        future: asyncio.Future[Reply | None] = asyncio.get_running_loop().create_future()
        self._waiting.append(future)
        try:
            self._in.write(packed(question))
            return await asyncio.wait_for(future, _SLOWEST_SECONDS)
        except TimeoutError:
            self.kill()
            return None
        except (RuntimeError, OSError):  # it has just ended: what the event loop says of a pipe that nobody reads
            return None

    async def run(self) -> None:
        """Hand out answers until the process ends.

        Raises:
            asyncio.IncompleteReadError: it has ended.
        """
        while True:
            reply = await receive(self._out, Reply)
            waiting = self._waiting.popleft()
            if not waiting.done():
                waiting.set_result(reply)

    def give_up(self) -> None:
        """Tell everybody who still waits that no answer will come."""
        while self._waiting:
            waiting = self._waiting.popleft()
            if not waiting.done():
                waiting.set_result(None)

    def kill(self) -> None:
        """End the process at once."""
        with contextlib.suppress(ProcessLookupError):
            self._process.kill()

    def finish(self) -> None:
        """Let the process answer what it was asked, then end."""
        self._in.close()


class BatchProcesses:
    """The deciding processes of one service; none when `count` is 0."""

    def __init__(self, releases: Path, count: int) -> None:
        self._releases = releases
        self.count = count
        self.on_change: Callable[[int], None] = lambda _ready: None
        """Called with the number of processes that answer whenever it has changed."""
        self._lives: set[asyncio.Task[None]] = set()
        self._helpers: list[Helper] = []
        self._ending: asyncio.TimerHandle | None = None

    @property
    def ready(self) -> int:
        """How many processes answer now."""
        return len(self._helpers)

    def start(self) -> None:
        """See to it that the processes run, or soon will."""
        self._stay()
        while len(self._lives) < self.count:
            life = asyncio.create_task(self._live())
            self._lives.add(life)
            life.add_done_callback(self._lives.discard)

    async def decide(self, asked: Asked, named: Named) -> Reply | None:
        """Return what the process with the least to do makes of a group; null when there is none to ask."""
        if not self._helpers or any(isinstance(policy, ProblemError) for policy in named.values()):
            return None
        self._stay()
        policies = {
            name: None if policy is None or isinstance(policy, ProblemError) else canonical(policy.policy)
            for name, policy in named.items()
        }
        helper = min(self._helpers, key=lambda each: each.load)
        return await helper.ask(Question(asked=asked, policies=policies))

    async def close(self) -> None:
        """End every process."""
        self.count = 0
        if self._ending is not None:
            self._ending.cancel()
        lives = tuple(self._lives)
        for life in lives:
            life.cancel()
        await asyncio.gather(*lives, return_exceptions=True)

    async def _live(self) -> None:
        """Run one process from its start to its end."""
        process = await asyncio.create_subprocess_exec(
            sys.executable,
            "-m",
            "api.batches.worker",
            stdin=asyncio.subprocess.PIPE,
            stdout=asyncio.subprocess.PIPE,
            limit=_PIPE_BYTES,
        )
        helper = Helper(process)
        try:
            if await helper.open(self._releases):
                self._helpers.append(helper)
                self.on_change(self.ready)
                await helper.run()
            else:
                _log.warning("batch_process_of_another_version", pid=process.pid)
        except (asyncio.IncompleteReadError, ConnectionError, TimeoutError):
            pass
        finally:
            if helper in self._helpers:
                self._helpers.remove(helper)
                self.on_change(self.ready)
            helper.give_up()
            helper.finish()
            code = await ended(process, _ENDING_SECONDS)
            if code and self.count:
                _log.warning("batch_process_ended", pid=process.pid, code=code)

    def _stay(self) -> None:
        """Put off the end of the processes."""
        if self._ending is not None:
            self._ending.cancel()
        self._ending = asyncio.get_running_loop().call_later(_IDLE_SECONDS, self._end)

    def _end(self) -> None:
        """Let the processes end once they have answered what they were asked."""
        helpers, self._helpers = self._helpers, []
        self.on_change(0)
        for helper in helpers:
            helper.finish()
